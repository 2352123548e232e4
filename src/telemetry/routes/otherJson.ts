import { l10n, type Message } from '../../core/message.ts';
import { columnsOf } from './csvColumns.ts';
import { EncodedLines } from './encodedLines.ts';
import { errorOfServer } from './formats.ts';
import { arrayIn, isJson, keysOf, numberIn, textIn, type Json } from './jsonValues.ts';
import type { Encoded } from './polyline.ts';

/** A line that JSON other than GeoJSON holds. */
export interface JsonLine {
  /** What carries it: an encoded line, a GeoJSON geometry, or positions. */
  geometry: Encoded | Json;
  /** Where it stands, such as `routes[0].geometry`. */
  element: string;
  times?: readonly unknown[];
}

/** Lines that belong to one route. */
export interface JsonRoute {
  name: string | undefined;
  lines: JsonLine[];
}

/** A list of objects with a position each, to be read as the rows of a table. */
export interface JsonRows {
  list: readonly Json[];
  header: readonly string[];
  element: string;
}

export type OtherJson =
  | { kind: 'routes'; from: string; routes: JsonRoute[] }
  | { kind: 'rows'; rows: JsonRows }
  | { kind: 'refused'; problem: Message; remedy?: Message };

/**
 * What is known of JSON that is not GeoJSON: answers of routing services, exports of apps, lists of positions. Throws
 * TooManyPoints.
 */
export function otherJson(value: unknown): OtherJson | undefined {
  if (isJson(value)) {
    if (value.type === 'Topology')
      return {
        kind: 'refused',
        problem: l10n.t('this is TopoJSON, which is not read; export GeoJSON'),
      };
    for (const [from, read] of FORMATS) {
      const routes = read(value, new EncodedLines())?.filter(({ lines }) => lines.length > 0);
      if (routes !== undefined && routes.length > 0) return { kind: 'routes', from, routes };
    }
  }
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    if (isJson(first) && 'payload' in first && 'serial' in first)
      return {
        kind: 'refused',
        problem: l10n.t('this is a recording of a simulation'),
        remedy: l10n.t('Replay it with: cms-enablement replay --file.'),
      };
    const streams = stravaStreams(
      Object.fromEntries((value as unknown[]).filter(isJson).map((it) => [String(it.type), it])),
    );
    if (streams !== undefined) return { kind: 'routes', from: 'Strava', routes: streams };
    const segments = timeline({ semanticSegments: value });
    if (segments !== undefined) return { kind: 'routes', from: 'Google Timeline', routes: segments };
  }
  const rows = rowsIn(value, '', 0);
  if (rows !== undefined) return { kind: 'rows', rows };
  // Good answers say "OK" and name no errors in the same words: only where they hold nothing else do those count.
  return isJson(value) ? refusal(value) : undefined;
}

/** Answers that hold no route but an error. */
function refusal(value: Json): OtherJson | undefined {
  if (
    typeof value.code === 'string' &&
    typeof value.message === 'string' &&
    !isGood(value.code) &&
    !('routes' in value)
  ) {
    const problem = l10n.t('this is the error of a routing service ({code}: {text})', {
      code: value.code,
      text: value.message.slice(0, 80),
    });
    return { kind: 'refused', problem };
  }
  const why = errorIn(value);
  return why === undefined ? undefined : { kind: 'refused', ...errorOfServer(why) };
}

/** Whether a status or a code says that all went well. */
function isGood(status: unknown): boolean {
  const text = typeof status === 'string' || typeof status === 'number' ? String(status) : '';
  return status === true || /^(?:0|2\d\d|ok|success)$/i.test(text);
}

function isNoError(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === false || value === 0 || value === '';
}

const ERRORS = ['error', 'errors', 'Error', 'fault', 'detail'];

/** What a server says of an error where nothing else is in its answer. */
function errorIn(value: Json): string | undefined {
  const error = ERRORS.find((key) => !isNoError(value[key]));
  const isStatus =
    typeof value.message === 'string' &&
    ['status', 'statusCode'].some((key) => key in value && !isGood(value[key]));
  if (error === undefined && !isStatus) return undefined;
  const isRows = ([key, it]: [string, unknown]) =>
    !ERRORS.includes(key) && Array.isArray(it) && it.some(isJson);
  if (Object.entries(value).some(isRows)) return undefined;
  const said = textIn(value, 'error_description') ?? textIn(value, 'message');
  const inner = error === undefined ? undefined : value[error];
  const first: unknown = Array.isArray(inner) ? inner[0] : inner;
  if (said !== undefined) return said;
  if (isJson(first)) return textIn(first, 'message') ?? textIn(first, 'detail') ?? '';
  return typeof first === 'string' ? first : '';
}

