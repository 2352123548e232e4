import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, Map as Renderer } from 'maplibre-gl';
import type { Fleet } from '../fleet/fleet.ts';
import type { TrailPoint } from '../fleet/vehicle.ts';
import { atMostEvery } from '../base/frames.ts';
import type { Units } from '../base/units.ts';
import { routeFeatures, trailFeatures } from './lineLayers.ts';
import { stacksOf } from './stacks.ts';
import {
  GROUP_FROM,
  groupOptions,
  groupProperties,
  stackFeatures,
  vehicleFeatures,
} from './vehicleLayers.ts';

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };
/** With more vehicles, only the trail of the selected one is drawn. The points are for all trails together. */
const TRAILS_MOST = 40;
const TRAIL_POINTS = 20_000;
/** Trails change too little to be redrawn more often. */
const TRAIL_MS = 250;

/** Writes vehicles, trails and routes to the renderer's sources. Starts an update only when the last one is done. */
export class FleetDrawing {
  readonly #map: Renderer;
  readonly #fleet: Fleet;
  readonly #units: Units;
  readonly #drawn: (count: number) => void;
  readonly #failed: (message: string) => void;
  readonly #drawTrails = atMostEvery(TRAIL_MS, () => this.#trails());
  #vehicles: GeoJSONSource | undefined;
  #busy = false;
  #again = false;
  #grouped = false;
  #trailsShown = '';
  /** Whether vehicles lie on each other in what was drawn last. */
  stacked = false;

  constructor(
    map: Renderer,
    fleet: Fleet,
    units: Units,
    on: { drawn(count: number): void; problem(message: string): void },
  ) {
    this.#map = map;
    this.#fleet = fleet;
    this.#units = units;
    this.#drawn = (count) => on.drawn(count);
    this.#failed = (message) => on.problem(message);
  }

  /** Adds the sources to a newly loaded style. */
  addSources(): void {
    const map = this.#map;
    map.addSource('routes', { type: 'geojson', data: EMPTY, tolerance: 0.2 });
    map.addSource('trails', { type: 'geojson', data: EMPTY, tolerance: 0.2 });
    map.addSource('vehicles', {
      type: 'geojson',
      data: EMPTY,
      cluster: false,
      ...groupOptions,
      clusterProperties: groupProperties,
    });
    map.addSource('stacks', { type: 'geojson', data: EMPTY });
    map.addSource('selected', { type: 'geojson', data: EMPTY });
    this.#vehicles = this.source('vehicles');
    this.#busy = false;
    this.#grouped = false;
    this.#trailsShown = '';
  }

  /** Call when the sources have been removed with their style. */
  forgetSources(): void {
    this.#vehicles = undefined;
  }

  source(name: string): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(name);
    if (!source) throw new Error(`The map has no source ${name}.`);
    return source;
  }

  routes(): void {
    if (!this.#vehicles) return;
    void this.source('routes').setData(routeFeatures(this.#fleet.scene?.routes ?? []));
  }

  /** Draws the vehicles now, or as soon as the last drawing has reached the map. */
  vehicles(): void {
    const source = this.#vehicles;
    if (!source) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    const { vehicles, chosen } = this.#fleet;
    const grouped = vehicles.length >= GROUP_FROM;
    if (grouped !== this.#grouped) {
      this.#grouped = grouped;
      void source.setClusterOptions({ cluster: grouped, ...groupOptions });
    }
    void this.source('selected').setData(vehicleFeatures(chosen));
    this.#drawTrails();
    const stacks = grouped ? [] : stacksOf(vehicles, this.#map.getZoom());
    void this.source('stacks').setData(stackFeatures(stacks));
    const below = new Set(stacks.flatMap(({ rest }) => rest));
    this.stacked = below.size > 0;
    const apart = new Set(chosen);
    const features = vehicleFeatures(vehicles, (vehicle) => apart.has(vehicle) || below.has(vehicle));
    source.setData(features).then(
      () => this.#reached(source, features.features.length),
      (error: unknown) => {
        this.#failed(String(error));
        this.#reached(source, 0);
      },
    );
  }

  #reached(source: GeoJSONSource, count: number): void {
    // The style, and its sources, may have been replaced meanwhile.
    if (this.#vehicles !== source) return;
    this.#busy = false;
    // What the source holds can be seen, and clicked, from the next picture on.
    this.#map.once('render', () => this.#drawn(count));
    this.#map.triggerRepaint();
    if (!this.#again) return;
    this.#again = false;
    requestAnimationFrame(() => this.vehicles());
  }

  #trails(): void {
    if (!this.#vehicles) return;
    const { vehicles, chosen } = this.#fleet;
    const shown = vehicles.length <= TRAILS_MOST ? [...vehicles] : chosen;
    const version = shown.map(({ index, trailVersion }) => `${index}:${trailVersion}`).join();
    if (version === this.#trailsShown) return;
    this.#trailsShown = version;
    const each = Math.floor(TRAIL_POINTS / Math.max(1, shown.length));
    const trails = shown.map(({ trail }): readonly TrailPoint[] => trail.slice(-each));
    void this.source('trails').setData(trailFeatures(trails, this.#units));
  }
}
