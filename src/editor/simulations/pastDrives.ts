import path from 'node:path';
import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import type { KeptDrive } from '../../protocol/driveHistory.ts';
import type { RunFacts, RunResult } from '../../protocol/backgroundRun.ts';
import { type DriveFigures, DriveMeter } from '../../text/driveSummary.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import { type Log, logError } from '../base/log.ts';
import { keptDriveOf } from './drivePlan.ts';
import type { SimulationRun } from './run.ts';

const KEY = 'pastDrives';
/** The oldest give way. */
const MOST = 50;

/** A drive that is over, of this window or an earlier one. Times are milliseconds since 1970. */
export interface PastDrive {
  /** Of the run. */
  id: string;
  title: string;
  ref: StackRef;
  /** Of its vehicles. */
  vins: string[];
  startedAt: number;
  endedAt: number;
  figures: DriveFigures;
}

interface Sources {
  /** Of the workspace: what is in the list. */
  memory: vscode.Memento;
  /** Where the rest is kept. */
  storage: vscode.Uri;
  backend: LoadBackend<'keptDriveText' | 'readKeptDrive'>;
  log: Log;
}

/** The drives of a workspace that are over: their figures at hand, and all that was sent in a file each. */
export class PastDrives implements vscode.Disposable {
  readonly #sources: Sources;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** Oldest first. */
  #drives: PastDrive[];
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#drives = sources.memory.get<PastDrive[]>(KEY, []).filter(isPastDrive);
  }

  /** Oldest first. */
  get drives(): readonly PastDrive[] {
    return this.#drives;
  }

  find(id: string): PastDrive | undefined {
    return this.#drives.find((drive) => drive.id === id);
  }

  /** The drive before this one: with the same vehicles if there is one, otherwise on the same stack. */
  before(drive: PastDrive): PastDrive | undefined {
    const earlier = this.#drives.filter(
      ({ id, startedAt, ref }) =>
        id !== drive.id &&
        startedAt <= drive.startedAt &&
        ref.connectionId === drive.ref.connectionId &&
        ref.stack === drive.ref.stack,
    );
    const vins = drive.vins.join();
    return earlier.findLast((each) => each.vins.join() === vins) ?? earlier.at(-1);
  }

  /** Keeps a run that is over; one that sent nothing has no result. @returns whether nothing is lost */
  keep(run: SimulationRun): Promise<boolean> {
    const { id, title, ref, startedAt, endedAt, figures } = run;
    if (endedAt === undefined || figures === undefined || figures.acknowledged === 0)
      return Promise.resolve(true);
    const vins = run.names.of().map(({ vin }) => vin);
    const text = this.#sources.backend().keptDriveText(keptDriveOf(run));
    return this.#keep({ id, title, ref: { ...ref }, vins, startedAt, endedAt, figures }, text);
  }

  /** Keeps what a run in the background came to, as `keep` does; in place of what this window saw of it. */
  keepResult({ title, ref, startedAt, request }: RunFacts, result: RunResult): Promise<boolean> {
    const { totals, vehicles, meter, endedAt } = result;
    if (totals === undefined || totals.acknowledged === 0) return Promise.resolve(true);
    const figures = new DriveMeter(meter).figures(totals, vehicles);
    const history = { vehicles: result.history };
    const text = this.#sources.backend().keptDriveText(keptDriveOf({ request, history }));
    const vins = request.vehicles.map(({ vin }) => vin);
    return this.#keep({ id: request.simulationId, title, ref, vins, startedAt, endedAt, figures }, text);
  }

  #keep(drive: PastDrive, text: string): Promise<boolean> {
    const { id } = drive;
    const all = [...this.#drives.filter((each) => each.id !== id), drive];
    const gone = all.slice(0, Math.max(0, all.length - MOST));
    this.#drives = all.slice(-MOST);
    this.#changed.fire();
    return this.#write(async () => {
      const file = this.#fileOf(id);
      await makeFolder(this.#sources.storage.fsPath, path.dirname(file));
      await writeFileSafely(file, text);
      await this.#forget(gone);
    });
  }

  /** All that is kept of a drive. Throws CmsError RECORDING_FAILED. */
  async read({ id }: PastDrive): Promise<KeptDrive> {
    await this.#writing;
    return this.#sources.backend().readKeptDrive(this.#fileOf(id));
  }

  /** Forgets one, or all. */
  clear(only?: PastDrive): void {
    const gone = this.#drives.filter((drive) => only === undefined || drive.id === only.id);
    if (gone.length === 0) return;
    this.#drives = this.#drives.filter((drive) => !gone.includes(drive));
    this.#changed.fire();
    void this.#write(() => this.#forget(gone));
  }

  /** Until everything is on the disk. */
  settled(): Promise<void> {
    return this.#writing;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #forget(gone: readonly PastDrive[]): Promise<void> {
    await this.#sources.memory.update(KEY, this.#drives);
    for (const { id } of gone) await rm(this.#fileOf(id), { force: true });
  }

  /** Never rejects. @returns whether it is on the disk */
  #write(write: () => Promise<void>): Promise<boolean> {
    const written = this.#writing.then(write).then(
      () => true,
      (error: unknown) => {
        logError(this.#sources.log, error);
        return false;
      },
    );
    this.#writing = written.then(() => undefined);
    return written;
  }

  #fileOf(id: string): string {
    return path.join(this.#sources.storage.fsPath, 'drives', `${id.replaceAll(/[^\w.-]/g, '_')}.json`);
  }
}

/** The editor hands out whatever was kept. */
function isPastDrive(kept: unknown): kept is PastDrive {
  return (
    typeof kept === 'object' &&
    kept !== null &&
    ['id', 'title', 'ref', 'vins', 'startedAt', 'endedAt', 'figures'].every((key) => key in kept)
  );
}
