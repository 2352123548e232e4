import * as vscode from 'vscode';
import { cancelled, CmsError, throwIfAborted } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { DeviceProcess } from '../../device/client/deviceProcess.ts';
import type { VehicleGauges } from '../../device/client/startSimulation.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import type { SimulationRequest, SimulationUpdate, VehicleState } from '../../protocol/simulation.ts';
import type { Driving } from '../base/driving.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { systemTimers, type Timers, within } from '../../core/timers.ts';
import { systemClock } from '../../core/work.ts';
import { sameStack, type StackRef, type VehicleName, type VehicleOfStack } from '../base/stackRef.ts';
import { SimulationRun } from './run.ts';
import type { RunPlan, StartEngine } from './runPlan.ts';
import type { ScaleRun } from './scaleRun.ts';
import type { ScaleRuns } from './scaleRuns.ts';

/** Rows and texts are drawn again so often at most. */
const PROGRESS_MS = 1000;
/** Changes that come together are told together. */
const CHANGE_MS = 100;
/** How long the last messages of runs may take when the window closes. */
const CLOSE_MS = 2500;

/** What workers elsewhere drive. */
interface ElsewhereDriving {
  driving(vehicle: VehicleOfStack): Pick<ScaleRun, 'kept' | 'isPaused'> | undefined;
}

/** The simulations of this window: those under way, and the summaries of those that are over. */
export class Simulations implements Driving, vscode.Disposable {
  readonly #backend: LoadBackend<'startSimulation'>;
  readonly #runs: SimulationRun[] = [];
  readonly #changed = new vscode.EventEmitter<void>();
  /** Runs came, went, or are in another state. */
  readonly onDidChange = this.#changed.event;
  readonly #progressed = new vscode.EventEmitter<SimulationRun[]>();
  /** Runs that got on, once a second at most. */
  readonly onDidProgress = this.#progressed.event;
  readonly #updated = new vscode.EventEmitter<{ run: SimulationRun; update: SimulationUpdate }>();
  /** Everything, as it comes. */
  readonly onDidUpdate = this.#updated.event;
  readonly #started = new vscode.EventEmitter<SimulationRun>();
  readonly onDidStart = this.#started.event;
  readonly #kept = new vscode.EventEmitter<SimulationRun>();
  /** It goes on when the window closes. */
  readonly onDidKeep = this.#kept.event;
  readonly #over = new vscode.EventEmitter<SimulationRun>();
  readonly onDidEnd = this.#over.event;
  readonly #failed = new vscode.EventEmitter<{ run: SimulationRun; vehicles: VehicleState[] }>();
  readonly onDidFailVehicles = this.#failed.event;
  readonly #recordingFailed = new vscode.EventEmitter<{ run: SimulationRun; problem: CmsError }>();
  readonly onDidFailRecording = this.#recordingFailed.event;
  readonly #dirty = new Set<SimulationRun>();
  readonly #timers: Timers;
  /** Take away the timers that are to come. */
  #takeChange: (() => void) | undefined;
  #takeProgress: (() => void) | undefined;
  #isClosing = false;

  readonly #scaleRuns: ElsewhereDriving;
  readonly #listener: vscode.Disposable | undefined;

  /** @param scaleRuns the runs of several workers elsewhere, whose vehicles are being simulated, too */
  constructor(
    backend: LoadBackend<'startSimulation'>,
    timers: Timers = systemTimers,
    scaleRuns?: ElsewhereDriving & Pick<ScaleRuns, 'onDidChange'>,
  ) {
    this.#backend = backend;
    this.#timers = timers;
    this.#scaleRuns = scaleRuns ?? { driving: () => undefined };
    this.#listener = scaleRuns?.onDidChange(() => this.#change());
  }

  /** Oldest first. */
  get runs(): readonly SimulationRun[] {
    return this.#runs;
  }

  get active(): SimulationRun[] {
    return this.#runs.filter((run) => !run.isOver);
  }

  /** Whether any vehicle here can be paused. */
  get canPause(): boolean {
    return this.#runs.some((run) => run.canPause);
  }

  /** The window closes: what ends now is nobody's fault. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  run(id: string): SimulationRun | undefined {
    return this.#runs.find((run) => run.id === id);
  }

  /** The run that drives a vehicle now, and what it knows it by. */
  simulating(vehicle: VehicleOfStack): { run: SimulationRun; id: string } | undefined {
    for (const run of this.#runs) {
      const id = sameStack(run.ref, vehicle.ref) ? run.names.idOf(vehicle) : undefined;
      if (id !== undefined && run.simulates(id)) return { run, id };
    }
    return undefined;
  }

  /** How many vehicles are simulated on the stacks of a connection now. */
  drivingOn(connectionId: string): number {
    const runs = this.active.filter(({ ref }) => ref.connectionId === connectionId);
    return runs.reduce((sum, run) => sum + run.underWay, 0);
  }

  driveOf(vehicle: VehicleOfStack): 'driving' | 'paused' | undefined {
    const found = this.simulating(vehicle);
    if (found === undefined) {
      const elsewhere = this.#scaleRuns.driving(vehicle);
      return elsewhere === undefined ? undefined : elsewhere.isPaused ? 'paused' : 'driving';
    }
    return found.run.vehicles.get(found.id)?.phase === 'paused' ? 'paused' : 'driving';
  }

