import type { Feature, FeatureCollection } from 'geojson';
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { MapRoute } from '../../protocol/map.ts';
import type { TrailPoint } from '../fleet/vehicle.ts';
import { speedStep, type Units } from '../base/units.ts';
import { clampLatitude, cutAtAntimeridian, type Point } from './geometry.ts';
import type { Palette } from './palette.ts';

/** Width in pixels of the slowest part of a trail. Faster parts are wider, for users who cannot see colors. */
const TRAIL_WIDTH = 2.5;
const TRAIL_WIDER = 0.9;

/** The width of the trail at a speed step, for the map and its legend. */
export function trailWidth(step: number): number {
  return TRAIL_WIDTH + step * TRAIL_WIDER;
}

export function lineLayers(
  palette: Palette,
  fonts: string[],
  words: { start: string; end: string },
): LayerSpecification[] {
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  const step: ExpressionSpecification = ['get', 'step'];
  const point: ExpressionSpecification = ['has', 'start'];
  const line: ExpressionSpecification = ['!', point];
  const speedColor = ['match', step, ...palette.speeds.flatMap((color, i) => [i, color]), palette.route];
  return [
    {
      id: 'route-casing',
      type: 'line',
      source: 'routes',
      filter: line,
      layout: round,
      paint: { 'line-color': palette.routeCasing, 'line-width': 6, 'line-opacity': 0.8 },
    },
    {
      id: 'routes',
      type: 'line',
      source: 'routes',
      filter: line,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.route, 'line-width': 2.5, 'line-dasharray': [2.4, 1.4] },
    },
    {
      id: 'trail-casing',
      type: 'line',
      source: 'trails',
      layout: round,
      paint: { 'line-color': palette.routeCasing, 'line-width': 8 },
    },
    {
      id: 'trails',
      type: 'line',
      source: 'trails',
      layout: round,
      paint: {
        'line-color': speedColor as ExpressionSpecification,
        'line-width': ['+', TRAIL_WIDTH, ['*', step, TRAIL_WIDER]],
      },
    },
    {
      id: 'route-ends',
      type: 'circle',
      source: 'routes',
      filter: point,
      paint: {
        'circle-radius': 5,
        'circle-color': ['case', ['get', 'start'], palette.routeCasing, palette.route],
        'circle-stroke-color': ['case', ['get', 'start'], palette.route, palette.routeCasing],
        'circle-stroke-width': 2.5,
      },
    },
    {
      id: 'route-end-names',
      type: 'symbol',
      source: 'routes',
      filter: point,
      layout: {
        'text-field': ['case', ['get', 'start'], words.start, words.end],
        'text-font': fonts,
        'text-size': 11,
        'text-variable-anchor': ['bottom', 'right', 'left', 'top'],
        'text-radial-offset': 0.9,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.2 },
    },
  ];
}

/** The planned routes as lines, each with its two ends as points. */
export function routeFeatures(routes: readonly MapRoute[]): FeatureCollection {
  const features: Feature[] = [];
  for (const { points } of routes) {
    features.push({
      type: 'Feature',
      properties: {},
      geometry: { type: 'MultiLineString', coordinates: cutAtAntimeridian(points.map(drawable)) },
    });
    for (const [start, end] of [
      [true, points[0]],
      [false, points.at(-1)],
    ] as const) {
      if (!end) continue;
      features.push({
        type: 'Feature',
        properties: { start },
        geometry: { type: 'Point', coordinates: drawable(end) },
      });
    }
  }
  return { type: 'FeatureCollection', features };
}

/** The step of a stretch whose speed is not known; drawn like a route. */
const UNKNOWN = -1;

/** Trails split into pieces of one speed step each. The speed at the end of a stretch defines its color. */
export function trailFeatures(trails: readonly (readonly TrailPoint[])[], units: Units): FeatureCollection {
  const features: Feature[] = [];
  const add = (points: Point[], step: number): void => {
    const coordinates = cutAtAntimeridian(points);
    if (coordinates.length === 0) return;
    features.push({
      type: 'Feature',
      properties: { step },
      geometry: { type: 'MultiLineString', coordinates },
    });
  };
  for (const trail of trails) {
    let piece: Point[] = [];
    let step = UNKNOWN;
    for (const { longitude, latitude, speed, apart } of trail) {
      const here = drawable([longitude, latitude]);
      const next = speed === undefined ? UNKNOWN : speedStep(speed, units);
      if (apart) {
        add(piece, step);
        piece = [];
      } else if (next !== step && piece.length > 0) {
        const last = piece.at(-1);
        if (piece.length > 1) add(piece, step);
        piece = last ? [last] : [];
      }
      step = next;
      piece.push(here);
    }
    add(piece, step);
  }
  return { type: 'FeatureCollection', features };
}

function drawable([longitude, latitude]: Point): [number, number] {
  return [longitude, clampLatitude(latitude)];
}
