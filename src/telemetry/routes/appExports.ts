import type { EncodedLines } from './encodedLines.ts';
import type { JsonRoute } from './jsonRoute.ts';
import { arrayIn, isJson, numberIn, textIn, type Json } from './jsonValues.ts';
import type { Encoded } from './polyline.ts';

/** `paths` of polylines, longitude first. In meters of a map projection they are refused as no coordinates. */
export function esri(value: Json): JsonRoute[] | undefined {
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
export function timeline(value: Json): JsonRoute[] | undefined {
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
export function stravaStreams(value: Json): JsonRoute[] | undefined {
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

export function stravaActivity(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
  if (!isJson(value.map)) return undefined;
  const text = textIn(value.map, 'polyline') ?? textIn(value.map, 'summary_polyline');
  const geometry = text === undefined ? undefined : encoded.google(text, 5);
  return geometry && [{ name: textIn(value, 'name'), lines: [{ geometry, element: 'map.polyline' }] }];
}
