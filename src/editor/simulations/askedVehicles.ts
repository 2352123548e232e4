import type { VehicleName } from '../base/stackRef.ts';
import type { DriveAnswers } from './driveSettings.ts';

/** The vehicles a wizard asks for: its answer is text, such as ids, and names people know stand beside it. */
export class AskedVehicles {
  readonly answers: DriveAnswers;
  readonly #byValue = new Map<string, VehicleName>();

  constructor(answers: DriveAnswers) {
    this.answers = answers;
  }

  /** What is chosen, as values of the question; undefined before anything is. */
  get values(): string[] | undefined {
    return this.answers.vehicles?.split('\n').filter((value) => value !== '');
  }

  get chosen(): VehicleName[] {
    return (this.values ?? []).map((value) => this.#byValue.get(value) ?? { vin: value });
  }

  /** Learns the names of what can be chosen. */
  offer(vehicles: readonly VehicleName[]): void {
    for (const vehicle of vehicles) this.#byValue.set(vehicle.id ?? vehicle.vin, vehicle);
  }

  choose(vehicles: readonly VehicleName[]): void {
    this.offer(vehicles);
    this.answers.vehicles = vehicles.map(({ vin, id = vin }) => id).join('\n');
  }
}
