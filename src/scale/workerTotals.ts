import type {
  SimulationDurations,
  SimulationResult,
  SimulationUpdate,
  VehicleState,
} from '../protocol/simulation.ts';
import type { DriveFigures } from '../text/driveSummary.ts';
import { DriveMeter } from '../text/driveSummary.ts';
import {
  type Counts,
  MOST_SAMPLED,
  NO_COUNTS,
  type SampledVehicle,
  type ShardStatus,
} from './channelMessages.ts';
import { emptyResult } from './shard.ts';

/** More problems than a status can hold say nothing more. */
const MOST_PROBLEMS = 10;

/** What a worker knows of its vehicles while they drive. */
export class WorkerTotals {
  readonly #meter = new DriveMeter();
  readonly #problems = new Map<string, ShardStatus['problems'][number]>();
  /** The first that said where they are, by their ids. */
  readonly #sampled = new Map<string, SampledVehicle>();
  readonly #keyless: readonly VehicleState[];
  #counts: Counts = NO_COUNTS;
  durations: SimulationDurations = emptyResult().durations;

  /** @param keyless vehicles that cannot drive */
  constructor(keyless: readonly VehicleState[]) {
    this.#keyless = keyless;
    for (const { vin, id, problem } of keyless) if (problem) this.#problems.set(id, { vin, problem });
  }

  add(update: SimulationUpdate): void {
    this.#meter.add(update);
    this.#counts = countsOf(update.totals);
    for (const { vin, id = vin, serial, time, place } of update.messages) {
      if (place === undefined || (this.#sampled.size >= MOST_SAMPLED && !this.#sampled.has(id))) continue;
      this.#sampled.set(id, { vin, id, serial, time, place });
    }
    if (update.durations) this.durations = update.durations;
    for (const { id, vin, problem } of update.vehicles) {
      if (problem === undefined) this.#problems.delete(id);
      else this.#problems.set(id, { vin, problem });
    }
  }

  get counts(): Counts {
    const { vehicles, failed } = this.#counts;
    const more = this.#keyless.length;
    return { ...this.#counts, vehicles: vehicles + more, failed: failed + more };
  }

  get sample(): SampledVehicle[] {
    return [...this.#sampled.values()];
  }

  get problems(): ShardStatus['problems'] {
    return [...this.#problems.values()].slice(0, MOST_PROBLEMS);
  }

  /** With the vehicles that could not drive. */
  result(result: SimulationResult): { result: SimulationResult; figures: DriveFigures } {
    const vehicles = [...result.vehicles, ...this.#keyless];
    this.#counts = countsOf(result.totals);
    this.durations = result.durations;
    return { result: { ...result, vehicles }, figures: this.#meter.figures(result.totals, vehicles) };
  }
}

function countsOf(totals: SimulationResult['totals']): Counts {
  const { vehicles, online, ended, failed, acknowledged, unacked, queued, lost, resent } = totals;
  const { messagesPerSecond } = totals;
  return { vehicles, online, ended, failed, acknowledged, unacked, queued, lost, resent, messagesPerSecond };
}
