// Creates layers.json and places.json in this folder from Natural Earth's GeoJSON files:
// `node tools/naturalEarth/extract.mjs <folder>`. Run it once for each new version of the data (see README.md).
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quantize } from 'topojson-client';
import { topology } from 'topojson-server';
import { presimplify, simplify } from 'topojson-simplify';

const folder = process.argv[2];
if (!folder) throw new Error('Name the folder with the GeoJSON files.');
const read = (name) => JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')).features;

/** The features shown at zoom `zoom` or below, with their zoom as the only property. */
function featuresUpTo(name, zoom) {
  const features = read(name)
    .filter((feature) => feature.geometry && feature.properties.min_zoom <= zoom)
    .map(({ geometry, properties }) => ({
      type: 'Feature',
      properties: { zoom: Math.round(properties.min_zoom) },
      geometry,
    }));
  return { type: 'FeatureCollection', features };
}

/** Square degrees. A point whose triangle is smaller is dropped. */
const detail = { lakes: 4e-4, rivers: 6e-4, urban: 1e-4, states: 1e-4 };
const layers = {
  lakes: featuresUpTo('ne_10m_lakes', 5),
  rivers: featuresUpTo('ne_10m_rivers_lake_centerlines', 5),
  urban: featuresUpTo('ne_50m_urban_areas', 6),
  states: featuresUpTo('ne_50m_admin_1_states_provinces_lines', 4),
};
/** One topology per layer, since layers share no points. */
const topologies = Object.entries(layers).map(([name, features]) => [
  name,
  quantize(simplify(presimplify(topology({ shapes: features })), detail[name]), 5e4),
]);
writeFileSync(path.join(import.meta.dirname, 'layers.json'), JSON.stringify(Object.fromEntries(topologies)));

/** Name, longitude, latitude, the zoom from which the place is shown, and 1 for a national capital. */
const places = read('ne_10m_populated_places_simple')
  .map(({ properties: p }) => [
    p.name,
    Number(p.longitude.toFixed(3)),
    Number(p.latitude.toFixed(3)),
    Number(p.min_zoom.toFixed(1)),
    p.adm0cap ? 1 : 0,
  ])
  .sort((a, b) => a[3] - b[3] || a[0].localeCompare(b[0], 'en'));
writeFileSync(
  path.join(import.meta.dirname, 'places.json'),
  `[\n${places.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`,
);
