import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { Palette } from './palette.ts';

/** The data's zoom levels are for tiles half as wide as the renderer's. */
const shown: ExpressionSpecification = ['>=', ['+', ['zoom'], 1], ['get', 'zoom']];

/** Sea, land, and features on it. All below the vehicles. */
export function basemapLayers(palette: Palette): LayerSpecification[] {
  const { contrast } = palette;
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
    {
      id: 'land',
      type: 'fill',
      source: 'land',
      paint: { 'fill-color': palette.land, 'fill-antialias': false },
    },
    {
      // The shapes are coarse. At higher zoom they would extend into the sea.
      id: 'urban',
      type: 'fill',
      source: 'urban',
      minzoom: 5,
      maxzoom: 11,
      paint: {
        'fill-color': palette.urban,
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], 5, 0, 7, 1, 9, 1, 11, 0],
      },
    },
    { id: 'lakes', type: 'fill', source: 'lakes', filter: shown, paint: { 'fill-color': palette.sea } },
    {
      id: 'rivers',
      type: 'line',
      source: 'rivers',
      filter: shown,
      paint: {
        'line-color': palette.river,
        'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.5, 10, 2],
      },
    },
    {
      id: 'states',
      type: 'line',
      source: 'states',
      minzoom: 3,
      paint: { 'line-color': palette.state, 'line-width': 0.8, 'line-dasharray': [3, 2] },
    },
    {
      id: 'borders',
      type: 'line',
      source: 'borders',
      paint: {
        'line-color': palette.border,
        'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.4, 6, 1.2],
        'line-dasharray': contrast ? [4, 3] : [1, 0],
      },
    },
    {
      id: 'coast',
      type: 'line',
      source: 'land',
      paint: {
        'line-color': palette.coast,
        'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.4, 8, 1.2],
      },
    },
    {
      id: 'lake-shores',
      type: 'line',
      source: 'lakes',
      filter: shown,
      paint: { 'line-color': palette.coast, 'line-width': 0.6 },
    },
  ];
}

/** Names and grid lines. Separate from the basemap, because they may also be drawn over street tiles. */
export function labelLayers(palette: Palette, fonts: string[], places: boolean): LayerSpecification[] {
  const halo = { 'text-halo-color': palette.halo, 'text-halo-width': 1.4 };
  const names: LayerSpecification[] = [
    {
      id: 'countries',
      type: 'symbol',
      source: 'countries',
      maxzoom: 6,
      filter: ['>=', ['zoom'], ['get', 'zoom']],
      layout: {
        'text-field': ['get', 'name'],
        'text-font': fonts,
        'text-size': ['interpolate', ['linear'], ['zoom'], 1, 10, 5, 14],
        'text-transform': 'uppercase',
        'text-letter-spacing': 0.12,
        'text-max-width': 7,
      },
      paint: { 'text-color': palette.labelFaint, ...halo },
    },
    {
      id: 'place-dots',
      type: 'circle',
      source: 'places',
      minzoom: 3,
      filter: shown,
      paint: {
        'circle-radius': ['case', ['==', ['get', 'capital'], 1], 3, 2],
        'circle-color': ['case', ['==', ['get', 'capital'], 1], palette.halo, palette.labelFaint],
        'circle-stroke-color': palette.labelFaint,
        'circle-stroke-width': ['case', ['==', ['get', 'capital'], 1], 1.4, 0],
      },
    },
    {
      id: 'places',
      type: 'symbol',
      source: 'places',
      minzoom: 3,
      filter: shown,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': fonts,
        'text-size': ['interpolate', ['linear'], ['zoom'], 3, 11, 10, 14],
        'text-variable-anchor': ['left', 'right', 'bottom', 'top'],
        'text-radial-offset': 0.5,
        'text-justify': 'auto',
        'symbol-sort-key': ['get', 'zoom'],
      },
      paint: { 'text-color': palette.label, ...halo },
    },
  ];
  return [
    {
      id: 'grid',
      type: 'line',
      source: 'grid',
      filter: ['!', ['has', 'text']],
      paint: { 'line-color': palette.grid, 'line-width': 0.6, 'line-opacity': 0.7 },
    },
    {
      id: 'grid-text',
      type: 'symbol',
      source: 'grid',
      filter: ['has', 'text'],
      layout: {
        'text-field': ['get', 'text'],
        'text-font': fonts,
        'text-size': 10,
        'text-anchor': ['get', 'anchor'],
        'text-offset': ['get', 'offset'],
        'text-rotation-alignment': 'viewport',
        'text-optional': true,
      },
      paint: { 'text-color': palette.labelFaint, ...halo },
    },
    ...(places ? names : []),
  ];
}
