import * as vscode from 'vscode';
import { systemTimers, type Timers, within } from '../../core/timers.ts';
import { type KnownVehicle, sameStack, type StackRef, type VehicleOfStack } from '../base/stackRef.ts';
import type { KeptScaleRun, ScaleRecords } from './scaleRecords.ts';
import { type ScaleEngine, ScaleRun, type ScaleStart } from './scaleRun.ts';

/** How long the last word to an engine may take when the window closes. */
const CLOSE_MS = 2500;
/** How long a stop may take that was asked for right before. */
const STOP_MS = 1500;

/** The runs of several workers that this window started or found. The next window finds those that aren't over. */
export class ScaleRuns implements vscode.Disposable {
  readonly #records: ScaleRecords;
  readonly #timers: Timers;
  readonly #runs: ScaleRun[] = [];
  readonly #changed = new vscode.EventEmitter<void>();
  /** Runs came, went, or are in another state. */
  readonly onDidChange = this.#changed.event;
  readonly #progressed = new vscode.EventEmitter<ScaleRun>();
  readonly onDidProgress = this.#progressed.event;
  readonly #ended = new vscode.EventEmitter<ScaleRun>();
  /** Also for one that this window has lost sight of. */
  readonly onDidEnd = this.#ended.event;
  readonly #unsteered = new vscode.EventEmitter<unknown>();
  /** What a run was told did not reach it; told why. */
  readonly onDidNotSteer = this.#unsteered.event;

  constructor(records: ScaleRecords, timers: Timers = systemTimers) {
    this.#records = records;
    this.#timers = timers;
  }

  /** Oldest first. */
  get runs(): readonly ScaleRun[] {
    return this.#runs;
  }

  get active(): ScaleRun[] {
    return this.#runs.filter((run) => !run.isOver);
  }

  get canPause(): boolean {
    return this.active.some((run) => run.canPause);
  }

  /** The run that drives a vehicle, or may still do so. */
  driving({ ref, ...vehicle }: VehicleOfStack): ScaleRun | undefined {
    return this.#runs.find((run) => sameStack(run.kept.ref, ref) && run.drives(vehicle) === true);
  }

  /** Runs on a stack that may drive any of its vehicles: what they drive was not read yet. */
  unknownOn(ref: StackRef): ScaleRun[] {
    return this.#runs.filter((run) => sameStack(run.kept.ref, ref) && run.drives({ vin: '' }) === undefined);
  }

  /** Whether a run drives on a connection, or may still do so: one that isn't followed yet counts, too. */
  async isUsing(connectionId: string): Promise<boolean> {
    const earlier = await this.#records.all();
    const unknown = earlier.filter((kept) => this.#runs.every(({ id }) => id !== kept.id));
    const here = this.#runs.filter((run) => !run.isOver || run.isLost).map(({ kept }) => kept);
    return [...here, ...unknown].some(({ ref }) => ref.connectionId === connectionId);
  }

  /**
   * Follows a run whose job the engine submits. Throws CmsError, and submits none, when the next window would not find
   * it: its workers drive on without this one.
   */
  async start(kept: KeptScaleRun, engine: ScaleEngine, vehicles: readonly KnownVehicle[]): Promise<ScaleRun> {
    await this.#records.keep(kept);
    return this.#follow(kept, engine, { vehicles });
  }

  #follow(kept: KeptScaleRun, engine: ScaleEngine, start?: ScaleStart): ScaleRun {
    let isSubmitting = start !== undefined;
    const events = {
      changed: (it: ScaleRun) => {
        // Another window that looked before its job was there found none, and forgot it.
        if (isSubmitting && it.hasBegun) void this.#records.keepAgain(kept);
        isSubmitting &&= !it.hasBegun;
        this.#changed.fire();
      },
      progressed: (it: ScaleRun) => this.#progressed.fire(it),
      over: (it: ScaleRun) => {
        // The next window looks for one that was only left, or lost.
        if (it.isLeft) return;
        if (!it.isLost) void this.#records.forget(it.id);
        this.#ended.fire(it);
      },
      unsteered: (_it: ScaleRun, problem: unknown) => this.#unsteered.fire(problem),
    };
    const run = new ScaleRun(kept, engine, events, start);
    this.#runs.push(run);
    this.#changed.fire();
    return run;
  }

  /** Follows again what earlier windows of the workspace left. @param ready when that can be done; only then asked */
  async restore(engineOf: (kept: KeptScaleRun) => ScaleEngine, ready?: Promise<unknown>): Promise<void> {
    const earlier = await this.#records.all();
    if (earlier.length > 0) await ready;
    for (const kept of earlier) {
      if (this.#runs.every(({ id }) => id !== kept.id)) this.#follow(kept, engineOf(kept));
    }
  }

  /** Forgets runs that are over: one, or all of them but those that may still drive. */
  clearEnded(only?: ScaleRun): void {
    for (const run of [...this.#runs]) {
      if (!run.isOver || (only === undefined ? run.isLost : run !== only)) continue;
      this.#runs.splice(this.#runs.indexOf(run), 1);
      // The others were forgotten when they ended. One that never began here may have begun in another window since.
      if (run.isLost) void this.#records.forget(run.id);
    }
    this.#changed.fire();
  }

  /** Leaves the runs alone: they go on, and the next window finds them. A job that is being submitted is waited for. */
  async close(): Promise<void> {
    const { active } = this;
    if (active.length === 0) return this.#records.settled();
    const stopping = active.filter(({ isStopping }) => isStopping);
    for (const run of active) if (!stopping.includes(run)) run.leave();
    const said = stopping.map((run) => this.#saidStop(run));
    await within(this.#timers, STOP_MS, said);
    for (const run of stopping) run.leave();
    const finished = Promise.all(active.map((run) => run.finished));
    // Their ends write, too.
    await within(this.#timers, CLOSE_MS, [finished.then(() => this.#records.settled())]);
  }

  /** The next window would not know that it was stopped. */
  #saidStop(run: ScaleRun): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const look = (): void => (run.hasSaidStop ? resolve() : undefined);
      this.onDidProgress(look);
      look();
    });
    return Promise.race([said, run.finished]);
  }

  dispose(): void {
    for (const run of this.active) run.leave();
    for (const emitter of [this.#changed, this.#progressed, this.#ended, this.#unsteered]) emitter.dispose();
  }
}
