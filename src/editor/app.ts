import type * as vscode from 'vscode';
import type { LiveVehicle } from '../cms/deployment.ts';
import type { Work } from '../core/work.ts';
import type { DeviceProcess } from '../device/client/deviceProcess.ts';
import type { CertificateFolders } from './certificates/certificateFolders.ts';
import type { Connections } from './connections/connections.ts';
import type { MapPanels } from './map/mapPanels.ts';
import type { Passwords, SavedSignIn } from './stacks/passwords.ts';
import type { SandboxController } from './sandbox/sandboxController.ts';
import type { Sessions, StackRef } from './stacks/sessions.ts';
import type { WorkLoader } from './base/loadBackend.ts';
import type { Simulations } from './simulations/simulations.ts';
import type { TelemetryDocuments } from './base/jsonDocuments.ts';
import type { Node } from './base/node.ts';

/** How one long piece of work is shown and cancelled. */
export interface RunOptions {
  /** Title of the progress notification; the step's name follows it. */
  title: string;
  /** A short look-up: shown in the status bar, not as a notification. */
  quiet?: boolean;
  /** Offered again as a button when the work fails. */
  retry?: () => void;
}

/**
 * What commands and views share. Built once in extension.ts; nothing here is a global.
 */
export interface App {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  /** Loads the bundle with the AWS SDK and the work at first use. */
  readonly work: WorkLoader;
  readonly connections: Connections;
  readonly sandbox: SandboxController;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly certificates: CertificateFolders;
  /** The maps of this window. */
  readonly maps: MapPanels;
  /** The simulations of this window. */
  readonly simulations: Simulations;
  /** Messages, shown as read-only documents. */
  readonly documents: TelemetryDocuments;
  /** What the cloud last said of a vehicle, by the id of its row: drawn until it is asked again. */
  readonly lastSeen: Map<string, LiveVehicle>;
  /** The device process, started at first use. */
  device(): Promise<DeviceProcess>;
  /** The saved sign-in of a stack, or the one the person gives now. Throws when they leave. */
  signInFor(ref: StackRef): Promise<SavedSignIn>;
  /** Reads a row of the tree and all below it again; without one, everything. */
  refresh(node?: Node): void;
  /** Draws rows again with what they know now. */
  redraw(node: Node | Node[]): void;
  /** Runs work under a cancellable progress notification; undefined = cancelled or failed (already shown). */
  run<T>(options: RunOptions, task: (work: Work) => Promise<T>): Promise<T | undefined>;
  /** Shows an error once: sentence, remedy as a button where one exists, Show Log. */
  showError(error: unknown, retry?: () => void): void;
}