type ReadFormat = (value: Json, encoded: EncodedLines) => JsonRoute[] | undefined;

const FORMATS: readonly (readonly [from: string, read: ReadFormat])[] = [
  ['Google Directions', googleDirections],
  ['Google Routes', googleRoutes],
  ['HERE', here],
  ['TomTom', legsOfPoints],
  ['OSRM', osrm],
  ['GraphHopper', graphHopper],
  ['Valhalla', valhalla],
  ['Bing Maps', bing],
  ['Esri', esri],
  ['Google Timeline', timeline],
  ['Strava', stravaStreams],
  ['Strava', stravaActivity],
];

/** OSRM, Mapbox Directions, OpenRouteService: `routes[].geometry`, encoded or as GeoJSON. */
function osrm(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  const start = isJson(arrayIn(value, 'waypoints')[0])
    ? (arrayIn(value, 'waypoints')[0] as Json).location
    : undefined;
  return arrayIn(value, 'routes').map((route, i) => {
    const element = `routes[${i}].geometry`;
    if (!isJson(route)) return { name: undefined, lines: [] };
    const { geometry } = route;
    if (isJson(geometry)) return { name: undefined, lines: [{ geometry, element }] };
    if (typeof geometry !== 'string') return { name: undefined, lines: [] };
    const summary = isJson(route.summary) ? route.summary : route;
    // Both precisions are in use; OpenRouteService also writes heights.
    const points = encoded.closest(geometry, [[5], [6], [5, 3]], {
      start,
      meters: numberIn(summary, 'distance'),
    });
    return { name: undefined, lines: points === undefined ? [] : [{ geometry: points, element }] };
  });
}

/** `paths[].points`, encoded (with heights, if asked for) or as GeoJSON. Source: docs.graphhopper.com. */
function graphHopper(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  return arrayIn(value, 'paths').map((path, i) => {
    const element = `paths[${i}].points`;
    if (!isJson(path)) return { name: undefined, lines: [] };
    if (isJson(path.points)) return { name: undefined, lines: [{ geometry: path.points, element }] };
    if (typeof path.points !== 'string') return { name: undefined, lines: [] };
    const precision = Math.round(Math.log10(numberIn(path, 'points_encoded_multiplier') ?? 1e5));
    const meters = numberIn(path, 'distance');
    const box = arrayIn(path, 'bbox');
    // With heights the box has six numbers; older versions always have four.
    const points =
      box.length === 6
        ? encoded.google(path.points, precision, 3)
        : encoded.closest(path.points, [[precision], [precision, 3]], { meters });
    return { name: undefined, lines: points === undefined ? [] : [{ geometry: points, element }] };
  });
}

/** `trip.legs[].shape` with six decimals. Source: valhalla.github.io, turn-by-turn. */
function valhalla(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  const trips = [value, ...arrayIn(value, 'alternates')].filter(isJson);
  return trips.flatMap((it, i) => {
    if (!isJson(it.trip)) return [];
    const before = i === 0 ? '' : `alternates[${i - 1}].`;
    const lines = arrayIn(it.trip, 'legs').flatMap((leg, l) => {
      const shape = isJson(leg) ? textIn(leg, 'shape') : undefined;
      const geometry = shape === undefined ? undefined : encoded.google(shape, 6);
      return geometry === undefined ? [] : [{ geometry, element: `${before}trip.legs[${l}].shape` }];
    });
    return [{ name: undefined, lines }];
  });
}

/** The lines of the steps, which are finer than that of the overview. */
function googleDirections(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  return arrayIn(value, 'routes').map((route, r) => {
    if (!isJson(route) || !isJson(route.overview_polyline)) return { name: undefined, lines: [] };
    const steps = arrayIn(route, 'legs').flatMap((leg, l) =>
      arrayIn(leg, 'steps').flatMap((step, s) => {
        const points = isJson(step) && isJson(step.polyline) ? textIn(step.polyline, 'points') : undefined;
        const geometry = points === undefined ? undefined : encoded.google(points, 5);
        return geometry === undefined
          ? []
          : [{ geometry, element: `routes[${r}].legs[${l}].steps[${s}].polyline` }];
      }),
    );
    const overview =
      steps.length > 0 ? undefined : encoded.google(textIn(route.overview_polyline, 'points') ?? ' ', 5);
    const element = `routes[${r}].overview_polyline`;
    const lines = steps.length > 0 ? steps : overview === undefined ? [] : [{ geometry: overview, element }];
    return { name: textIn(route, 'summary'), lines };
  });
}

