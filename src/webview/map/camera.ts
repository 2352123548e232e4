import type { Map as Renderer } from 'maplibre-gl';
import type { Fleet } from '../fleet/fleet.ts';
import { reducedMotion } from '../base/frames.ts';
import { boxAround, clampLatitude, type Box, type Point } from './geometry.ts';

const FOLLOW_ZOOM = 13.5;
const FIT_ZOOM = 15;
/** Padding in pixels when fitting; less on a small map. */
const PADDING = 64;

/** The visible part of the world. Moves smoothly, or at once with reduced motion. */
export class Camera {
  readonly #map: Renderer;
  readonly #fleet: Fleet;
  #followed = '';
  /** Everything was shown, and nobody has moved the map since. */
  #isFitted = false;
  #size: Size;

  constructor(map: Renderer, fleet: Fleet) {
    this.#map = map;
    this.#fleet = fleet;
    map.on('movestart', ({ originalEvent }) => {
      if (originalEvent !== undefined) this.#isFitted = false;
    });
    this.#size = sizeOf(map, fleet);
    map.on('resize', () => this.#resized());
  }

  view(): Box {
    const bounds = this.#map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  /** Shows all vehicles and planned routes; false if there are none. */
  fit(): boolean {
    this.#isFitted = this.#showAll(this.#duration(500));
    return this.#isFitted;
  }

  #showAll(duration: number): boolean {
    const points: Point[] = (this.#fleet.scene?.routes ?? []).flatMap(({ points: line }) => line);
    for (const { now } of this.#fleet.vehicles) {
      if (now.place) points.push([now.place.longitude, now.place.latitude]);
    }
    const box = boxAround(points);
    if (!box) return false;
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const padding = Math.min(PADDING, Math.min(clientWidth, clientHeight) / 6);
    this.#map.fitBounds([...box], { padding, maxZoom: FIT_ZOOM, duration });
    return true;
  }

  /** Centers the selected vehicle. The first time, also zooms in. */
  follow(first: boolean): void {
    const place = this.#fleet.selected?.now.place;
    if (!place) return;
    const here = `${place.longitude} ${place.latitude}`;
    // Do not interrupt the user's zooming, and do not move for a standing vehicle.
    if (!first && (here === this.#followed || this.#map.isZooming())) return;
    this.#followed = here;
    this.#isFitted = false;
    this.#map.easeTo({
      center: [place.longitude, clampLatitude(place.latitude)],
      ...(first && this.#map.getZoom() < FOLLOW_ZOOM && { zoom: FOLLOW_ZOOM }),
      duration: this.#duration(300),
      easing: (t) => t,
    });
  }

  goTo(longitude: number, latitude: number, zoom: number): void {
    this.#isFitted = false;
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

  /**
   * The details of a vehicle, which open and close with its selection, leave everything where it was on the screen: the
   * next click meets what it is aimed at. Only a vehicle that they would hide is brought into view. At any other change of
   * size (the controls below a map appear after it) a map that shows everything goes on doing so, another keeps its middle.
   */
  #resized(): void {
    const before = this.#size;
    const now = sizeOf(this.#map, this.#fleet);
    if (now.width === 0 || now.height === 0) return;
    this.#size = now;
    if (before.details === now.details || before.width === 0) {
      if (this.#isFitted) this.#showAll(0);
      return;
    }
    if (this.#map.isMoving()) return;
    this.#map.setCenter(this.#map.unproject([now.width - before.width / 2, now.height - before.height / 2]));
    const place = this.#fleet.selected?.now.place;
    if (!place) return;
    const { x, y } = this.#map.project([place.longitude, clampLatitude(place.latitude)]);
    if (x < 0 || y < 0 || x >= before.width || y >= before.height) return;
    const by: [number, number] = [beyond(x, now.width), beyond(y, now.height)];
    if (by[0] !== 0 || by[1] !== 0) this.#map.panBy(by, { duration: this.#duration(200) });
  }

  /** The duration of a movement, in milliseconds. */
  #duration(ms: number): number {
    return reducedMotion() ? 0 : ms;
  }
}

interface Size {
  width: number;
  height: number;
  details: boolean;
}

function sizeOf(map: Renderer, { selectedId }: Fleet): Size {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  return { width, height, details: selectedId !== undefined };
}

/** Room that the symbol of a vehicle takes around its place, in pixels. */
const SYMBOL = 18;

/** By how much to pan so that a place that cannot be seen whole at the far side of the map, or past it, has room there. */
function beyond(at: number, size: number): number {
  return at <= size - SYMBOL ? 0 : at - (size - Math.min(PADDING, size / 6));
}
