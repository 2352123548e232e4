import { BOUNDS, TooManyPoints } from './bounds.ts';
import { columnsOf } from './csvColumns.ts';
import { isJson, keysOf, type Json } from './jsonValues.ts';

/** A list of objects with a position each, to be read as the rows of a table. */
export interface JsonRows {
  list: readonly Json[];
  header: readonly string[];
  element: string;
}

/** Lists inside each other that are looked into. */
const DEEPEST = 3;
/** Keys inside a key that are looked at. */
const MOST_INNER = 50;

/**
 * The first table in a value: a list of objects whose keys name latitude and longitude, a list for each column, or
 * rows beside the names of their columns. Throws TooManyPoints.
 */
export function rowsIn(value: unknown, element: string, depth = 0): JsonRows | undefined {
  if (Array.isArray(value)) return rowsOf(value as unknown[], element);
  if (!isJson(value) || depth > DEEPEST) return undefined;
  const table = rowsUnderNames(value, element) ?? columnsBeside(value, element);
  if (table !== undefined) return table;
  // A list with a key for each item, as Firebase writes it.
  const items = Object.values(value);
  if (items.length > 2 && items.every(isJson)) {
    const rows = rowsOf(items, element);
    if (rows !== undefined) return rows;
  }
  for (const [key, inner] of Object.entries(value)) {
    const found = rowsIn(inner, element === '' ? key : `${element}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function rowsOf(items: readonly unknown[], element: string): JsonRows | undefined {
  const objects = items.filter(isJson);
  if (objects.length < 2) {
    // Answers of several queries, such as those of InfluxDB.
    const [only] = objects;
    return only === undefined ? undefined : rowsIn(only, `${element}[0]`, 1);
  }
  // Deeper only where nothing else is: a position stands mostly beside its time.
  for (const deep of [1, 3]) {
    const header = keysOf(objects.slice(0, 20).map((item) => flat(item, deep)));
    if (columnsOf(header) !== undefined)
      return { list: objects.map((item) => flat(item, deep)), header, element };
  }
  return undefined;
}

/** `{ "location": { "lat": 1 } }` as `{ "location lat": 1 }`. */
function flat(item: Json, deep: number): Json {
  const result: Record<string, unknown> = {};
  for (const key of keysOf([item])) {
    const value = bare(item[key]);
    if (!isJson(value)) {
      result[key] = value;
      continue;
    }
    if (value.type === 'Point' && Array.isArray(value.coordinates)) {
      const [longitude, latitude] = value.coordinates as unknown[];
      Object.assign(result, { [`${key} latitude`]: latitude, [`${key} longitude`]: longitude });
      continue;
    }
    const inside = deep > 1 ? flat(value, deep - 1) : value;
    for (const inner of keysOf([inside]).slice(0, MOST_INNER)) result[`${key} ${inner}`] = inside[inner];
  }
  return result;
}

/** `{ "$date": { "$numberLong": "1" } }` as the value that is in it (MongoDB Extended JSON). */
function bare(value: unknown): unknown {
  let inner = value;
  for (let i = 0; i < DEEPEST && isJson(inner); i++) {
    const [only, another] = Object.keys(inner);
    if (only?.startsWith('$') !== true || another !== undefined) break;
    inner = inner[only];
  }
  return inner;
}

/** `{ "lat": [1, 2], "lon": [3, 4] }`, or with `{ "0": 1, "1": 2 }` in the place of each list, as pandas writes it. */
function columnsBeside(value: Json, element: string): JsonRows | undefined {
  const lists = new Map<string, readonly unknown[]>();
  for (const key of keysOf([value])) {
    const inner = value[key];
    const list = Array.isArray(inner)
      ? (inner as unknown[])
      : isNumbered(inner)
        ? Object.values(inner)
        : undefined;
    if (list !== undefined) lists.set(key, list);
  }
  const columns = columnsOf([...lists.keys()]);
  if (columns === undefined) return undefined;
  const all = [...lists];
  const [size, other] = [columns.latitude, columns.longitude].map((index) => all[index]?.[1].length ?? 0);
  if (size === undefined || size < 2 || size !== other) return undefined;
  if (size > BOUNDS.points) throw new TooManyPoints();
  const same = all.filter(([, list]) => list.length === size);
  return {
    list: Array.from({ length: size }, (_, i) =>
      Object.fromEntries(same.map(([key, list]) => [key, list[i]])),
    ),
    header: same.map(([key]) => key),
    element,
  };
}

function isNumbered(value: unknown): value is Json {
  return isJson(value) && Object.hasOwn(value, '0') && Object.hasOwn(value, '1');
}

/** `{ "columns": ["lat", "lon"], "data": [[1, 3], [2, 4]] }`, as pandas, InfluxDB and others write it. */
function rowsUnderNames(value: Json, element: string): JsonRows | undefined {
  const { columns } = value;
  if (!Array.isArray(columns) || !(columns as unknown[]).every((it) => typeof it === 'string'))
    return undefined;
  const header = (columns as string[]).slice(0, BOUNDS.columns);
  const rows = [value.data, value.values, value.rows].find((it) => Array.isArray(it)) as
    unknown[] | undefined;
  if (rows === undefined || columnsOf(header) === undefined) return undefined;
  if (rows.length > BOUNDS.points) throw new TooManyPoints();
  const list = rows
    .filter((row): row is unknown[] => Array.isArray(row))
    .map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
  return list.length < 2 ? undefined : { list, header, element };
}
