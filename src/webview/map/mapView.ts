import type { LayerSpecification, Map as Renderer, MapGeoJSONFeature, StyleSpecification } from 'maplibre-gl';
import type { MapScene, MapState } from '../../protocol/map.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Vehicle } from '../fleet/vehicle.ts';
import { atMostEvery } from '../base/frames.ts';
import type { Units } from '../base/units.ts';
import type { Words } from '../base/words.ts';
import type { Basemap } from './basemap.ts';
import { basemapLayers, labelLayers } from './basemapLayers.ts';
import { Camera } from './camera.ts';
import { DraftDrawing, draftLayers } from './draftDrawing.ts';
import { EMPTY, FleetDrawing } from './fleetDrawing.ts';
import { graticule, type CompassLetters } from './graticule.ts';
import { lineLayers } from './lineLayers.ts';
import { readPalette, type Palette } from './palette.ts';
import { createRenderer } from './renderer.ts';
import { symbolImages } from './symbols.ts';
import { addRasterTiles, fontsOf, loadTileStyle, watchTiles } from './tiles.ts';
import { vehicleLayers } from './vehicleLayers.ts';

export interface MapEvents {
  /** The user clicked a vehicle, or next to all of them; with Shift, Ctrl or Cmd it is one more or one less. */
  picked(id: string | undefined, more: boolean): void;
  /** The map has stopped moving. */
  moved(camera: NonNullable<MapState['camera']>): void;
  /** The user has started to move the map. */
  grabbed(): void;
  /** This many vehicles have been drawn, individually or in groups. */
  drawn(count: number): void;
  tilesFailed(why: string): void;
  interrupted(lost: boolean): void;
  problem(message: string): void;
}

const GRID_MS = 120;
const OWN_FONTS = ['sans-serif'];
/** The radius of a click in pixels. */
const NEAR = 6;
const NEAREST_ZOOM = 17;

/** The map itself: style, layers, theme and clicks. Redraws the fleet when notified of changes. */
export class MapView {
  readonly camera: Camera;
  readonly draft: DraftDrawing;
  readonly #map: Renderer;
  readonly #fleet: Fleet;
  readonly #drawing: FleetDrawing;
  readonly #basemap: Basemap | undefined;
  readonly #words: Words;
  readonly #events: MapEvents;
  readonly #letters: CompassLetters;
  #palette: Palette = readPalette();
  #fonts = OWN_FONTS;
  #installed = false;
  #style: 'own' | 'foreign' = 'own';
  #tiles: MapScene['tiles'];
  #stopWatching: () => void = () => undefined;

