import type { MapPlace, MapVehicle } from '../../protocol/map.ts';
import { roughDistance } from '../../telemetry/drive/position.ts';

type Point = MapVehicle['trail'][number];

/** Metres nobody sees on a map, and what a position may be wrong by. */
const SLACK = 300;

/** Where one vehicle came along, oldest first, and which of it is new. */
export class Trail {
  #points: Point[] = [];
  #fresh = 0;

  add(point: Point): void {
    this.#points.push(point);
    this.#fresh += 1;
  }

  /** Drops the oldest beyond so many; now and then, because moving an array costs. */
  keep(most: number): void {
    if (this.#points.length <= most * 1.25) return;
    this.#points = this.#points.slice(-most);
    this.#fresh = Math.min(this.#fresh, most);
  }

  all(): Point[] {
    return [...this.#points];
  }

  /** Those added since the last call. */
  takeFresh(): Point[] {
    const fresh = this.#fresh === 0 ? [] : this.#points.slice(-this.#fresh);
    this.#fresh = 0;
    return fresh;
  }
}

/** Meters per second, for a vehicle whose speed is not known. */
const FASTEST = 50;

/**
 * Whether a vehicle was set down elsewhere, as by a jump or at the start of the next round: it is farther away than
 * its odometer, and its speed for vehicles without one, can explain.
 */
export function isSetDown(before: MapPlace, now: MapPlace): boolean {
  const away = roughDistance(before, now);
  if (away <= SLACK) return false;
  const byOdometer = (now.odometer ?? NaN) - (before.odometer ?? NaN);
  const speeds = (before.speed ?? FASTEST) + (now.speed ?? FASTEST);
  const bySpeed = (speeds * Math.max(0, now.time - before.time)) / 1000;
  return away > SLACK + 2 * Math.max(Number.isNaN(byOdometer) ? 0 : byOdometer, bySpeed);
}
