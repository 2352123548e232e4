import type { SimulationUpdate, VehicleState } from '../../protocol/simulation.ts';

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
