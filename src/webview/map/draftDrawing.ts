import type { FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as Renderer,
  MapMouseEvent,
} from 'maplibre-gl';
import type { RouteDraft } from '../route/draft.ts';
import { clampLatitude, cutAtAntimeridian, type Point } from './geometry.ts';
import type { Palette } from './palette.ts';

const SOURCE = 'draft';
/** The radius of a click in pixels. */
const NEAR = 8;

export function draftLayers(palette: Palette): LayerSpecification[] {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const isLine: ExpressionSpecification = ['==', ['geometry-type'], 'LineString'];
  return [
    {
      id: 'draft-casing',
      type: 'line',
      source: SOURCE,
      filter: isLine,
      layout: round,
      paint: { 'line-color': palette.routeCasing, 'line-width': 7 },
    },
    {
      id: 'draft-line',
      type: 'line',
      source: SOURCE,
      filter: isLine,
      layout: round,
      paint: { 'line-color': palette.selection, 'line-width': 3 },
    },
    {
      id: 'draft-points',
      type: 'circle',
      source: SOURCE,
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': ['case', ['get', 'selected'], 8, 5.5],
        'circle-color': ['case', ['get', 'selected'], palette.selection, palette.halo],
        'circle-stroke-color': ['case', ['get', 'selected'], palette.label, palette.selection],
        'circle-stroke-width': 2.5,
      },
    },
  ];
}

/** Draws a route that is being drawn, and takes the pointer's part in it. */
export class DraftDrawing {
  readonly #map: Renderer;
  #draft: RouteDraft | undefined;
  #changed: () => void = () => undefined;
  /** Where a point is while it is dragged, before it counts as moved. */
  #dragged: { index: number; to: Point } | undefined;

  constructor(map: Renderer) {
    this.#map = map;
    map.on('mousedown', (event) => this.#pressed(event));
  }

  get isOn(): boolean {
    return this.#draft !== undefined;
  }

  addSource(): void {
    this.#map.addSource(SOURCE, { type: 'geojson', data: this.#features() });
  }

  /** With undefined, nothing is drawn any more. */
  use(draft: RouteDraft | undefined, changed: () => void = () => undefined): void {
    this.#draft = draft;
    this.#changed = changed;
    this.#dragged = undefined;
    if (draft) this.#map.doubleClickZoom.disable();
    else this.#map.doubleClickZoom.enable();
    this.#map.getCanvas().style.cursor = draft ? 'crosshair' : '';
    this.show();
  }

  show(): void {
    void this.#map.getSource<GeoJSONSource>(SOURCE)?.setData(this.#features());
  }

  addAtCenter(): void {
    this.#draft?.add(pointOf(this.#map.getCenter()));
    this.#changed();
  }

  /** Selects the point that was clicked, puts one on the line that was clicked, or adds one. */
  clicked({ point, lngLat }: MapMouseEvent): void {
    const draft = this.#draft;
    if (!draft) return;
    const at = this.#pointAt(point);
    const segment = at === undefined ? this.#segmentAt(point) : undefined;
    if (at !== undefined) draft.select(draft.selected === at ? undefined : at);
    else if (segment !== undefined) draft.insert(segment + 1, pointOf(lngLat));
    else draft.add(pointOf(lngLat));
    this.#changed();
  }

  #pressed(event: MapMouseEvent): void {
    const draft = this.#draft;
    const index = draft && event.originalEvent.button === 0 ? this.#pointAt(event.point) : undefined;
    if (!draft || index === undefined) return;
    // The point is moved, not the map.
    event.preventDefault();
    const move = ({ lngLat }: MapMouseEvent): void => {
      this.#dragged = { index, to: pointOf(lngLat) };
      this.show();
    };
    this.#map.on('mousemove', move);
    // Also when it is released beside the map.
    const released = (): void => {
      this.#map.off('mousemove', move);
      const dragged = this.#dragged;
      this.#dragged = undefined;
      if (dragged && this.#draft === draft) draft.move(index, dragged.to);
      this.#changed();
    };
    window.addEventListener('mouseup', released, { once: true });
  }

  #pixels(): { x: number; y: number }[] {
    return (this.#draft?.points ?? []).map(([longitude, latitude]) => {
      const { x, y } = this.#map.project([longitude, clampLatitude(latitude)]);
      return { x, y };
    });
  }

  #pointAt({ x, y }: { x: number; y: number }): number | undefined {
    const near = this.#pixels().findLastIndex((at) => Math.hypot(at.x - x, at.y - y) <= NEAR);
    return near < 0 ? undefined : near;
  }

  /** The index of the point before the line that is near. */
  #segmentAt({ x, y }: { x: number; y: number }): number | undefined {
    const pixels = this.#pixels();
    const found = pixels.findIndex((from, i) => {
      const to = pixels[i + 1];
      if (!to) return false;
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1);
      const part = Math.max(0, Math.min(1, along));
      return Math.hypot(from.x + part * dx - x, from.y + part * dy - y) <= NEAR;
    });
    return found < 0 ? undefined : found;
  }

  #features(): FeatureCollection {
    const { points = [], selected } = this.#draft ?? {};
    const dragged = this.#dragged;
    const shown = dragged ? points.with(dragged.index, dragged.to) : points;
    const drawable = shown.map(([longitude, latitude]): Point => [longitude, clampLatitude(latitude)]);
    return {
      type: 'FeatureCollection',
      features: [
        ...cutAtAntimeridian(drawable).map((coordinates) => ({
          type: 'Feature' as const,
          properties: {},
          geometry: { type: 'LineString' as const, coordinates },
        })),
        ...drawable.map((coordinates, i) => ({
          type: 'Feature' as const,
          properties: { selected: i === selected },
          geometry: { type: 'Point' as const, coordinates: [...coordinates] },
        })),
      ],
    };
  }
}

function pointOf(at: { wrap(): { lng: number; lat: number } }): Point {
  const { lng, lat } = at.wrap();
  return [lng, lat];
}
