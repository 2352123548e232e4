/** State documents of device shadows (AWS IoT Developer Guide, "Device Shadow service documents"). */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

export interface Sections {
  desired?: JsonObject;
  reported?: JsonObject;
}

/** What a request may say of a section: null takes it away. */
export type SectionChanges = { [section in keyof Sections]?: JsonObject | null };

export const SECTIONS = ['desired', 'reported'] as const;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects are merged, all else is replaced, null takes away. */
export function merge(into: JsonObject, change: JsonObject): JsonObject {
  const merged = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(change)) {
    const known = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? merge(isObject(known) ? known : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Metadata beside a section: each value of the change is known to be as new as `timestamp`. */
export function mergeMetadata(into: JsonObject, change: JsonObject, timestamp: number): JsonObject {
  const merged = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(change)) {
    const known = merged.get(name);
    if (value === null) merged.delete(name);
    else if (!isObject(value)) merged.set(name, { timestamp });
    else merged.set(name, mergeMetadata(isObject(known) && !isLeaf(known) ? known : {}, value, timestamp));
  }
  return Object.fromEntries(merged);
}

/** What is desired and not reported so; undefined when nothing is. */
export function difference(desired: JsonObject, reported: JsonObject): JsonObject | undefined {
  const known = new Map(Object.entries(reported));
  const delta = Object.entries(desired).flatMap(([name, wanted]): [string, Json][] => {
    const other = known.get(name);
    if (!isObject(wanted) || !isObject(other)) return equal(wanted, other) ? [] : [[name, wanted]];
    const inner = difference(wanted, other);
    return inner === undefined ? [] : [[name, inner]];
  });
  return delta.length === 0 ? undefined : Object.fromEntries(delta);
}

/** The part of the metadata that is about the values of `state`. */
export function metadataOf(state: JsonObject, metadata: JsonObject): JsonObject {
  const all = new Map(Object.entries(metadata));
  const part = Object.entries(state).flatMap(([name, value]): [string, Json][] => {
    const known = all.get(name);
    if (known === undefined) return [];
    return [[name, isObject(value) && isObject(known) ? metadataOf(value, known) : known]];
  });
  return Object.fromEntries(part);
}

/** A timestamp, not an object of timestamps: those of an attribute called `timestamp` are objects themselves. */
const isLeaf = (metadata: JsonObject): boolean => typeof metadata.timestamp === 'number';

function equal(one: Json, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => equal(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => equal(one[name] ?? null, other[name]))
    );
  }
  return one === other;
}
