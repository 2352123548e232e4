import { type Json, isObject } from '../../../kit/json.ts';
import type { LatestDocument } from './documents.ts';
import { boxesOf, clustersOf, facetsOf, matching, searchFailed } from './fleetQuery.ts';
import { item } from './python.ts';
import { vehicleList } from './vehicle.ts';

/** Elasticsearch's max_result_window. */
const WINDOW = 10_000;

/** GET /vehicles/aggregate: one page of vehicles, and clusters of all vehicles for the map. */
export function aggregate(documents: Iterable<LatestDocument>, request: Json): Json {
  const { filters, pagination, clusters } = request;
  const size = whole(item(pagination, 'maxResults'));
  const from = whole(item(pagination, 'offset'));
  if (size < 0 || from < 0 || from + size > WINDOW) throw searchFailed();
  const hits = matching(documents, filters);
  const zoomed = isObject(clusters) && 'zoom' in clusters;
  const boxes = boxesOf(filters);
  const tiles = zoomed ? clustersOf(hits, boxes, clusters.zoom) : [];
  const page = hits.slice(from, from + size);
  if (page.length === 0) return { vehicleCount: 0, vehicles: [], clusters: [], offset: null };
  return {
    vehicleCount: hits.length,
    filters: facetsOf(hits),
    vehicles: sorted(vehicleList(page)),
    clusters: tiles,
    offset: page.length === size ? from + size : null,
  };
}

/** GET /vehicles/filter: up to 10,000 vehicles at once. */
export function filter(documents: Iterable<LatestDocument>, request: Json): Json {
  const hits = matching(documents, request.filters);
  if (hits.length === 0) return { vehicles: [] };
  return {
    vehicleCount: hits.length,
    filters: facetsOf(hits),
    vehicles: sorted(vehicleList(hits.slice(0, WINDOW))),
  };
}

function sorted(vehicles: Json[]): Json[] {
  return vehicles.sort((a, b) => (String(a.vin) < String(b.vin) ? 1 : -1));
}

/** A whole number. A numeric string is refused, because Python's addition would fail on it. */
function whole(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('unsupported operand type(s)');
  return Math.floor(value);
}
