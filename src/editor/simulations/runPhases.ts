import type { SimulationUpdate, VehicleState } from '../../protocol/simulation.ts';
import type { RunState } from './runPlan.ts';

type Phase = VehicleState['phase'];

/** The vehicles of a run as they were last heard of, counted by phase. */
export class RunPhases {
  /** By their ids. */
  readonly vehicles = new Map<string, VehicleState>();
  readonly #counts: Record<Phase, number>;

  constructor(vehicles: number) {
    this.#counts = { waiting: vehicles, driving: 0, paused: 0, ending: 0, ended: 0, failed: 0 };
  }

  get counts(): Readonly<Record<Phase, number>> {
    return this.#counts;
  }

  /** How many have not come to their end. */
  get underWay(): number {
    const { waiting, driving, paused, ending } = this.#counts;
    return waiting + driving + paused + ending;
  }

  /** All have arrived, and the last acknowledgements are on their way. */
  get isFinishing(): boolean {
    const { ending } = this.#counts;
    return ending > 0 && ending === this.underWay;
  }

  /** Of a run that is not over. */
  get state(): Extract<RunState, 'starting' | 'running' | 'paused'> {
    const { driving, paused, ending, ended, failed } = this.#counts;
    if (paused > 0 && driving + ending === 0) return 'paused';
    return driving + paused + ending + ended + failed === 0 ? 'starting' : 'running';
  }

  /** Takes in an update; gives those that have failed with it, and whether any count changed. */
  take(update: SimulationUpdate): { failed: VehicleState[]; changed: boolean } {
    const before = { ...this.#counts };
    const failed: VehicleState[] = [];
    for (const state of update.vehicles) {
      const known = this.vehicles.get(state.id)?.phase ?? 'waiting';
      if (known !== state.phase) {
        this.#counts[known] -= 1;
        this.#counts[state.phase] += 1;
        if (state.phase === 'failed') failed.push(state);
      }
      this.vehicles.set(state.id, state);
    }
    const phases = Object.keys(before) as Phase[];
    return { failed, changed: phases.some((phase) => this.#counts[phase] !== before[phase]) };
  }
}
