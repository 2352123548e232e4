import { unwatchFile, watchFile } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { isCmsError, throwIfAborted } from '../../core/errors.ts';
import { checkFolder, hasCode, makeFolder } from '../../core/safeFiles.ts';
import type { Timers } from '../../core/timers.ts';
import { systemClock } from '../../core/work.ts';
import type { RunFacts, RunRecord, RunResult } from '../../protocol/backgroundRun.ts';
import { DriveMeter, summaryWords } from '../../text/driveSummary.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { type Log, logError } from '../base/log.ts';
import { say, sayProblem } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import { windowMeasures } from '../map/mapSettings.ts';
import type { PastDrives } from './pastDrives.ts';
import type { SimulationRun } from './run.ts';
import type { Simulations } from './simulations.ts';

/** How soon a window notices what another one keeps running. */
const NOTICE_MS = 1000;
/** Between two attempts to reach a run that does not answer, or to save a result. */
const AGAIN_MS = { first: 2000, most: 60_000 };

interface Sources {
  simulations: Simulations;
  past: Pick<PastDrives, 'keep' | 'keepResult'>;
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
  timers: Timers;
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
  #wait = AGAIN_MS.first;
  #takeAgain: (() => void) | undefined;
  /** Results that could not be saved, which was said. */
  readonly #unsaved = new Set<string>();
  readonly #over = new vscode.EventEmitter<SimulationRun>();
  /** A run that this window saw end has ended indeed: when only the connection was lost, it is found again instead. */
  readonly onDidEnd = this.#over.event;
  readonly #told = new WeakSet<SimulationRun>();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#folder = path.join(sources.globalStorage, 'background');
    // What it came to, and whether it is over at all or only out of reach, is in the folder.
    this.#ended = sources.simulations.onDidEnd((run) => {
      if (run.isKept) void this.find();
      // Who hears of that end has told it, also when the run is being kept just now.
      else this.#told.add(run);
    });
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
    this.#takeAgain?.();
    unwatchFile(this.#folder, this.#noticed);
    this.#ended.dispose();
    this.#over.dispose();
  }

  async #find(): Promise<void> {
    const isDone = await this.#lookThrough().catch((error: unknown) => {
      logError(this.#sources.log, error);
      // A folder that others could change stays so until somebody changes it, which is noticed.
      return isCmsError(error);
    });
    if (this.#disposed.signal.aborted) return;
    this.#takeAgain?.();
    this.#takeAgain = isDone ? undefined : this.#sources.timers.after(this.#wait, this.#noticed);
    this.#wait = isDone ? AGAIN_MS.first : Math.min(AGAIN_MS.most, 2 * this.#wait);
  }

  /** False if something is to be tried again. */
  async #lookThrough(): Promise<boolean> {
    // The backend is loaded only when there is something to read.
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    });
    const { backend, log, simulations } = this.#sources;
    const unread: unknown[] = [];
    const records =
      names.length === 0
        ? []
        : await backend().backgroundRecords(this.#folder, (error) => {
            logError(log, error);
            unread.push(error);
          });
    let isDone = true;
    for (const record of records) {
      throwIfAborted(this.#disposed.signal);
      try {
        isDone = (await this.#take(record)) && isDone;
      } catch (error) {
        logError(log, error);
        isDone = false;
      }
    }
    // A record that the system did not let us read just now may be that of one of them.
    if (unread.some((error) => error instanceof Error && error.cause !== undefined)) return false;
    // Another window of this workspace was the first to take their results.
    const recorded = new Set(records.map(({ facts }) => facts.request.simulationId));
    for (const run of simulations.runs)
      if (run.isKept && run.isOver && !recorded.has(run.id)) await this.#endWithout(run);
    return isDone;
  }

  /** Attaches to a run, or takes its result; false if that is to be tried again. */
  async #take(record: RunRecord): Promise<boolean> {
    const { simulations, backend } = this.#sources;
    const { facts } = record;
    const id = facts.request.simulationId;
    const known = simulations.run(id);
    if (known?.isOver === false) return true;
    const taken = await this.#takeResult(facts, known);
    if (taken !== undefined) return taken;
    const attached = await backend().attachBackgroundRun(record);
    if (attached === undefined) {
      // It may have ended just now.
      const late = await this.#takeResult(facts, known);
      if (late !== undefined) return late;
      const isOfHere = facts.workspace === this.#sources.workspace;
      const isFirst = isOfHere && (await backend().forgetBackgroundRun(this.#folder, id));
      if (known !== undefined) await this.#endWithout(known);
      else if (isFirst)
        void notify.warn(
          vscode.l10n.t('{0} stopped in the background before its end. It left no result.', facts.title),
        );
      return true;
    }
    // Only the connection was lost. What was sent meanwhile is in what the run has counted.
    if (known !== undefined) simulations.clearEnded(known);
    const { title, ref, startedAt, workspace, request } = facts;
    const found = { startedAt, workspace, soFar: attached.soFar };
    simulations.add({ title, ref, request, found }, (_request, update, signal) =>
      attached.follow(id, { update }, { signal, clock: systemClock }),
    );
    return true;
  }

  /**
   * Takes over what it came to; undefined while it goes on, false if it could not be saved.
   * @param known as this window saw it end
   */
  async #takeResult(facts: RunFacts, known: SimulationRun | undefined): Promise<boolean | undefined> {
    const { past, backend, workspace } = this.#sources;
    const id = facts.request.simulationId;
    const result = await backend().backgroundResult(this.#folder, id);
    if (result === undefined) return undefined;
    // A window of its own workspace takes it.
    if (facts.workspace !== workspace) {
      if (known !== undefined && !this.#endSeen(known)) this.#tell(facts, result);
      return true;
    }
    if (!(await past.keepResult(facts, result))) {
      if (!this.#unsaved.has(id))
        void notify.warn(
          vscode.l10n.t(
            'The result of {0} could not be saved. Make room on the disk; it is tried again.',
            facts.title,
          ),
        );
      this.#unsaved.add(id);
      return false;
    }
    const isFirst = await backend().forgetBackgroundRun(this.#folder, id);
    const isSeen = known !== undefined && this.#endSeen(known);
    if (!isSeen && isFirst) this.#tell(facts, result);
    return true;
  }

  /** What this window saw is all there is. */
  async #endWithout(run: SimulationRun): Promise<void> {
    if (!this.#told.has(run) && this.isOfThisWorkspace(run)) await this.#sources.past.keep(run);
    this.#end(run);
  }

  /** Of a run whose result is there: whether this window saw it end. */
  #endSeen(run: SimulationRun): boolean {
    if (run.state !== 'crashed') {
      this.#end(run);
      return true;
    }
    // What a window saw that lost the connection is not how it ended: no news of it, no row, and no result.
    this.#told.add(run);
    this.#sources.simulations.clearEnded(run);
    return false;
  }

  #end(run: SimulationRun): void {
    if (this.#told.has(run)) return;
    this.#told.add(run);
    this.#over.fire(run);
  }

  #tell({ title }: RunFacts, { totals, vehicles, meter, problem }: RunResult): void {
    const words =
      totals === undefined
        ? []
        : summaryWords(new DriveMeter(meter).figures(totals, vehicles), windowMeasures()).map(say);
    const figures = words.join(', ');
    if (problem !== undefined) {
      const failed = vscode.l10n.t('{0} failed in the background: {1}', title, sayProblem(problem));
      void notify.error([failed, figures].filter((part) => part !== '').join(' '));
      return;
    }
    const said = [vscode.l10n.t('{0} has ended in the background', title), figures];
    void notify.info(said.filter((part) => part !== '').join(': '));
  }
}
