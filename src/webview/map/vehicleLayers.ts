import type { Feature, FeatureCollection, Point } from 'geojson';
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { Vehicle } from '../fleet/vehicle.ts';
import { conditionOf, opacityOf } from '../fleet/vehicle.ts';
import type { Stack } from './stacks.ts';
import { clampLatitude } from './geometry.ts';
import type { Palette } from './palette.ts';
import { ARROWS, ROUND } from './symbols.ts';

/** From this number of vehicles on, neighbors are drawn as groups at low zoom. */
export const GROUP_FROM = 200;
export const groupOptions = { clusterRadius: 44, clusterMaxZoom: 11 };
/** Makes the renderer count how many vehicles of a group need attention. */
export const groupProperties = {
  bad: ['+', ['match', ['get', 'condition'], ['failed', 'offline'], 1, 0]] as ExpressionSpecification,
};
/** Where the count of a stack is, from its symbol. CSS pixels. */
const STACK_AT: [number, number] = [11, -11];
/** With more vehicles, VINs on the map would hide each other. */
const LABELS_MOST = 60;

const symbol = {
  'icon-image': [
    ...['concat', 'vehicle-', ['get', 'condition']],
    ['case', ['has', 'round'], ROUND, ''],
  ] as ExpressionSpecification,
  'icon-rotate': ['get', 'turn'] as ExpressionSpecification,
  'icon-rotation-alignment': 'map' as const,
  'icon-allow-overlap': true,
  'icon-ignore-placement': true,
};

export function vehicleLayers(palette: Palette, fonts: string[]): LayerSpecification[] {
  const bad: ExpressionSpecification = ['>', ['coalesce', ['get', 'bad'], 0], 0];
  return [
    {
      id: 'groups',
      type: 'circle',
      source: 'vehicles',
      filter: ['has', 'point_count'],
      paint: {
        'circle-color': palette.cluster,
        'circle-opacity': 0.92,
        'circle-radius': ['step', ['get', 'point_count'], 13, 10, 16, 100, 20, 1000, 26],
        'circle-stroke-color': ['case', bad, palette.clusterBad, palette.clusterText],
        'circle-stroke-width': ['case', bad, 3, 1],
      },
    },
    {
      id: 'group-counts',
      type: 'symbol',
      source: 'vehicles',
      filter: ['has', 'point_count'],
      layout: {
        // The mark shows without color that vehicles need attention.
        'text-field': [
          'case',
          bad,
          ['concat', ['get', 'point_count_abbreviated'], '\n⚠', ['to-string', ['get', 'bad']]],
          ['get', 'point_count_abbreviated'],
        ],
        'text-font': fonts,
        'text-size': 11,
        'text-line-height': 1,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.clusterText },
    },
    {
      id: 'vehicles',
      type: 'symbol',
      source: 'vehicles',
      filter: ['!', ['has', 'point_count']],
      layout: { ...symbol, 'icon-size': ['interpolate', ['linear'], ['zoom'], 3, 0.6, 12, 0.85] },
      paint: { 'icon-opacity': ['coalesce', ['get', 'opacity'], 1] },
    },
    {
      id: 'vehicle-names',
      type: 'symbol',
      source: 'vehicles',
      filter: ['has', 'label'],
      layout: {
        'text-field': ['get', 'label'],
        'text-font': fonts,
        'text-size': 11,
        'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
        'text-radial-offset': 1.3,
        'text-optional': true,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.2 },
    },
    {
      id: 'selection',
      type: 'circle',
      source: 'selected',
      paint: {
        'circle-radius': 17,
        'circle-color': palette.selection,
        'circle-opacity': palette.contrast ? 0 : 0.22,
        'circle-stroke-color': palette.selection,
        'circle-stroke-width': 2.5,
      },
    },
    {
      id: 'selected',
      type: 'symbol',
      source: 'selected',
      layout: symbol,
    },
    {
      id: 'stacks',
      type: 'circle',
      source: 'stacks',
      paint: {
        'circle-color': palette.cluster,
        'circle-radius': 8,
        'circle-translate': STACK_AT,
        'circle-stroke-color': palette.clusterText,
        'circle-stroke-width': 1,
      },
    },
    {
      id: 'stack-counts',
      type: 'symbol',
      source: 'stacks',
      layout: {
        'text-field': ['to-string', ['get', 'count']],
        'text-font': fonts,
        'text-size': 10,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.clusterText, 'text-translate': STACK_AT },
    },
    {
      id: 'selected-name',
      type: 'symbol',
      source: 'selected',
      layout: {
        'text-field': ['get', 'label'],
        'text-font': fonts,
        'text-size': 12,
        'text-anchor': 'top',
        'text-offset': [0, 1.7],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
  ];
}

/** How many vehicles lie on each other, as features for `vehicleLayers`. */
export function stackFeatures(stacks: readonly Stack[]): FeatureCollection<Point> {
  const features = stacks.flatMap(({ first: { now }, rest }): Feature<Point>[] => {
    if (!now.place || rest.length === 0) return [];
    const coordinates = [now.place.longitude, clampLatitude(now.place.latitude)];
    return [
      {
        type: 'Feature',
        properties: { count: rest.length + 1 },
        geometry: { type: 'Point', coordinates },
      },
    ];
  });
  return { type: 'FeatureCollection', features };
}

/**
 * The vehicles with a position, as features for `vehicleLayers`. All except those that are `nameless` are labeled with
 * their VIN, unless there are too many.
 */
export function vehicleFeatures(
  vehicles: readonly Vehicle[],
  nameless: (vehicle: Vehicle) => boolean = () => false,
): FeatureCollection<Point> {
  const labels = vehicles.length <= LABELS_MOST;
  const time = Date.now();
  const features: Feature<Point>[] = [];
  for (const vehicle of vehicles) {
    const { now, index, vin } = vehicle;
    if (!now.place) continue;
    const named = labels && !nameless(vehicle);
    const condition = conditionOf(now);
    const arrow = ARROWS.has(condition);
    const opacity = opacityOf(now, time);
    features.push({
      type: 'Feature',
      id: index,
      properties: {
        condition,
        turn: arrow ? (now.place.heading ?? 0) : 0,
        ...(arrow && now.place.heading === undefined && { round: true }),
        ...(opacity < 1 && { opacity }),
        ...(named && { label: vin }),
      },
      geometry: {
        type: 'Point',
        coordinates: [now.place.longitude, clampLatitude(now.place.latitude)],
      },
    });
  }
  return { type: 'FeatureCollection', features };
}
