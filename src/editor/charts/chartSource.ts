import * as z from 'zod/mini';
import type { VehicleHistory } from '../../protocol/driveHistory.ts';

/** Small, and read from the page's own state: anything may stand there. */
export const chartRestoreSchema = z.discriminatedUnion('kind', [
  /** By the id of its run. */
  z.object({ kind: z.literal('drive'), id: z.string() }),
]);
export type ChartRestore = z.infer<typeof chartRestoreSchema>;

/** What charts are drawn of: a simulation, a drive that is over, a watch, a replay. */
export interface ChartSource {
  /** Two sources with the same key share one panel. */
  readonly key: string;
  readonly title: string;
  /** All that is known now. */
  vehicles(): readonly VehicleHistory[];
  /** Another one after every change. */
  version(): number;
  /** Whether more may come. */
  isLive(): boolean;
  /** A sentence about what is shown, such as why no more comes. */
  note?(): string | undefined;
  showPayload?(id: string): void;
  /** How the same is opened again after the window was reloaded; undefined for what cannot be. */
  readonly restore: ChartRestore | undefined;
}
