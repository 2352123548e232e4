/** State documents of device shadows (AWS IoT Developer Guide, "Device Shadow service documents"). */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

export interface Sections {
  desired?: JsonObject;
  reported?: JsonObject;
}

/** The changes of a request to a section; null removes it. */
export type SectionChanges = { [section in keyof Sections]?: JsonObject | null };

export const SECTIONS = ['desired', 'reported'] as const;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Merges objects and replaces everything else. Null removes a member. */
export function merge(into: JsonObject, change: JsonObject): JsonObject {
  const merged = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(change)) {
    const existing = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? merge(isObject(existing) ? existing : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Merges the metadata of a section: each changed value gets `timestamp`. */
export function mergeMetadata(into: JsonObject, change: JsonObject, timestamp: number): JsonObject {
  const merged = new Map(Object.entries(into));
  for (const [name, value] of Object.entries(change)) {
    const existing = merged.get(name);
    if (value === null) merged.delete(name);
    else if (!isObject(value)) merged.set(name, { timestamp });
    else
      merged.set(
        name,
        mergeMetadata(isObject(existing) && !isLeaf(existing) ? existing : {}, value, timestamp),
      );
  }
  return Object.fromEntries(merged);
}

/** The desired values that differ from the reported ones; undefined when none do. */
export function difference(desired: JsonObject, reported: JsonObject): JsonObject | undefined {
  const reportedValues = new Map(Object.entries(reported));
  const delta = Object.entries(desired).flatMap(([name, wanted]): [string, Json][] => {
    const other = reportedValues.get(name);
    if (!isObject(wanted) || !isObject(other)) return equal(wanted, other) ? [] : [[name, wanted]];
    const inner = difference(wanted, other);
    return inner === undefined ? [] : [[name, inner]];
  });
  return delta.length === 0 ? undefined : Object.fromEntries(delta);
}

/** The part of the metadata that belongs to the values of `state`. */
export function metadataOf(state: JsonObject, metadata: JsonObject): JsonObject {
  const all = new Map(Object.entries(metadata));
  const part = Object.entries(state).flatMap(([name, value]): [string, Json][] => {
    const found = all.get(name);
    if (found === undefined) return [];
    return [[name, isObject(value) && isObject(found) ? metadataOf(value, found) : found]];
  });
  return Object.fromEntries(part);
}

/** Whether it is the timestamp of a value. The metadata of an attribute named `timestamp` would be an object. */
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
