import type { EncodedLines } from './encodedLines.ts';
import type { JsonRoute } from './jsonRoute.ts';
import { arrayIn, isJson, numberIn, textIn, type Json } from './jsonValues.ts';
import type { Encoded } from './polyline.ts';

/** OSRM, Mapbox Directions, OpenRouteService: `routes[].geometry`, encoded or as GeoJSON. */
export function osrm(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
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
export function graphHopper(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
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
export function valhalla(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
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
export function googleDirections(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
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
export function googleRoutes(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
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
export function here(value: Json, encoded: EncodedLines): JsonRoute[] | undefined {
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
export function legsOfPoints(value: Json): JsonRoute[] | undefined {
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

export function bing(value: Json): JsonRoute[] | undefined {
  return arrayIn(value, 'resourceSets').flatMap((set, s) =>
    arrayIn(set, 'resources').map((resource, r) => {
      const path = isJson(resource) && isJson(resource.routePath) ? resource.routePath.line : undefined;
      const geometry = arrayIn(path, 'coordinates') as Encoded;
      const element = `resourceSets[${s}].resources[${r}].routePath.line.coordinates`;
      return { name: undefined, lines: geometry.length > 0 ? [{ geometry, element }] : [] };
    }),
  );
}
