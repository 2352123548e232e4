import type { FeatureCollection } from 'geojson';
import {
  Map as Renderer,
  AttributionControl,
  NavigationControl,
  ScaleControl,
  type GeoJSONSource,
  type LayerSpecification,
  type StyleSpecification,
} from 'maplibre-gl';
import type { MapScene, MapState } from '../../protocol/map.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { TrailPoint } from '../fleet/vehicle.ts';
import { atMostEvery, reducedMotion } from '../frames.ts';
import type { Words } from '../words.ts';
import type { Basemap } from './basemap.ts';
import { basemapLayers, labelLayers } from './basemapLayers.ts';
import { boxAround, clampLatitude, type Box, type Point } from './geometry.ts';
import { graticule, type CompassLetters } from './graticule.ts';
import { lineLayers, routeFeatures, trailFeatures } from './lineLayers.ts';
import { readPalette, type Palette } from './palette.ts';
import { symbolImages } from './symbols.ts';
import { addRasterTiles, fontsOf, loadTileStyle, watchTiles } from './tiles.ts';
import {
  GROUP_FROM,
  groupOptions,
  groupProperties,
  vehicleFeatures,
  vehicleLayers,
} from './vehicleLayers.ts';

export interface MapEvents {
  /** Somebody clicked a vehicle, or beside all. */
  picked(vin: string | undefined): void;
  /** The map came to rest somewhere else. */
  moved(camera: NonNullable<MapState['camera']>): void;
  /** Somebody took the map in their hands. */
  grabbed(): void;
  /** So many vehicles have reached the map, as vehicles or within groups. */
  drawn(count: number): void;
  tilesFailed(why: string): void;
  interrupted(lost: boolean): void;
  problem(message: string): void;
}

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };
/** Trails of so many vehicles at most are drawn beside the selected one's, and so many points of them all. */
const TRAILS_MOST = 40;
const TRAIL_POINTS = 20_000;
/** A trail grows by metres; more often than this nobody sees it. */
const TRAIL_MS = 250;
const FOLLOW_ZOOM = 13.5;
const FIT_ZOOM = 15;

/** The map itself. Draws what a fleet holds when told that it changed, at most once a frame and as fast as it can. */
export class MapView {
  readonly #map: Renderer;
  readonly #fleet: Fleet;
  readonly #basemap: Basemap | undefined;
  readonly #words: Words;
  readonly #events: MapEvents;
  readonly #letters: CompassLetters;
  readonly #drawTrails = atMostEvery(TRAIL_MS, () => this.#trails());
  #palette: Palette = readPalette();
  #fonts: string[] = ['sans-serif'];
  #installed = false;
  #style: 'own' | 'foreign' = 'own';
  #tiles: MapScene['tiles'];
  #stopWatching: () => void = () => undefined;
  #busy = false;
  #again = false;
  #grouped = false;
  #trailsShown = '';

