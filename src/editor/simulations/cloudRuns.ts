import * as vscode from 'vscode';
import { isCancelled } from '../../core/errors.ts';
import type { CloudRunReport } from '../../onboarding/cloudDrive.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import { systemClock } from '../../core/work.ts';
import type { StackRef } from '../base/stackRef.ts';

/** How long ending runs may take when the window closes; what is left then is ended by the next start. */
const CLOSE_MS = 2500;

/** What is handed to the simulator of a CMS. */
export interface CloudPlan {
  readonly ref: StackRef;
  readonly vins: readonly string[];
  /** Seconds. */
  readonly duration: number;
}

/** Runs it to its end, and tells how it gets on. */
export type CloudEngine = (
  told: (reports: readonly CloudRunReport[]) => void,
  signal: AbortSignal,
) => Promise<readonly CloudRunReport[]>;

/** One drive that the simulator of a CMS does, under way or over. */
export class CloudDriveRun implements CloudPlan {
  readonly id: string;
  readonly ref: StackRef;
  readonly vins: readonly string[];
  readonly duration: number;
  readonly startedAt: number;
  readonly finished: Promise<void>;
  readonly #abort = new AbortController();
  #reports: readonly CloudRunReport[] = [];
  #problem: unknown;
  #isOver = false;

  constructor(id: string, { ref, vins, duration }: CloudPlan, engine: CloudEngine, changed: () => void) {
    this.id = id;
    this.ref = ref;
    this.vins = vins;
    this.duration = duration;
    this.startedAt = systemClock.now();
    const told = (reports: readonly CloudRunReport[]): void => {
      this.#reports = reports;
      changed();
    };
    this.finished = engine(told, this.#abort.signal)
      .then(told)
      .catch((error: unknown) => {
        if (!isCancelled(error)) this.#problem = error;
      })
      .finally(() => {
        this.#isOver = true;
        changed();
      });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It was asked to end, and the simulator is being told. */
  get isStopping(): boolean {
    return this.#abort.signal.aborted && !this.#isOver;
  }

  get isStopped(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Whether the simulator sends for some of them now. */
  get isRunning(): boolean {
    return this.#reports.some(({ state }) => state === 'running');
  }

  get reports(): readonly CloudRunReport[] {
    return this.#reports;
  }

  /** Why it failed. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Of how many vehicles the CMS has telemetry; undefined where that is not known. */
  get arrived(): number | undefined {
    const known = this.#reports.flatMap(({ arrived }) => arrived ?? []);
    return known.length === 0 ? undefined : known.reduce((sum, some) => sum + some, 0);
  }

  stop(): void {
    this.#abort.abort();
  }
}

/** The drives of this window that simulators of CMS do. */
export class CloudRuns implements vscode.Disposable {
  readonly #runs: CloudDriveRun[] = [];
  readonly #changed = new vscode.EventEmitter<void>();
  /** Runs came, went, or got on. */
  readonly onDidChange = this.#changed.event;
  readonly #ended = new vscode.EventEmitter<CloudDriveRun>();
  readonly onDidEnd = this.#ended.event;
  readonly #timers: Timers;
  #isClosing = false;

  constructor(timers: Timers = systemTimers) {
    this.#timers = timers;
  }

  /** Oldest first. */
  get runs(): readonly CloudDriveRun[] {
    return this.#runs;
  }

  get active(): CloudDriveRun[] {
    return this.#runs.filter((run) => !run.isOver);
  }

  /** Whether a drive on a connection is under way. */
  isUsing(connectionId: string): boolean {
    return this.active.some(({ ref }) => ref.connectionId === connectionId);
  }

  start(plan: CloudPlan, engine: CloudEngine): CloudDriveRun {
    const run = new CloudDriveRun(`cloud-${this.#runs.length}-${systemClock.now()}`, plan, engine, () =>
      this.#changed.fire(),
    );
    this.#runs.push(run);
    this.#changed.fire();
    void run.finished.then(() => {
      if (!this.#isClosing) this.#ended.fire(run);
    });
    return run;
  }

  /** Forgets runs that are over: one, or all of them. */
  clearEnded(only?: CloudDriveRun): void {
    for (const run of [...this.#runs]) {
      if (run.isOver && (only === undefined || run === only)) this.#runs.splice(this.#runs.indexOf(run), 1);
    }
    this.#changed.fire();
  }

  /** Tells the simulators to stop and waits for it, but not for long. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const { active } = this;
    if (active.length === 0) return;
    for (const run of active) run.stop();
    let takeTimer = (): void => undefined;
    const late = new Promise<void>((resolve) => (takeTimer = this.#timers.after(CLOSE_MS, resolve)));
    await Promise.race([late, Promise.all(active.map(({ finished }) => finished))]);
    takeTimer();
  }

  dispose(): void {
    this.#changed.dispose();
    this.#ended.dispose();
  }
}