/** Routes API: `routes[].polyline`. */
function googleRoutes(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  return arrayIn(value, 'routes').map((route, r) => {
    if (!isJson(route) || !isJson(route.polyline)) return { name: undefined, lines: [] };
    const element = `routes[${r}].polyline`;
    const { geoJsonLinestring } = route.polyline;
    if (isJson(geoJsonLinestring))
      return { name: undefined, lines: [{ geometry: geoJsonLinestring, element }] };
    const geometry = encoded.google(textIn(route.polyline, 'encodedPolyline') ?? ' ', 5);
    return {
      name: textIn(route, 'description'),
      lines: geometry === undefined ? [] : [{ geometry, element }],
    };
  });
}

/** Routing v8: `routes[].sections[].polyline`; v7: `response.route[].shape`, texts of latitude and longitude. */
function here(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  const v8 = arrayIn(value, 'routes').map((route, r) => ({
    name: undefined,
    lines: arrayIn(route, 'sections').flatMap((section, s) => {
      const text = isJson(section) ? textIn(section, 'polyline') : undefined;
      const geometry = text === undefined ? undefined : encoded.here(text);
      return geometry === undefined ? [] : [{ geometry, element: `routes[${r}].sections[${s}].polyline` }];
    }),
  }));
  const v7 = arrayIn(value.response, 'route').map((route, r) => {
    const geometry = arrayIn(route, 'shape').map((text) => String(text).split(',', 3).map(Number)) as Encoded;
    return {
      name: undefined,
      lines: geometry.length > 0 ? [{ geometry, element: `response.route[${r}].shape` }] : [],
    };
  });
  return [...v8, ...v7];
}

/** TomTom and Azure Maps: `routes[].legs[].points[]` with latitude and longitude. */
function legsOfPoints(value: Json): JsonRoute[] | undefined {
  return arrayIn(value, 'routes').map((route, r) => ({
    name: undefined,
    lines: arrayIn(route, 'legs').flatMap((leg, l) => {
      const geometry = arrayIn(leg, 'points').flatMap((point) => {
        if (!isJson(point)) return [];
        const [latitude, longitude] = [numberIn(point, 'latitude'), numberIn(point, 'longitude')];
        return latitude === undefined || longitude === undefined
          ? []
          : [[latitude, longitude] as Encoded[number]];
      });
      return geometry.length > 0 ? [{ geometry, element: `routes[${r}].legs[${l}].points` }] : [];
    }),
  }));
}

function bing(value: Json): JsonRoute[] | undefined {
  return arrayIn(value, 'resourceSets').flatMap((set, s) =>
    arrayIn(set, 'resources').map((resource, r) => {
      const path = isJson(resource) && isJson(resource.routePath) ? resource.routePath.line : undefined;
      const geometry = arrayIn(path, 'coordinates') as Encoded;
      const element = `resourceSets[${s}].resources[${r}].routePath.line.coordinates`;
      return { name: undefined, lines: geometry.length > 0 ? [{ geometry, element }] : [] };
    }),
  );
}

/** `paths` of polylines, longitude first. In meters of a map projection they are refused as no coordinates. */
function esri(value: Json): JsonRoute[] | undefined {
  const features = 'paths' in value ? [{ geometry: value }] : arrayIn(value, 'features');
  return features.map((feature, f) => {
    const geometry = isJson(feature) ? feature.geometry : undefined;
    const isLine = (path: unknown) => Array.isArray(path) && Array.isArray((path as unknown[])[0]);
    const paths = arrayIn(geometry, 'paths').filter(isLine);
    const element = 'paths' in value ? 'paths' : `features[${f}].geometry.paths`;
    const lines = paths.map((coordinates, i) => ({
      geometry: { type: 'LineString', coordinates },
      element: `${element}[${i}]`,
    }));
    return { name: undefined, lines };
  });
}

