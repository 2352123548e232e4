import type { MapFrame, MapMessage, MapRun, MapScene, MapVehicle } from '../../protocol/map.ts';
import { SpeedHistory } from './speedHistory.ts';
import { placeNow, type Vehicle } from './vehicle.ts';

/** Limits for the number of trail points per vehicle. Trails are shorter in large fleets. */
const TRAIL_MOST = 5000;
const TRAIL_LEAST = 200;
const TRAIL_TOTAL = 1_000_000;
/** In a larger fleet, the speed history is only kept for the selected vehicle. */
const HISTORY_VEHICLES = 500;

/** The data from all messages: the scene, the run and the vehicles. Independent of the page. */
export class Fleet {
  scene: MapScene | undefined;
  run: MapRun | undefined;
  readonly speeds = new SpeedHistory();
  #vehicles: Vehicle[] = [];
  #byId = new Map<string, Vehicle>();
  #selected: string | undefined;
  /** Others that are meant together with it. */
  readonly #also = new Set<string>();
  /** Increases whenever a vehicle appears, disappears or changes. */
  version = 0;
  /** Increases with each new scene. */
  sceneVersion = 0;

  /** In order of appearance. */
  get vehicles(): readonly Vehicle[] {
    return this.#vehicles;
  }

  get(id: string): Vehicle | undefined {
    return this.#byId.get(id);
  }

  /** The id of the selected vehicle, whether or not it has appeared. */
  get selectedId(): string | undefined {
    return this.#selected;
  }

  get selected(): Vehicle | undefined {
    return this.#selected === undefined ? undefined : this.#byId.get(this.#selected);
  }

  /** The ids of all that are selected, the one whose details are shown last. */
  get chosenIds(): string[] {
    const others = [...this.#also].filter((id) => id !== this.#selected);
    return this.#selected === undefined ? others : [...others, this.#selected];
  }

  /** All that are selected and have appeared. */
  get chosen(): Vehicle[] {
    return this.chosenIds.flatMap((id) => this.#byId.get(id) ?? []);
  }

  isChosen(id: string): boolean {
    return id === this.#selected || this.#also.has(id);
  }

  /** Selects this one alone; with `others`, those stay selected, too. */
  select(id: string | undefined, others: Iterable<string> = []): void {
    this.#also.clear();
    for (const other of others) this.#also.add(other);
    this.#choose(id);
  }

  /** Selects one more, or one less. */
  toggle(id: string): void {
    const chosen = this.chosenIds;
    if (chosen.includes(id)) {
      const left = chosen.filter((each) => each !== id);
      this.select(left.at(-1), left);
    } else this.select(id, chosen);
  }

  /** Those that stay selected while another one is looked at. */
  get kept(): string[] {
    return [...this.#also];
  }

  /** Keeps the selected one selected while another is looked at, or no longer. */
  toggleKept(): void {
    const id = this.#selected;
    if (id === undefined) return;
    if (!this.#also.delete(id)) this.#also.add(id);
    this.version += 1;
  }

  #choose(id: string | undefined): void {
    this.version += 1;
    if (id === this.#selected) return;
    this.#selected = id;
    if (this.#vehicles.length > HISTORY_VEHICLES) this.speeds.keepOnly(id);
  }

  apply(message: Exclude<MapMessage, { kind: 'select' | 'route-saved' | 'loaded' }>): void {
    if (message.kind === 'scene') {
      this.scene = message;
      this.sceneVersion += 1;
    } else {
      this.#frame(message);
    }
    this.version += 1;
  }

  #frame(frame: MapFrame): void {
    if (frame.reset) {
      this.#vehicles = [];
      this.#byId = new Map();
      this.run = undefined;
      this.speeds.clear();
    }
    if (frame.run) this.run = frame.run;
    const keep = Math.max(
      TRAIL_LEAST,
      Math.min(TRAIL_MOST, Math.floor(TRAIL_TOTAL / (this.#vehicles.length + frame.vehicles.length))),
    );
    for (const vehicle of frame.vehicles) this.#vehicle(vehicle, keep);
  }

  #vehicle(now: MapVehicle, keep: number): void {
    let vehicle = this.#byId.get(now.id);
    if (!vehicle) {
      vehicle = { index: this.#vehicles.length, id: now.id, vin: now.vin, now, trail: [], trailVersion: 0 };
      this.#vehicles.push(vehicle);
      this.#byId.set(now.id, vehicle);
    }
    vehicle.now = now;
    if (now.trail.length > 0) {
      for (const point of now.trail) vehicle.trail.push(point);
      if (vehicle.trail.length > keep * 1.25) vehicle.trail.splice(0, vehicle.trail.length - keep);
      vehicle.trailVersion += 1;
    }
    const place = placeNow(now);
    if (place && (this.#vehicles.length <= HISTORY_VEHICLES || now.id === this.#selected)) {
      // A page that was hidden gets the whole trail, and with it the speeds it has missed.
      const timed = now.trail.filter(({ time }) => time !== undefined);
      for (const { time, speed } of timed.length > 0 ? timed : [place]) {
        if (time !== undefined && speed !== undefined) this.speeds.add(now.id, { time, speed });
      }
    }
  }
}
