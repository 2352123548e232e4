import { unwatchFile, watchFile } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { throwIfAborted } from '../../core/errors.ts';
import { checkFolder, makeFolder } from '../../core/safeFiles.ts';
import { systemClock } from '../../core/work.ts';
import type { RunFacts, RunRecord } from '../../protocol/backgroundRun.ts';
import { DriveMeter, summaryWords } from '../../text/driveSummary.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { type Log, logError } from '../base/log.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import type { PastDrives } from './pastDrives.ts';
import type { SimulationRun } from './run.ts';
import type { Simulations } from './simulations.ts';

/** How soon a window notices what another one keeps running. */
const NOTICE_MS = 1000;

interface Sources {
  simulations: Simulations;
  past: Pick<PastDrives, 'keepResult' | 'settled'>;
  /** Of the extension, for all windows of this user. */
  globalStorage: string;
  /** URI of this workspace, whose results are kept here; empty without one. */
  workspace: string;
  backend: LoadBackend<
    | 'attachBackgroundRun'
    | 'backgroundFiles'
    | 'backgroundRecords'
    | 'backgroundResult'
    | 'forgetBackgroundRun'
    | 'runFactsText'
  >;
  log: Log;
}

/**
 * The simulations of this user that outlive their window. Every window finds them, as it finds the sandbox: each has a
 * record in a folder, and listens on a local socket. A window of the workspace that started one keeps its result.
 */
export class BackgroundRuns implements vscode.Disposable {
  readonly #sources: Sources;
  readonly #folder: string;
  readonly #ended: vscode.Disposable;
  readonly #noticed = (): void => void this.find();
  readonly #disposed = new AbortController();
  /** One look after the other. */
  #looking: Promise<void> = Promise.resolve();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#folder = path.join(sources.globalStorage, 'background');
    this.#ended = sources.simulations.onDidEnd((run) => void this.#over(run));
    // Polled, because the folder may not be there yet and network file systems tell nothing.
    watchFile(this.#folder, { interval: NOTICE_MS, persistent: false }, this.#noticed);
  }

  /** Lets a run go on when this window closes. Throws CmsError. */
  async keep(run: SimulationRun): Promise<void> {
    const { globalStorage, workspace, backend } = this.#sources;
    await makeFolder(globalStorage, this.#folder);
    // The token by which a run is steered is in it.
    await checkFolder(this.#folder);
    const { backgroundFiles, runFactsText } = backend();
    const { title, startedAt, request } = run;
    const facts = runFactsText({ title, ref: { ...run.ref }, startedAt, workspace, request });
    await run.keep((soFar) => ({ ...backgroundFiles(this.#folder, run.id), facts, soFar }));
  }

  /** Looks for runs of other windows, and of those that are closed. Never rejects. */
  find(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#find())
      .catch((error: unknown) => logError(this.#sources.log, error));
    return this.#looking;
  }

  /** Whether the result of a run is of this workspace. */
  isOfThisWorkspace({ found }: Pick<SimulationRun, 'found'>): boolean {
    return found === undefined || found.workspace === this.#sources.workspace;
  }

  dispose(): void {
    this.#disposed.abort();
    unwatchFile(this.#folder, this.#noticed);
    this.#ended.dispose();
  }

  async #find(): Promise<void> {
    // The backend is loaded only when there is something to read.
    const names = await readdir(this.#folder).catch(() => []);
    if (names.length === 0) return;
    const { backend, log } = this.#sources;
    const records = await backend().backgroundRecords(this.#folder, (error) => logError(log, error));
    for (const record of records) {
      throwIfAborted(this.#disposed.signal);
      await this.#take(record).catch((error: unknown) => logError(log, error));
    }
  }

  async #take(record: RunRecord): Promise<void> {
    const { simulations, backend } = this.#sources;
    const { facts } = record;
    const id = facts.request.simulationId;
    if (simulations.run(id) !== undefined || (await this.#takeResult(facts))) return;
    const attached = await backend().attachBackgroundRun(record);
    if (attached === undefined) {
      // It may have ended just now.
      if (!(await this.#takeResult(facts)) && facts.workspace === this.#sources.workspace) {
        await backend().forgetBackgroundRun(this.#folder, id);
        void notify.warn(
          vscode.l10n.t('{0} stopped in the background before its end. It left no result.', facts.title),
        );
      }
      return;
    }
    const { title, ref, startedAt, workspace, request } = facts;
    const found = { startedAt, workspace, soFar: attached.soFar };
    simulations.add({ title, ref, request, found }, (_request, update, signal) =>
      attached.follow(id, { update }, { signal, clock: systemClock }),
    );
  }

  /** Takes over what it came to while no window was there; false while it goes on. */
  async #takeResult(facts: RunFacts): Promise<boolean> {
    const { past, backend, workspace } = this.#sources;
    const id = facts.request.simulationId;
    const result = await backend().backgroundResult(this.#folder, id);
    if (result === undefined) return false;
    // A window of its own workspace takes it.
    if (facts.workspace !== workspace) return true;
    past.keepResult(facts, result);
    await past.settled();
    await backend().forgetBackgroundRun(this.#folder, id);
    const { totals, vehicles, meter } = result;
    const words =
      totals === undefined
        ? []
        : summaryWords(new DriveMeter(meter).figures(totals, vehicles), windowMeasures()).map(say);
    const said = [vscode.l10n.t('{0} has ended in the background', facts.title), words.join(', ')];
    void notify.info(said.filter((part) => part !== '').join(': '));
    return true;
  }

  /** A run that ended while this window watched it. */
  async #over(run: SimulationRun): Promise<void> {
    if (!run.isKept || !this.isOfThisWorkspace(run)) return;
    const { past, backend, log } = this.#sources;
    try {
      await past.settled();
      await backend().forgetBackgroundRun(this.#folder, run.id);
    } catch (error) {
      logError(log, error);
    }
  }
}