  /** Throws if the browser has no WebGL. */
  constructor(
    container: HTMLElement,
    deps: {
      fleet: Fleet;
      basemap: Basemap | undefined;
      words: Words;
      units: Units;
      camera: MapState['camera'];
      events: MapEvents;
    },
  ) {
    const { fleet, words, units, events } = deps;
    this.#fleet = fleet;
    this.#basemap = deps.basemap;
    this.#words = words;
    this.#events = events;
    const [north = '', , east = '', , south = '', , west = ''] = words('compass').split(' ');
    this.#letters = { north, east, south, west };
    this.#map = createRenderer(container, this.#ownStyle(), words, units.scale, deps.camera);
    this.camera = new Camera(this.#map, fleet);
    this.#drawing = new FleetDrawing(this.#map, fleet, units, events);
    this.draft = new DraftDrawing(this.#map);
    this.#listen();
  }

  #listen(): void {
    const map = this.#map;
    const grid = atMostEvery(GRID_MS, () => this.#grid());
    map.on('style.load', () => this.#install());
    map.on('move', grid);
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter().wrap();
      this.#events.moved({ longitude: lng, latitude: lat, zoom: map.getZoom() });
    });
    // What lies on each other depends on the zoom.
    map.on('zoomend', () => this.#drawing.vehicles());
    map.on('dragstart', () => this.#events.grabbed());
    map.getCanvas().addEventListener('keydown', ({ key }) => {
      if (key.startsWith('Arrow')) this.#events.grabbed();
    });
    map.on('error', ({ error }) => this.#events.problem(error.message));
    map.on('webglcontextlost', () => this.#events.interrupted(true));
    map.on('webglcontextrestored', () => this.#events.interrupted(false));
    map.on('click', (event) => {
      if (this.draft.isOn) this.draft.clicked(event);
      else {
        const { ctrlKey, metaKey, shiftKey } = event.originalEvent;
        void this.#clicked([event.point.x, event.point.y], ctrlKey || metaKey || shiftKey);
      }
    });
    // With Shift a box is dragged open; without a drag it is a click, of which the renderer tells this way only.
    map.on('boxzoomcancel', ({ originalEvent: event }) => {
      if (!(event instanceof MouseEvent) || this.draft.isOn) return;
      const { left, top } = map.getCanvas().getBoundingClientRect();
      void this.#clicked([event.clientX - left, event.clientY - top], true);
    });
    for (const layer of ['vehicles', 'groups']) {
      map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'));
      map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''));
    }
  }

  #ownStyle(): StyleSpecification {
    return {
      version: 8,
      sources: {},
      layers: [{ id: 'nothing', type: 'background', paint: { 'background-color': this.#palette.sea } }],
    };
  }

  /** Bottom layer first. */
  #layers(): LayerSpecification[] {
    const own = this.#basemap !== undefined;
    const words = { start: this.#words('legendStart'), end: this.#words('legendEnd') };
    return [
      ...(this.#style === 'own' && own ? basemapLayers(this.#palette) : []),
      ...labelLayers(this.#palette, this.#fonts, own && this.#tiles === undefined),
      ...lineLayers(this.#palette, this.#fonts, words),
      ...vehicleLayers(this.#palette, this.#fonts),
      ...draftLayers(this.#palette),
    ];
  }

  /** Adds sources, symbols and layers to a newly loaded style. */
  #install(): void {
    const map = this.#map;
    for (const [name, data] of Object.entries(this.#basemap ?? {})) {
      map.addSource(name, { type: 'geojson', data, maxzoom: 8, tolerance: 0.4, buffer: 16 });
    }
    map.addSource('grid', { type: 'geojson', data: EMPTY });
    this.#drawing.addSources();
    this.draft.addSource();
    for (const { name, image, pixelRatio } of symbolImages(this.#palette)) {
      map.addImage(name, image, { pixelRatio });
    }
    for (const layer of this.#layers()) map.addLayer(layer);
    if (this.#tiles?.kind === 'raster') addRasterTiles(map, this.#tiles, 'grid');
    this.#installed = true;
    this.#grid();
    this.#drawing.routes();
    this.#drawing.vehicles();
  }

  #grid(): void {
    if (!this.#installed) return;
    void this.#drawing.source('grid').setData(graticule(this.camera.view(), this.#letters));
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

  /** Shows street tiles, or with `undefined` the world map that comes with the extension. */
  async useTiles(tiles: MapScene['tiles']): Promise<void> {
    if (tiles?.url === this.#tiles?.url) return;
    this.#stopWatching();
    this.#tiles = tiles;
    try {
      const style = tiles?.kind === 'style' ? await loadTileStyle(tiles.url) : undefined;
      if (this.#tiles !== tiles) return;
      this.#style = style ? 'foreign' : 'own';
      this.#fonts = (style && fontsOf(style)) ?? OWN_FONTS;
      this.#installed = false;
      this.#drawing.forgetSources();
      this.#map.setStyle(style ?? this.#ownStyle(), { diff: false });
      if (!tiles) return;
      const names = new Set(style ? Object.keys(style.sources) : ['tiles']);
      this.#stopWatching = watchTiles(
        this.#map,
        (name) => names.has(name),
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

  routesChanged(): void {
    this.#drawing.routes();
  }

  vehiclesChanged(): void {
    this.#drawing.vehicles();
  }

  /** Whether vehicles lie on each other. */
  get stacked(): boolean {
    return this.#drawing.stacked;
  }

  /** Gives the map the keyboard focus. */
  focus(): void {
    this.#map.getCanvas().focus();
  }

  /** Call after the size of its container has changed. */
  resize(): void {
    this.#map.resize();
  }

  /** The vehicle that is drawn at a place of the window. */
  vehicleAt(clientX: number, clientY: number): Vehicle | undefined {
    const { left, top } = this.#map.getCanvas().getBoundingClientRect();
    const [hit] = this.#installed ? this.#hitsAt([clientX - left, clientY - top]) : [];
    return hit === undefined || hit.layer.id === 'groups' ? undefined : this.#fleet.vehicles[Number(hit.id)];
  }

  /** What is drawn near a point, the uppermost first. */
  #hitsAt([x, y]: [number, number]): MapGeoJSONFeature[] {
    const around: [[number, number], [number, number]] = [
      [x - NEAR, y - NEAR],
      [x + NEAR, y + NEAR],
    ];
    return this.#map.queryRenderedFeatures(around, { layers: ['selected', 'vehicles', 'groups'] });
  }

  /**
   * Selects the clicked vehicle, or zooms into the clicked group. Of a stack, each click selects the next vehicle.
   * Anything else clears the selection.
   */
  async #clicked(point: [number, number], more: boolean): Promise<void> {
    if (!this.#installed) return;
    const hits = this.#hitsAt(point);
    const [hit] = hits;
    if (hit?.layer.id !== 'groups') {
      const ids = hits.flatMap(({ layer, id }) => (layer.id === 'groups' ? [] : [Number(id)]));
      const next = more ? ids[0] : nextOf(ids, this.#fleet.selected?.index);
      this.#events.picked(this.#fleet.vehicles[next ?? -1]?.id, more);
      return;
    }
    const source = this.#drawing.source('vehicles');
    const zoom = await source.getClusterExpansionZoom(Number(hit.properties.cluster_id));
    if (hit.geometry.type !== 'Point') return;
    const [longitude = 0, latitude = 0] = hit.geometry.coordinates;
    this.#events.grabbed();
    this.camera.goTo(longitude, latitude, Math.min(zoom + 0.2, NEAREST_ZOOM));
  }
}

/** The one after `selected`, in a fixed order whatever is drawn on top; the first if it is not among them. */
function nextOf(indices: readonly number[], selected: number | undefined): number | undefined {
  const ordered = [...new Set(indices)].sort((a, b) => a - b);
  if (selected === undefined || !ordered.includes(selected)) return indices[0];
  return ordered[(ordered.indexOf(selected) + 1) % ordered.length];
}
