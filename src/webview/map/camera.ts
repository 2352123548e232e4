import type { Map as Renderer } from 'maplibre-gl';
import type { Fleet } from '../fleet/fleet.ts';
import { reducedMotion } from '../base/frames.ts';
import { boxAround, clampLatitude, type Box, type Point } from './geometry.ts';

const FOLLOW_ZOOM = 13.5;
const FIT_ZOOM = 15;
/** Pixels around what is fitted in; less on a small map. */
const PADDING = 64;

/** What of the world is seen. Moves smoothly, or at once for those who want less movement. */
export class Camera {
  readonly #map: Renderer;
  readonly #fleet: Fleet;
  #followed = '';

  constructor(map: Renderer, fleet: Fleet) {
    this.#map = map;
    this.#fleet = fleet;
  }

  view(): Box {
    const bounds = this.#map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  /** Shows all vehicles and planned routes; false if there are none. */
  fit(): boolean {
    const points: Point[] = (this.#fleet.scene?.routes ?? []).flatMap(({ points: line }) => line);
    for (const { now } of this.#fleet.vehicles) {
      if (now.place) points.push([now.place.longitude, now.place.latitude]);
    }
    const box = boxAround(points);
    if (!box) return false;
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const padding = Math.min(PADDING, Math.min(clientWidth, clientHeight) / 6);
    this.#map.fitBounds([...box], { padding, maxZoom: FIT_ZOOM, duration: this.#duration(500) });
    return true;
  }

  /** The selected vehicle into the middle; nearer, the first time. */
  follow(first: boolean): void {
    const place = this.#fleet.selected?.now.place;
    if (!place) return;
    const here = `${place.longitude} ${place.latitude}`;
    // Somebody who zooms meanwhile is not disturbed, and what stands still moves nothing.
    if (!first && (here === this.#followed || this.#map.isZooming())) return;
    this.#followed = here;
    this.#map.easeTo({
      center: [place.longitude, clampLatitude(place.latitude)],
      ...(first && this.#map.getZoom() < FOLLOW_ZOOM && { zoom: FOLLOW_ZOOM }),
      duration: this.#duration(300),
      easing: (t) => t,
    });
  }

  goTo(longitude: number, latitude: number, zoom: number): void {
    this.#map.easeTo({ center: [longitude, latitude], zoom, duration: this.#duration(400) });
  }

  /** How many vehicles are in view. */
  countInView(): number {
    const [west, south, east, north] = this.view();
    let count = 0;
    for (const { now } of this.#fleet.vehicles) {
      if (!now.place) continue;
      const latitude = clampLatitude(now.place.latitude);
      if (latitude < south || latitude > north) continue;
      const from = (((now.place.longitude - west) % 360) + 360) % 360;
      if (from <= east - west) count += 1;
    }
    return count;
  }

  /** Milliseconds a movement takes. */
  #duration(ms: number): number {
    return reducedMotion() ? 0 : ms;
  }
}
