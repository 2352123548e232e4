// Builds the base map of the fleet map: one JSON file with TopoJSON layers and rows of names. All data is from Natural
// Earth (public domain) and small enough to ship. Coastlines are detailed near towns and coarse elsewhere.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { geoArea, geoCentroid, geoEquirectangular } from 'd3-geo';
import { geoProject } from 'd3-geo-projection';
import { feature, mesh, quantize } from 'topojson-client';
import { topology } from 'topojson-server';
import { presimplify, simplify } from 'topojson-simplify';

const root = path.dirname(import.meta.dirname);
const sources = {
  atlas: path.join(root, 'node_modules/world-atlas/countries-10m.json'),
  layers: path.join(root, 'tools/naturalEarth/layers.json'),
  places: path.join(root, 'tools/naturalEarth/places.json'),
};
/** Square degrees. A point is dropped if the triangle it forms with its neighbors is smaller. */
const COARSE = 4e-3;
const FINE = 1e-4;
/** Degrees around a town that keep their detail, the zoom of the towns, and the size of the grid cells, in degrees. */
const AROUND = 0.3;
const TOWN_ZOOM = 7;
const CELL = 0.1;
/** Steps across the world. The atlas has no higher resolution. */
const GRID = 1e5;
/** Steradians. Smaller islands collapse when simplified, or look turned inside out. */
const LEAST_AREA = 2e-8;

/** Built once per state of its sources, which takes a few seconds; after that, read from node_modules/.cache. */
export function basemap() {
  const hash = createHash('sha256').update(readFileSync(import.meta.filename));
  for (const file of Object.values(sources)) hash.update(readFileSync(file));
  const cache = path.join(root, 'node_modules/.cache', `basemap-${hash.digest('hex').slice(0, 16)}.json`);
  try {
    return readFileSync(cache);
  } catch {
    const text = JSON.stringify(build());
    mkdirSync(path.dirname(cache), { recursive: true });
    writeFileSync(`${cache}.${process.pid}`, text);
    renameSync(`${cache}.${process.pid}`, cache);
    return readFileSync(cache);
  }
}

function build() {
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const places = read(sources.places);
  const world = coarse(read(sources.atlas), towns(places));
  return {
    land: cut({ type: 'MultiPolygon', coordinates: polygons(feature(world, world.objects.land)) }),
    borders: cut(mesh(world, world.objects.countries, (a, b) => a !== b)),
    ...read(sources.layers),
    countries: countryNames(world),
    places,
  };
}

/** The grid cells near a town. */
function towns(places) {
  const cells = new Set();
  for (const [, longitude, latitude, zoom] of places) {
    if (zoom > TOWN_ZOOM) continue;
    const wide = AROUND / Math.cos((latitude * Math.PI) / 180);
    for (let y = -AROUND; y <= AROUND; y += CELL) {
      for (let x = -wide; x <= wide; x += CELL) cells.add(cell(longitude + x, latitude + y));
    }
  }
  return cells;
}

function cell(longitude, latitude) {
  return `${Math.round(longitude / CELL)},${Math.round(latitude / CELL)}`;
}

function coarse(atlas, near) {
  const weighted = presimplify(atlas);
  for (const arc of weighted.arcs) {
    for (const point of arc) {
      const [longitude, latitude] = point;
      // A degree of longitude is shorter in the north, so the same triangle covers less ground.
      point[2] *= near.has(cell(longitude, latitude)) ? COARSE / FINE : Math.cos((latitude * Math.PI) / 180);
    }
  }
  return simplify(weighted, COARSE);
}

/**
 * Shapes of the atlas can cross the 180th meridian. On a flat map they would fill seas and draw lines across the world,
 * so they are cut there.
 */
function cut(shapes) {
  const projection = geoEquirectangular()
    .scale(180 / Math.PI)
    .translate([0, 0])
    .reflectY(true)
    .precision(1);
  return quantize(topology({ shapes: geoProject(shapes, projection) }), GRID);
}

/** The polygons of a feature or collection that survived simplification, with the correct winding. */
function polygons(shape) {
  const shapes = shape.type === 'FeatureCollection' ? shape.features : [shape];
  return shapes
    .map(({ geometry }) => geometry)
    .flatMap(({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates))
    .map((rings) => (areaOf(rings) > 2 * Math.PI ? rings.map((ring) => ring.toReversed()) : rings))
    .filter((rings) => areaOf(rings) > LEAST_AREA);
}

function areaOf(coordinates) {
  return geoArea({ type: 'Polygon', coordinates });
}

/** Name, longitude and latitude (the middle of the largest part), and the zoom from which the name fits. */
function countryNames(world) {
  const rows = [];
  for (const country of feature(world, world.objects.countries).features) {
    const [largest] = polygons(country).sort((a, b) => areaOf(b) - areaOf(a));
    if (!largest) continue;
    const [longitude, latitude] = geoCentroid({ type: 'Polygon', coordinates: largest });
    const area = areaOf(largest);
    const zoom = area > 0.05 ? 1.5 : area > 0.01 ? 2.5 : area > 0.001 ? 3.5 : 5;
    rows.push([country.properties.name, Number(longitude.toFixed(2)), Number(latitude.toFixed(2)), zoom]);
  }
  return rows.sort((a, b) => a[3] - b[3]);
}
