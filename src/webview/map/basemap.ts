import type { FeatureCollection, GeoJSON } from 'geojson';
import { feature } from 'topojson-client';

/** Layers of `tools/basemap.mjs`. */
const shapeNames = ['land', 'borders', 'lakes', 'rivers', 'urban', 'states'] as const;
type ShapeName = (typeof shapeNames)[number];

type Topology = Parameters<typeof feature>[0];

type BasemapFile = Record<ShapeName, Topology> & {
  /** Name, longitude, latitude, zoom from which it is shown. */
  countries: [string, number, number, number][];
  /** The same, and 1 for capitals. */
  places: [string, number, number, number, 0 | 1][];
};

export type Basemap = Record<ShapeName | 'countries' | 'places', GeoJSON>;

/** Loads and unpacks the world map that comes with the extension. Throws if it cannot be read. */
export async function loadBasemap(uri: string): Promise<Basemap> {
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
  const file = (await response.json()) as BasemapFile;
  const shapes = Object.fromEntries(shapeNames.map((name) => [name, unpack(file[name])])) as Record<
    ShapeName,
    GeoJSON
  >;
  return {
    ...shapes,
    countries: points(file.countries),
    places: points(file.places),
  };
}

function unpack(topology: Topology): GeoJSON {
  const { shapes } = topology.objects;
  if (!shapes) throw new Error('The basemap has a layer without shapes.');
  return feature(topology, shapes);
}

function points(rows: (readonly [string, number, number, number, (0 | 1)?])[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: rows.map(([name, longitude, latitude, zoom, capital]) => ({
      type: 'Feature',
      properties: { name, zoom, capital: capital ?? 0 },
      geometry: { type: 'Point', coordinates: [longitude, latitude] },
    })),
  };
}
