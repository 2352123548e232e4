import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { MapFrame, MapRequest, MapScene } from '../../protocol/map.ts';
import type { DriveHistory } from '../../text/history/driveHistory.ts';
import type { SimulationControl } from '../../protocol/control.ts';

/** Small, and read from the map's own state: anything may stand there. */
export const mapRestoreSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('watch'), connectionId: z.string(), stack: z.string() }),
  /** One route of a file by its name, or all. */
  z.object({ kind: z.literal('route'), uri: z.string(), name: z.optional(z.string()) }),
  z.object({ kind: z.literal('recording'), uri: z.string() }),
  /** By the id of its run. */
  z.object({ kind: z.literal('simulation'), id: z.string() }),
  /** A route that is drawn; the page keeps it. */
  z.object({ kind: z.literal('draw') }),
]);

/** What a map shows: a simulation of this window, a watched fleet, a route, or a recording. */
export interface MapSource {
  /** Two sources with the same key share one panel. */
  readonly key: string;
  /** Without `tiles`: those are a setting, and the panel's business. */
  readonly scene: Omit<MapScene, 'kind' | 'tiles'>;
  /** The scene is another one. Without it, it never is. */
  readonly onScene?: vscode.Event<void>;
  /** All that is known now, for a map that was just opened, moved, shown again or reloaded. */
  snapshot(): MapFrame;
  /** What changed; ten a second at most. */
  readonly onFrame: vscode.Event<MapFrame>;
  /** Asked for again while its map is open: tries again what it gave up. */
  wake?(): void;
  steer?(control: SimulationControl): void;
  act?(request: Extract<MapRequest, { kind: 'act' }>): void;
  /** Asks for vehicles that drive the route which is shown. */
  simulate?(): void;
  /** What was heard of the vehicles since the map was opened, for charts. */
  readonly history?: DriveHistory;
  /** Where the route that is shown was read. */
  readonly file?: vscode.Uri;
  /**
   * How the same is opened again after the window was reloaded; small and without secrets, for it is kept on disk.
   * Undefined for what cannot be.
   */
  readonly restore: MapRestore | undefined;
  /** Its panel was closed, or shows something else. */
  dispose(): void;
}

export type MapRestore = z.infer<typeof mapRestoreSchema>;