/** The export of a phone (`semanticSegments`), and that of Takeout (`timelineObjects`). */
function timeline(value: Json): JsonRoute[] | undefined {
  const routes: JsonRoute[] = [];
  for (const [s, segment] of arrayIn(value, 'semanticSegments').entries()) {
    const path = arrayIn(segment, 'timelinePath').filter(isJson);
    const begin = isJson(segment) ? Date.parse(String(segment.startTime)) : NaN;
    const geometry = path.map(({ point }) => degreesOf(String(point))).filter((it) => it !== undefined);
    if (geometry.length === 0 || geometry.length !== path.length) continue;
    const times = path.map(
      ({ time, durationMinutesOffsetFromStartTime: minutes }) =>
        time ?? (Number.isNaN(begin) ? undefined : begin + Number(minutes) * 60_000),
    );
    routes.push({
      name: undefined,
      lines: [{ geometry, element: `semanticSegments[${s}].timelinePath`, times }],
    });
  }
  for (const [s, object] of arrayIn(value, 'timelineObjects').entries()) {
    const segment = isJson(object) && isJson(object.activitySegment) ? object.activitySegment : {};
    const raw = arrayIn(segment.simplifiedRawPath, 'points');
    const points = (raw.length > 1 ? raw : arrayIn(segment.waypointPath, 'waypoints')).filter(isJson);
    const geometry = points.map((point) => [
      (numberIn(point, 'latE7') ?? NaN) / 1e7,
      (numberIn(point, 'lngE7') ?? NaN) / 1e7,
    ]) as Encoded;
    if (geometry.length === 0) continue;
    const times = points.map(({ timestamp, timestampMs }) => timestamp ?? timestampMs);
    routes.push({
      name: undefined,
      lines: [{ geometry, element: `timelineObjects[${s}].activitySegment`, times }],
    });
  }
  return routes.length > 0 ? routes : undefined;
}

/** `48.1374°, 11.5754°` or `geo:48.1374,11.5754`. */
function degreesOf(text: string): Encoded[number] | undefined {
  const [, latitude, longitude] = /^(?:geo:)?\s*(-?[\d.]{1,20})°?\s*,\s*(-?[\d.]{1,20})°?$/.exec(text) ?? [];
  return latitude === undefined || longitude === undefined
    ? undefined
    : [Number(latitude), Number(longitude)];
}

/** Streams by key: `latlng`, `time` (seconds from the start), `altitude`, each with `data`. */
function stravaStreams(value: Json): JsonRoute[] | undefined {
  const stream = (key: string) => arrayIn(value[key], 'data');
  const places = stream('latlng');
  if (places.length === 0) return undefined;
  const heights = stream('altitude');
  const geometry = places.map((place, i) => {
    const [latitude, longitude] = Array.isArray(place) ? (place as unknown[]) : [];
    const height = heights[i];
    const point: Encoded[number] = [Number(latitude), Number(longitude)];
    return typeof height === 'number' ? [...point, height] : point;
  }) as Encoded;
  return [{ name: undefined, lines: [{ geometry, element: 'latlng.data', times: stream('time') }] }];
}

function stravaActivity(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  if (!isJson(value.map)) return undefined;
  const text = textIn(value.map, 'polyline') ?? textIn(value.map, 'summary_polyline');
  const geometry = text === undefined ? undefined : encoded.google(text, 5);
  return geometry && [{ name: textIn(value, 'name'), lines: [{ geometry, element: 'map.polyline' }] }];
}

/** The first list of objects whose keys name latitude and longitude, as the list itself or in a property. */
function rowsIn(value: unknown, element: string, depth: number): JsonRows | undefined {
  if (Array.isArray(value)) {
    const list = (value as unknown[]).filter(isJson).map(flat);
    const header = keysOf(list.slice(0, 20));
    if (list.length > 1 && columnsOf(header) !== undefined) return { list, header, element };
    return undefined;
  }
  if (!isJson(value) || depth > 3) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = rowsIn(inner, element === '' ? key : `${element}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keys inside a key that are looked at. */
const MOST_INNER = 50;

/** `{ "location": { "lat": 1 } }` as `{ "location lat": 1 }`. */
function flat(item: Json): Json {
  const result: Record<string, unknown> = {};
  for (const key of keysOf([item])) {
    const value = item[key];
    if (!isJson(value)) result[key] = value;
    else for (const inner of keysOf([value]).slice(0, MOST_INNER)) result[`${key} ${inner}`] = value[inner];
  }
  return result;
}
