import { isCancelled, isCmsError } from '../../core/errors.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import type { RunChannel } from '../../scale/controller.ts';
import type { MergedResult } from '../../scale/merge.ts';
import type { RunView, ShardView } from '../../scale/runView.ts';
import type { Route } from '../../telemetry/drive.ts';
import type { KnownVehicle, VehicleName } from '../base/stackRef.ts';
import type { KeptScaleRun } from './scaleRecords.ts';
import { VehicleNames } from './vehicleNames.ts';

/** How a run is steered. */
export type Steering = Pick<RunChannel, 'control' | 'pause' | 'resume' | 'setSpeed' | 'reportTrouble'>;

/** What is told of a run while it is followed. */
export interface ScaleEvents {
  readonly view: (view: RunView) => void;
  /** The plan was read, and the run channel is open. */
  readonly opened: (steering: Steering, routes: readonly Route[]) => void;
  /** Which vehicles it drives, for a window that didn't start it. */
  readonly named: (vehicles: readonly KnownVehicle[]) => void;
}

/** Follows a run to its end. `stop` ends its trips, `signal` only leaves it alone. */
export type ScaleEngine = (
  events: ScaleEvents,
  stop: AbortSignal,
  signal: AbortSignal,
) => Promise<MergedResult>;

/** What a window that starts a run knows of it; one that finds it reads that. */
export interface ScaleStart {
  vehicles: readonly KnownVehicle[];
}

interface RunEvents {
  changed(run: ScaleRun): void;
  progressed(run: ScaleRun): void;
  over(run: ScaleRun): void;
  /** What it was told didn't reach it. */
  unsteered(run: ScaleRun, problem: unknown): void;
}

/** One run of several workers elsewhere, as this window follows it. */
export class ScaleRun {
  readonly kept: KeptScaleRun;
  readonly #engine: ScaleEngine;
  readonly #events: RunEvents;
  readonly #leave = new AbortController();
  #stop = new AbortController();
  #steering: Steering | undefined;
  #routes: readonly Route[] = [];
  #view: RunView | undefined;
  #result: MergedResult | undefined;
  #problem: unknown;
  #isOver = false;
  #told = '';
  #finished: Promise<void>;
  readonly #submits: boolean;
  #names: VehicleNames | undefined;

  /** @param start of a run whose job the engine submits; without it the job was submitted before */
  constructor(kept: KeptScaleRun, engine: ScaleEngine, events: RunEvents, start?: ScaleStart) {
    this.kept = kept;
    this.#submits = start !== undefined;
    if (start !== undefined) this.#names = new VehicleNames(start.vehicles);
    this.#engine = engine;
    this.#events = events;
    this.#finished = this.#follow(engine);
  }

  get id(): string {
    return this.kept.id;
  }

  get startedAt(): number {
    return this.kept.startedAt;
  }

  /** Settles when it is over, or not followed any more. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** It has ended, or this window has lost sight of it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted && !this.#isOver;
  }

  /** Its workers stop, whoever follows them. */
  get hasSaidStop(): boolean {
    return this.#steering?.control?.stopAt !== undefined;
  }

  /** This window leaves it alone; it goes on. */
  get isLeft(): boolean {
    return this.#leave.signal.aborted;
  }

  /** It could not be followed, and may still drive. */
  get isLost(): boolean {
    return this.#isOver && this.#problem !== undefined && !this.neverBegan && !isFinal(this.#problem);
  }

  /** Over before this window let its workers go: whatever was submitted was ended then. */
  get neverBegan(): boolean {
    return this.#isOver && this.#submits && !this.hasBegun;
  }

  /** Whether it drives a vehicle, or may still do so; undefined while it is not known which ones it drives. */
  drives(vehicle: VehicleName): boolean | undefined {
    if (this.#isOver && !this.isLost) return false;
    return this.#names === undefined ? undefined : this.#names.idOf(vehicle) !== undefined;
  }

  get hasBegun(): boolean {
    return this.#steering?.control !== undefined;
  }

  get isPaused(): boolean {
    return this.#steering?.control?.clock.factor === 0;
  }

  get canPause(): boolean {
    return this.hasBegun && !this.isOver && !this.isStopping && !this.isPaused;
  }

  get speed(): number {
    return this.#steering?.control?.speed ?? 1;
  }

  /** Empty until the plan was read. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  /** Undefined before the first look. */
  get view(): RunView | undefined {
    return this.#view;
  }

  shard(number: number): ShardView | undefined {
    return this.#view?.shards[number - 1];
  }

  get result(): MergedResult | undefined {
    return this.#result;
  }

  /** Why it failed, or why it could not be followed. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Steers all vehicles; what a run of several workers can't do is ignored. */
  control(control: SimulationControl): void {
    if (this.#isOver) {
      if (control.do === 'resume' && this.isLost) this.#followAgain();
      return;
    }
    if (control.do === 'stop') {
      this.#stop.abort();
      this.#events.changed(this);
      return;
    }
    this.#steer(control)?.then(
      () => this.#events.changed(this),
      (problem: unknown) => this.#events.unsteered(this, problem),
    );
  }

  #steer(control: SimulationControl): Promise<void> | undefined {
    switch (control.do) {
      case 'pause':
        return this.#steering?.pause();
      case 'resume':
        return this.#steering?.resume();
      case 'speed':
        return this.#steering?.setSpeed(control.factor);
      case 'dtc':
        return this.#steering?.reportTrouble(control.code);
      default:
        return undefined;
    }
  }

  leave(): void {
    this.#leave.abort();
  }

  #followAgain(): void {
    this.#isOver = false;
    this.#problem = undefined;
    this.#stop = new AbortController();
    this.#finished = this.#follow(this.#engine);
    this.#events.changed(this);
  }

  async #follow(engine: ScaleEngine): Promise<void> {
    try {
      this.#result = await engine(
        {
          view: (view) => this.#take(view),
          opened: (steering, routes) => {
            this.#steering = steering;
            this.#routes = routes;
            this.#events.changed(this);
          },
          named: (vehicles) => {
            this.#names = new VehicleNames(vehicles);
            this.#events.changed(this);
          },
        },
        this.#stop.signal,
        this.#leave.signal,
      );
    } catch (error) {
      if (!this.#isMeant(error)) this.#problem = error;
    } finally {
      this.#isOver = true;
      this.#events.changed(this);
      this.#events.over(this);
    }
  }

  /** Whether this window ended it so. A question that a person leaves, such as that for a one-time code, ends no run. */
  #isMeant(error: unknown): boolean {
    if (!isCancelled(error)) return false;
    if (this.#leave.signal.aborted) return true;
    const isUnbegun = this.#submits ? !this.hasBegun : isCmsError(error) && error.step === 'barrier';
    return this.#stop.signal.aborted && isUnbegun;
  }

  #take(view: RunView): void {
    this.#view = view;
    // Somebody else may have paused it.
    const told = [this.hasBegun, this.isPaused, this.speed].join();
    if (told !== this.#told) this.#events.changed(this);
    this.#told = told;
    this.#events.progressed(this);
  }
}

/** Another look would say the same: there is no such run, or none of its workers came. */
function isFinal(problem: unknown): boolean {
  return isCmsError(problem) && ['REQUEST_INVALID', 'RUN_NOT_READY'].includes(problem.code);
}
