import type { MapVehicle } from '../../protocol/map.ts';

type Point = MapVehicle['trail'][number];

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