  /** Throws when the browser has no WebGL. */
  constructor(
    container: HTMLElement,
    deps: {
      fleet: Fleet;
      basemap: Basemap | undefined;
      words: Words;
      camera: MapState['camera'];
      events: MapEvents;
    },
  ) {
    this.#fleet = deps.fleet;
    this.#basemap = deps.basemap;
    this.#words = deps.words;
    this.#events = deps.events;
    const { camera, words } = deps;
    const [north = '', , east = '', , south = '', , west = ''] = words('compass').split(' ');
    this.#letters = { north, east, south, west };
    this.#map = new Renderer({
      container,
      style: this.#ownStyle(),
      center: camera ? [camera.longitude, clampLatitude(camera.latitude)] : [10, 25],
      zoom: camera?.zoom ?? 1,
      minZoom: 0,
      maxZoom: 18,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      reduceMotion: reducedMotion(),
      locale: {
        'Map.Title': words('mapLabel'),
        'NavigationControl.ZoomIn': words('zoomIn'),
        'NavigationControl.ZoomOut': words('zoomOut'),
      },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.#map.addControl(new ScaleControl({ maxWidth: 120, unit: 'metric' }), 'bottom-left');
    this.#map.addControl(
      new AttributionControl({ compact: false, customAttribution: 'Natural Earth' }),
      'bottom-right',
    );
    this.#listen();
  }

  #listen(): void {
    const map = this.#map;
    map.on('style.load', () => this.#install());
    map.on(
      'move',
      atMostEvery(120, () => this.#grid()),
    );
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter().wrap();
      this.#events.moved({ longitude: lng, latitude: lat, zoom: map.getZoom() });
    });
    map.on('dragstart', () => this.#events.grabbed());
    map.getCanvas().addEventListener('keydown', ({ key }) => {
      if (key.startsWith('Arrow')) this.#events.grabbed();
    });
    map.on('error', ({ error }) => this.#events.problem(error.message));
    map.on('webglcontextlost', () => this.#events.interrupted(true));
    map.on('webglcontextrestored', () => this.#events.interrupted(false));
    map.on('click', (event) => void this.#clicked([event.point.x, event.point.y]));
    for (const layer of ['vehicles', 'groups']) {
      map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'));
      map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''));
    }
  }

  #ownStyle(): StyleSpecification {
    return {
      version: 8,
      sources: {},
      layers: [{ id: 'sea-first', type: 'background', paint: { 'background-color': this.#palette.sea } }],
    };
  }

  /** Layers over the land, from the bottom. */
  #overlays(): LayerSpecification[] {
    const words = { start: this.#words('legendStart'), end: this.#words('legendEnd') };
    return [
      ...labelLayers(this.#palette, this.#fonts, this.#tiles === undefined && this.#basemap !== undefined),
      ...lineLayers(this.#palette, this.#fonts, words),
      ...vehicleLayers(this.#palette, this.#fonts),
    ];
  }

  #layers(): LayerSpecification[] {
    const below = this.#style === 'own' && this.#basemap ? basemapLayers(this.#palette) : [];
    return [...below, ...this.#overlays()];
  }

  /** Puts sources, symbols and layers into a style that was just loaded. */
  #install(): void {
    const map = this.#map;
    for (const [name, data] of Object.entries(this.#basemap ?? {})) {
      map.addSource(name, { type: 'geojson', data, maxzoom: 8, tolerance: 0.4, buffer: 16 });
    }
    map.addSource('grid', { type: 'geojson', data: EMPTY });
    map.addSource('routes', { type: 'geojson', data: EMPTY, tolerance: 0.2 });
    map.addSource('trails', { type: 'geojson', data: EMPTY, tolerance: 0.2 });
    map.addSource('vehicles', {
      type: 'geojson',
      data: EMPTY,
      cluster: false,
      ...groupOptions,
      clusterProperties: groupProperties,
    });
    map.addSource('selected', { type: 'geojson', data: EMPTY });
    for (const { name, image, pixelRatio } of symbolImages(this.#palette)) {
      map.addImage(name, image, { pixelRatio });
    }
    for (const layer of this.#layers()) map.addLayer(layer);
    if (this.#tiles?.kind === 'raster') addRasterTiles(map, this.#tiles, 'grid');
    this.#installed = true;
    this.#busy = false;
    this.#grouped = false;
    this.#trailsShown = '';
    this.#grid();
    this.routesChanged();
    this.draw();
  }

  themeChanged(): void {
    this.#palette = readPalette();
    if (!this.#installed) return;
    for (const layer of this.#layers()) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        this.#map.setPaintProperty(layer.id, name as never, value as never);
      }
    }
    for (const { name, image } of symbolImages(this.#palette)) this.#map.updateImage(name, image);
  }

  /** With `undefined` the world that comes with the extension. */
  async useTiles(tiles: MapScene['tiles']): Promise<void> {
    if (tiles?.url === this.#tiles?.url) return;
    this.#stopWatching();
    this.#tiles = tiles;
    try {
      const style = tiles?.kind === 'style' ? await loadTileStyle(tiles.url) : undefined;
      if (this.#tiles !== tiles) return;
      this.#style = style ? 'foreign' : 'own';
      this.#fonts = (style && fontsOf(style)) ?? ['sans-serif'];
      this.#installed = false;
      this.#map.setStyle(style ?? this.#ownStyle(), { diff: false });
      const foreign = new Set(style ? Object.keys(style.sources) : ['tiles']);
      if (tiles)
        this.#stopWatching = watchTiles(
          this.#map,
          (name) => foreign.has(name),
          (why) => this.#noTiles(why),
        );
    } catch (error) {
      this.#noTiles(error instanceof Error ? error.message : String(error));
    }
  }

  #noTiles(why: string): void {
    this.#events.tilesFailed(why);
    void this.useTiles(undefined);
  }

  #source(name: string): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(name);
    if (!source) throw new Error(`The map has no source ${name}.`);
    return source;
  }

  #grid(): void {
    if (!this.#installed) return;
    void this.#source('grid').setData(graticule(this.#view(), this.#letters));
  }

  #view(): Box {
    const bounds = this.#map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  routesChanged(): void {
    if (!this.#installed) return;
    void this.#source('routes').setData(routeFeatures(this.#fleet.scene?.routes ?? []));
  }

  /** Draws the vehicles now, or as soon as the last drawing has reached the map. */
  draw(): void {
    if (!this.#installed) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    const { vehicles, selected } = this.#fleet;
    const features = vehicleFeatures(vehicles, selected);
    const source = this.#source('vehicles');
    this.#busy = true;
    const grouped = vehicles.length >= GROUP_FROM;
    if (grouped !== this.#grouped) {
      this.#grouped = grouped;
      void source.setClusterOptions({ cluster: grouped, ...groupOptions });
    }
    void this.#source('selected').setData(vehicleFeatures(selected ? [selected] : []));
    this.#drawTrails();
    source.setData(features).then(
      () => this.#reached(source, features.features.length),
      (error: unknown) => {
        this.#events.problem(String(error));
        this.#reached(source, 0);
      },
    );
  }

  #reached(source: GeoJSONSource, count: number): void {
    // The style may have been replaced meanwhile, and its sources with it.
    if (!this.#installed || this.#map.getSource('vehicles') !== source) return;
    this.#busy = false;
    this.#events.drawn(count);
    if (!this.#again) return;
    this.#again = false;
    requestAnimationFrame(() => this.draw());
  }

  #trails(): void {
    if (!this.#installed) return;
    const { vehicles, selected } = this.#fleet;
    const shown = vehicles.length <= TRAILS_MOST ? [...vehicles] : selected ? [selected] : [];
    const version = shown.map(({ index, trailVersion }) => `${index}:${trailVersion}`).join();
    if (version === this.#trailsShown) return;
    this.#trailsShown = version;
    const each = Math.floor(TRAIL_POINTS / Math.max(1, shown.length));
    const trails = shown.map(({ trail }): readonly TrailPoint[] => trail.slice(-each));
    void this.#source('trails').setData(trailFeatures(trails));
  }

  /** A vehicle under the pointer is picked; a group is opened; anything else clears the selection. */
  async #clicked([x, y]: [number, number]): Promise<void> {
    if (!this.#installed) return;
    const near: [[number, number], [number, number]] = [
      [x - 6, y - 6],
      [x + 6, y + 6],
    ];
    const [hit] = this.#map.queryRenderedFeatures(near, { layers: ['selected', 'vehicles', 'groups'] });
    if (!hit) {
      this.#events.picked(undefined);
      return;
    }
    if (hit.layer.id !== 'groups') {
      this.#events.picked(this.#fleet.vehicles[Number(hit.id)]?.vin);
      return;
    }
    const zoom = await this.#source('vehicles').getClusterExpansionZoom(Number(hit.properties.cluster_id));
    if (hit.geometry.type !== 'Point') return;
    const [longitude = 0, latitude = 0] = hit.geometry.coordinates;
    this.#map.easeTo({
      center: [longitude, latitude],
      zoom: Math.min(zoom + 0.2, 17),
      duration: this.#duration(400),
    });
  }

  #duration(ms: number): number {
    return reducedMotion() ? 0 : ms;
  }

  /** Everything in view: vehicles and planned routes. */
  fit(): void {
    const points: Point[] = (this.#fleet.scene?.routes ?? []).flatMap(({ points: line }) => line);
    for (const { now } of this.#fleet.vehicles) {
      if (now.place) points.push([now.place.longitude, now.place.latitude]);
    }
    const box = boxAround(points);
    if (!box) return;
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const padding = Math.min(64, Math.min(clientWidth, clientHeight) / 6);
    this.#map.fitBounds([...box], { padding, maxZoom: FIT_ZOOM, duration: this.#duration(500) });
  }

  /** The selected vehicle into the middle; nearer, the first time. */
  follow(first: boolean): void {
    const place = this.#fleet.selected?.now.place;
    if (!place || (this.#map.isZooming() && !first)) return;
    const zoom = this.#map.getZoom();
    this.#map.easeTo({
      center: [place.longitude, clampLatitude(place.latitude)],
      ...(first && zoom < FOLLOW_ZOOM ? { zoom: FOLLOW_ZOOM } : {}),
      duration: this.#duration(300),
      easing: (t) => t,
    });
  }

  /** How many vehicles are in view. */
  countInView(): number {
    const [west, south, east, north] = this.#view();
    const wide = east - west;
    let count = 0;
    for (const { now } of this.#fleet.vehicles) {
      if (!now.place) continue;
      const latitude = clampLatitude(now.place.latitude);
      if (latitude < south || latitude > north) continue;
      const from = (((now.place.longitude - west) % 360) + 360) % 360;
      if (from <= wide) count += 1;
    }
    return count;
  }

  /** The colours in use, for legends and charts. */
  get palette(): Palette {
    return this.#palette;
  }

  resize(): void {
    this.#map.resize();
  }
}
