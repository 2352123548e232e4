import { isObject, type Json } from '../../../kit/json.ts';

/** Lower-cases all keys, recursively, as the Lambdas do first of all. If two keys become equal, the last one wins. */
export function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lowerKeys(inner)]),
  );
}

/**
 * The position the map shows for a message: the last keys containing `latitude` and `longitude`, at any depth. The
 * values are as sent: numbers or strings. Undefined when one of the two is missing.
 */
export function locationOf(message: Json): { longitude: unknown; latitude: unknown } | undefined {
  let longitude: unknown;
  let latitude: unknown;
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isObject(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (isObject(inner) || Array.isArray(inner)) walk(inner);
      else if (key.includes('longitude')) longitude = inner;
      else if (key.includes('latitude')) latitude = inner;
    }
  };
  walk(message);
  return longitude === undefined || latitude === undefined ? undefined : { longitude, latitude };
}
