import { defined } from '../../core/defined.ts';
import { isCancelled } from '../../core/errors.ts';
import type { Recording } from '../../device/client/recording.ts';
import type { RunningSimulation, VehicleGauges } from '../../device/client/startSimulation.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import type { KeepOrder, RunSoFar } from '../../protocol/backgroundRun.ts';
import type {
  RunRequest,
  SimulationRequest,
  SimulationTotals,
  SimulationUpdate,
  ToldMessage,
  VehicleState,
} from '../../protocol/simulation.ts';
import { DriveHistory } from '../../text/history/driveHistory.ts';
import { type DriveFigures, DriveMeter } from '../../text/driveSummary.ts';
import type { StackRef } from '../base/stackRef.ts';
import { LastMessages } from './lastMessages.ts';
import { RunPhases } from './runPhases.ts';
import type { FoundRun, RunEvents, RunPlan, RunState, StartEngine } from './runPlan.ts';
import { VehicleNames } from './vehicleNames.ts';

/** One simulation of this window, under way or over. */
export class SimulationRun {
  readonly id: string;
  readonly title: string;
  readonly ref: StackRef;
  readonly request: RunRequest;
  /** What the CMS knows its vehicles by. */
  readonly ids: readonly string[];
  readonly names: VehicleNames;
  readonly startedAt: number;
  /** What its vehicles sent, for charts and exports. */
  readonly history: DriveHistory;
  /** Set when it was found in the background. */
  readonly found: FoundRun | undefined;
  /** The run that goes on with what this one left. */
  resumedBy: SimulationRun | undefined;
  readonly #now: () => number;
  readonly #events: RunEvents;
  readonly #abort = new AbortController();
  readonly #messages = new LastMessages();
  readonly #meter: DriveMeter;
  readonly #engine: RunningSimulation;
  readonly #phases: RunPhases;
  #state: RunState = 'starting';
  #stopping = false;
  #isKept: boolean;
  #speed: number;
  #totals: SimulationTotals | undefined;
  #recording: Recording | undefined;
  #recordingSaid = false;
  #problem: unknown;
  #endedAt: number | undefined;
  readonly finished: Promise<void>;

  constructor(plan: RunPlan, events: RunEvents, start: StartEngine, now: () => number) {
    const { request } = plan;
    this.id = request.simulationId;
    this.title = plan.title;
    this.ref = plan.ref;
    this.request = request;
    this.names = new VehicleNames(request.vehicles);
    this.ids = this.names.ids;
    this.#now = now;
    this.found = plan.found;
    const soFar = plan.found?.soFar;
    this.startedAt = plan.found?.startedAt ?? now();
    this.history = new DriveHistory({}, soFar?.history);
    this.#meter = new DriveMeter(soFar?.meter);
    this.#isKept = plan.found !== undefined;
    this.#events = events;
    this.#speed = soFar?.speed ?? request.speed ?? 1;
    this.#recording = plan.recording;
    this.#phases = new RunPhases(this.ids.length);
    this.#engine = start(request, (update) => this.#take(update), this.#abort.signal);
    this.finished = this.#watchEnd();
  }

