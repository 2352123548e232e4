import { isObject, parseJson } from '../../../kit/json.ts';
import type { Bucket } from '../../../services/s3/buckets.ts';

/** A query over the store failed, with the words of the function behind the API. */
export class QueryFailed extends Error {}

/** One message, as a row of the table over all of them: columns by their path in small letters. */
export type Row = Readonly<Record<string, unknown>>;

/** Columns of numbers in the schema, of those that vehicles send most: a text there fails every query. */
const NUMBERS = [
  'speed',
  'averagespeed',
  'traveleddistance',
  'currentlocation.latitude',
  'currentlocation.longitude',
  'currentlocation.heading',
  'currentlocation.altitude',
  'vehicleidentification.year',
];

/** All messages in the store. Throws QueryFailed if one of them cannot be read, as Athena does. */
export function rowsOf(bucket: Bucket): Row[] {
  return bucket.keys('cms/data/').map((key) => {
    const text = Buffer.from(bucket.get(key)?.content ?? '', 'base64').toString('utf8');
    const value = parseJson(text);
    // A reader of lines: JSON over several lines is no JSON.
    const isRow = isObject(value) && !text.trim().includes('\n');
    const row = isRow ? lowerCased(value) : undefined;
    if (row === undefined || NUMBERS.some((path) => typeof columnOf(row, path) === 'string')) {
      throw new QueryFailed('Query execution failed with status FAILED');
    }
    return row;
  });
}

function lowerCased(value: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.toLowerCase(),
      isObject(inner) ? lowerCased(inner) : inner,
    ]),
  );
}

/** The value of a column, such as `currentlocation.latitude`; undefined is NULL. */
export function columnOf(row: Row, path: string): unknown {
  let value: unknown = row;
  for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined;
  return value ?? undefined;
}
