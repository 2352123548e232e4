import type { LatestDocument } from './documents.ts';
import { ChaliceError } from './chalice.ts';
import { type Box, boxOf, contains, cropped, tileOf } from './geoTiles.ts';
import { item, list } from './python.ts';

/** Elasticsearch lists at most this many values of a facet. */
const FACET_SIZE = 10;

/** The boxes of a request. Too few numbers, or a box upside down, lead to a 500. */
export function boxesOf(filters: unknown): Box[] {
  return list(item(filters, 'boundaries')).map((corners) => {
    const [left, bottom, right, top] = list(corners).map(Number);
    if (left === undefined || bottom === undefined || right === undefined || top === undefined) {
      throw new TypeError('list index out of range');
    }
    if (top < bottom) throw searchFailed();
    return [left, bottom, right, top];
  });
}

export const searchFailed = (): ChaliceError =>
  new ChaliceError('ChaliceViewError', 'search_phase_execution_exception');

/** The latest documents that match every filter, newest first. */
export function matching(documents: Iterable<LatestDocument>, filters: unknown): LatestDocument[] {
  const boxes = boxesOf(filters);
  const vehicle = item(filters, 'vehicle');
  const [vins, makes, models, years] = ['vin', 'make', 'model', 'year'].map((name) =>
    list(item(vehicle, name)),
  );
  const version = item(item(filters, 'software'), 'swVersion');
  const codes = list(item(filters, 'troubleCodes'));
  const anomalies = list(item(filters, 'anomalies'));
  const among = (wanted: unknown[] | undefined, value: unknown): boolean =>
    wanted === undefined || wanted.length === 0 || wanted.some((one) => String(one) === String(value));
  return [...documents]
    .filter(
      ({ vin, location, shared }) =>
        (boxes.length === 0 || boxes.some((box) => contains(box, location))) &&
        among(vins, vin) &&
        among(makes, shared?.attributes.make) &&
        among(models, shared?.attributes.model) &&
        among(years, shared?.attributes.modelyear) &&
        (!version || (shared?.devices ?? []).some((device) => device.softwareversion === version)) &&
        (codes.length === 0 || (shared?.trouble_codes ?? []).some(({ code }) => codes.includes(code))) &&
        (anomalies.length === 0 ||
          (shared?.anomalies ?? []).some((anomaly) => anomalies.includes(anomaly.anomaly_type))),
    )
    .sort((a, b) => b.sentAt - a.sentAt);
}

export interface Facet {
  id: string;
  count: number;
}

/** The ten most frequent anomalies and trouble codes. */
export function facetsOf(documents: LatestDocument[]): { anomalies: Facet[]; troubleCodes: Facet[] } {
  return {
    anomalies: facet(documents.flatMap(({ shared }) => shared?.anomalies ?? []).map((a) => a.anomaly_type)),
    troubleCodes: facet(documents.flatMap(({ shared }) => shared?.trouble_codes ?? []).map((c) => c.code)),
  };
}

function facet(values: string[]): Facet[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([id, count]) => ({ id, count }))
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, FACET_SIZE);
}

export interface Cluster {
  coordinates: [number, number];
  properties: { bbox: Box; key: string; count: number; vin?: string };
}

/** Tiles with vehicles, cropped to each box of the request. A tile with one vehicle names it. */
export function clustersOf(documents: LatestDocument[], boxes: Box[], zoom: unknown): Cluster[] {
  if (typeof zoom !== 'number') throw new TypeError('must be real number, not str');
  const precision = Math.min(29, Math.floor(zoom) + 7);
  if (precision < 0) throw searchFailed();
  return boxes.flatMap((box) => {
    const tiles = new Map<string, string[]>();
    for (const { vin, location } of documents) {
      if (!contains(box, location)) continue;
      const key = tileOf(location, precision);
      const vins = tiles.get(key);
      if (vins) vins.push(vin);
      else tiles.set(key, [vin]);
    }
    return [...tiles]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([key, vins]) => {
        const bbox = cropped(boxOf(key), box);
        const [left, bottom, right, top] = bbox;
        return {
          coordinates: [(right + left) / 2, (bottom + top) / 2] as [number, number],
          properties: {
            bbox,
            key,
            count: vins.length,
            ...(vins.length === 1 && vins[0] !== undefined ? { vin: vins[0] } : {}),
          },
        };
      });
  });
}