  get state(): RunState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#endedAt !== undefined;
  }

  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  /** It goes on when the window closes. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /**
   * Lets it go on when the window closes. @param order where it is to be found, given what happened so far
   * Throws CmsError when it is over.
   */
  async keep(order: (soFar: RunSoFar) => KeepOrder): Promise<void> {
    if (this.#isKept) return;
    await this.#engine.keep(() => order(this.#soFar));
    this.#isKept = true;
    this.#events.kept(this);
    this.#events.changed(this);
  }

  get #soFar(): RunSoFar {
    return {
      vehicles: [...this.vehicles.values()],
      meter: this.#meter.state,
      history: [...this.history.vehicles],
      speed: this.#speed,
      ...defined({ totals: this.#totals }),
    };
  }

  /** It was asked to end, and waits for the last acknowledgements. */
  get isStopping(): boolean {
    return this.#stopping && !this.isOver;
  }

  /** All of it was asked to end before its end. */
  get hasBeenStopped(): boolean {
    return this.#stopping || this.#abort.signal.aborted;
  }

  get speed(): number {
    return this.#speed;
  }

  /** Undefined before the first update. */
  get totals(): SimulationTotals | undefined {
    return this.#totals;
  }

  /** Acknowledged in the last second. */
  get messagesPerSecond(): number {
    // The engine says nothing while nothing happens.
    return this.isOver || this.#state === 'paused' ? 0 : (this.#totals?.messagesPerSecond ?? 0);
  }

  /** What was last heard of each vehicle, by its id. */
  get vehicles(): ReadonlyMap<string, VehicleState> {
    return this.#phases.vehicles;
  }

  /** Why it failed or crashed. */
  get problem(): unknown {
    return this.#problem;
  }

  /** What it came to so far; undefined before the first update. */
  get figures(): DriveFigures | undefined {
    return this.#totals === undefined ? undefined : this.#meter.figures(this.#totals, this.vehicles.values());
  }

  get recording(): Recording | undefined {
    return this.#recording;
  }

  /** Everybody has arrived, and the last acknowledgements are on their way. */
  get isFinishing(): boolean {
    return !this.isOver && this.#phases.isFinishing;
  }

  /** How many of its vehicles have not come to their end. */
  get underWay(): number {
    return this.isOver ? 0 : this.#phases.underWay;
  }

  get canResume(): boolean {
    return !this.isOver && !this.#stopping && this.#phases.counts.paused > 0;
  }

  get canPause(): boolean {
    const { driving, waiting } = this.#phases.counts;
    return !this.isOver && !this.#stopping && driving + waiting > 0;
  }

  /** Whether a crash left vehicles that another run can go on with. */
  get isResumable(): boolean {
    return (
      this.#state === 'crashed' && this.resumedBy === undefined && this.#engine.resumption() !== undefined
    );
  }

  /** The request of the run that goes on where this one crashed. */
  resumption(): SimulationRequest | undefined {
    const left = this.#engine.resumption();
    return left === undefined ? undefined : { ...left, speed: this.#speed };
  }

  /** What a vehicle last reported of itself. */
  gauges(id: string): VehicleGauges | undefined {
    return this.#engine.gauges(id);
  }

  /** Whether this vehicle is under way. */
  simulates(id: string): boolean {
    if (this.isOver) return false;
    const phase = this.vehicles.get(id)?.phase;
    return phase === undefined ? this.names.has(id) : phase !== 'ended' && phase !== 'failed';
  }

  /** Steers the named vehicles, or all. Does nothing when it is over. */
  control(control: SimulationControl): void {
    if (this.isOver) return;
    if (control.do === 'speed' && control.ids === undefined) this.#speed = control.factor;
    if (control.do === 'stop' && control.ids === undefined) {
      // Who asks twice does not want to wait for acknowledgements that do not come.
      if (this.#stopping) this.#abort.abort();
      this.#stopping = true;
    }
    this.#engine.control(control);
    this.#events.changed(this);
  }

  /** The message of a vehicle that was acknowledged last, as it was sent; undefined when there is none. */
  lastMessage(id: string): Promise<ToldMessage | undefined> {
    const known = this.#messages.of(id);
    if (known !== undefined || this.isOver) return Promise.resolve(known);
    return this.#messages.wait(id, () => this.#engine.control({ do: 'tell', ids: [id] }));
  }

  /** Records from now on; false when it is over or is being recorded already, and the recording is not taken. */
  record(recording: Recording): boolean {
    if (this.isOver || this.#recording !== undefined) return false;
    this.#recording = recording;
    this.#recordingSaid = false;
    this.#engine.control({ do: 'payloads', on: true });
    this.#events.changed(this);
    return true;
  }

  /** Ends the recording, and gives it when there was one. */
  async stopRecording(): Promise<Recording | undefined> {
    const recording = this.#recording;
    if (recording === undefined) return undefined;
    this.#recording = undefined;
    if (!this.isOver && this.request.payloads !== true) this.#engine.control({ do: 'payloads', on: false });
    await recording.close();
    this.#events.changed(this);
    return recording;
  }

  /** Ends it at once, without a last word. */
  abort(): void {
    this.#abort.abort();
  }

  #take(update: SimulationUpdate): void {
    const { failed, changed } = this.#phases.take(update);
    this.#totals = update.totals;
    this.#meter.add(update);
    this.history.add(update.messages);
    this.#messages.add(update, this.request.payloads === true);
    this.#recording?.add(update.messages, update.omitted);
    this.#events.updated(this, update);
    this.#sayRecording();
    if (failed.length > 0) this.#events.vehiclesFailed(this, failed);
    const state = this.isOver ? this.#state : this.#phases.state;
    if (state === this.#state && !changed) return;
    this.#state = state;
    this.#events.changed(this);
  }

  #sayRecording(): void {
    const problem = this.#recording?.problem;
    if (problem === undefined || this.#recordingSaid) return;
    this.#recordingSaid = true;
    this.#events.recordingFailed(this, problem);
  }

  async #watchEnd(): Promise<void> {
    try {
      const { totals, vehicles } = await this.#engine.ended;
      this.#totals = totals;
      for (const state of vehicles) this.#phases.vehicles.set(state.id, state);
      this.#state = totals.failed === totals.vehicles ? 'failed' : 'ended';
    } catch (error) {
      this.#problem = isCancelled(error) ? undefined : error;
      this.#state = isCancelled(error) ? 'ended' : isCrash(error) ? 'crashed' : 'failed';
    }
    this.#endedAt = this.#now();
    this.#messages.end();
    await this.#recording?.close().catch(() => undefined);
    this.#events.changed(this);
    this.#events.over(this);
  }
}

function isCrash(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'DEVICE_PROCESS_FAILED';
}