  lastSentAt(vehicle: VehicleOfStack): number | undefined {
    const times = this.#runs.flatMap(({ ref, names, history }) => {
      const id = sameStack(ref, vehicle.ref) ? names.idOf(vehicle) : undefined;
      return history.vehicles.find((it) => it.id === id)?.times.at(-1) ?? [];
    });
    return times.length === 0 ? undefined : Math.max(...times);
  }

  reportTrouble(vehicle: VehicleOfStack, code: string): boolean {
    const found = this.simulating(vehicle);
    found?.run.control({ do: 'dtc', code, ids: [found.id] });
    return found !== undefined;
  }

  async endTrips(ref: StackRef, vehicles: readonly VehicleName[], signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    for (const { vin, id } of vehicles) {
      const elsewhere = this.#scaleRuns.driving({ ref, vin, id });
      if (elsewhere === undefined) continue;
      const { title } = elsewhere.kept;
      throw new CmsError(
        'REQUEST_INVALID',
        l10n.t('{vin} is being simulated by workers: {title}.', { vin, title }),
        {
          remedy: l10n.t('Stop that simulation first.'),
        },
      );
    }
    const driving = (): { run: SimulationRun; id: string }[] =>
      vehicles.flatMap(({ vin, id }) => this.simulating({ ref, vin, id }) ?? []);
    for (const { run, id } of driving()) run.control({ do: 'stop', ids: [id] });
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void): void => {
        listener.dispose();
        signal.removeEventListener('abort', cancel);
        settle();
      };
      const cancel = (): void => done(() => reject(cancelled()));
      const look = (): void => {
        if (driving().length === 0) done(resolve);
      };
      const listener = this.onDidChange(look);
      signal.addEventListener('abort', cancel);
      look();
    });
  }

  /** What a vehicle last reported in this window: its odometer never runs backwards. */
  gauges(id: string, ref: StackRef): VehicleGauges | undefined {
    for (const run of this.#runs.toReversed()) {
      if (!sameStack(run.ref, ref)) continue;
      const gauges = run.gauges(id);
      if (gauges !== undefined) return gauges;
    }
    return undefined;
  }

  start(plan: RunPlan & { request: SimulationRequest }, device: DeviceProcess): SimulationRun {
    const { startSimulation } = this.#backend();
    const { request } = plan;
    const engine: StartEngine = (_request, update, signal) =>
      startSimulation(
        device,
        request,
        { update },
        {
          signal,
          progress: () => undefined,
          clock: systemClock,
          random: Math.random,
        },
      );
    return this.add(plan, engine);
  }

  /** The same on any engine. */
  add(plan: RunPlan, engine: StartEngine): SimulationRun {
    const run = new SimulationRun(
      plan,
      {
        changed: () => this.#change(),
        updated: (it, update) => {
          this.#updated.fire({ run: it, update });
          this.#progress(it);
        },
        vehiclesFailed: (it, vehicles) => this.#failed.fire({ run: it, vehicles }),
        kept: (it) => this.#kept.fire(it),
        over: (it) => {
          this.#progress(it);
          this.#over.fire(it);
        },
        recordingFailed: (it, problem) => this.#recordingFailed.fire({ run: it, problem }),
      },
      engine,
      () => systemClock.now(),
    );
    this.#runs.push(run);
    this.#started.fire(run);
    this.#change();
    return run;
  }

  /** Goes on with what a crash left, as another run; undefined when nothing is left. */
  resume(
    run: SimulationRun,
    device: DeviceProcess,
    recording: RunPlan['recording'],
  ): SimulationRun | undefined {
    const request = run.isResumable ? run.resumption() : undefined;
    if (request === undefined) return undefined;
    const plan = { title: run.title, ref: run.ref, request };
    run.resumedBy = this.start(recording === undefined ? plan : { ...plan, recording }, device);
    return run.resumedBy;
  }

  /** Steers every run that is under way. */
  controlAll(control: SimulationControl): void {
    for (const run of this.active) run.control(control);
  }

  /** Forgets runs that are over: one, or all of them. */
  clearEnded(only?: SimulationRun): void {
    for (const run of [...this.#runs]) {
      if (run.isOver && (only === undefined || run === only)) this.#runs.splice(this.#runs.indexOf(run), 1);
    }
    this.#change();
  }

  /** Ends all trips except those in the background, of which it ends the recordings. Waits, but not for long. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const { active } = this;
    if (active.length === 0) return;
    const ends = active.map(async (run): Promise<void> => {
      if (run.isKept) await run.stopRecording().catch(() => undefined);
      else {
        run.control({ do: 'stop' });
        await run.finished;
      }
    });
    await within(this.#timers, CLOSE_MS, ends);
  }

  #change(): void {
    this.#takeChange ??= this.#timers.after(CHANGE_MS, () => {
      this.#takeChange = undefined;
      this.#changed.fire();
    });
  }

  #progress(run: SimulationRun): void {
    this.#dirty.add(run);
    this.#takeProgress ??= this.#timers.after(PROGRESS_MS, () => {
      this.#takeProgress = undefined;
      const runs = [...this.#dirty];
      this.#dirty.clear();
      this.#progressed.fire(runs);
    });
  }

  dispose(): void {
    this.#listener?.dispose();
    this.#takeChange?.();
    this.#takeProgress?.();
    const emitters = [
      this.#changed, this.#progressed, this.#updated, this.#started, this.#kept, this.#over, this.#failed, this.#recordingFailed,
    ]; // prettier-ignore
    for (const emitter of emitters) emitter.dispose();
  }
}
