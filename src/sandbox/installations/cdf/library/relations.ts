import { type Json, isObject } from '../../../kit/json.ts';

export type RelationMap = Record<string, string[]>;
/** Directions are as seen from the item that has the relations. */
export interface Relations {
  in?: RelationMap;
  out?: RelationMap;
}

/** The relations of an item: to groups and, for a device, to other devices. */
export interface ItemRelations {
  groups?: Relations;
  devices?: Relations;
}

/**
 * The relations of a request body. With an `in` or `out` member the body has the v2.0 shape, whatever the headers
 * say. Otherwise (v1.0) every relation is outgoing.
 */
export function readRelations(body: Json): ItemRelations {
  const directed = [body.groups, body.devices].some(
    (part) => isObject(part) && (Boolean(part.in) || Boolean(part.out)),
  );
  const result: ItemRelations = {};
  for (const kind of ['groups', 'devices'] as const) {
    const relations = body[kind];
    if (relations === undefined || relations === null) continue;
    result[kind] = directed ? relations : { out: relations as RelationMap };
  }
  return result;
}

/** Lower-cases related paths and ids. With `names` also the relation names, where the original does that. */
export function lowerRelations(relations: Relations, names: boolean): Relations {
  const result: Relations = { ...relations };
  for (const direction of ['in', 'out'] as const) {
    const map = relations[direction];
    if (!map) continue;
    result[direction] = Object.fromEntries(
      Object.entries(map).map(([name, ends]) => [
        names ? name.toLowerCase() : name,
        ends.map((end) => end.toLowerCase()),
      ]),
    );
  }
  return result;
}

/** The v1.0 shape: both directions merged under one name. */
export function undirected(relations: Relations): RelationMap {
  const merged: RelationMap = {};
  for (const map of [relations.in, relations.out]) {
    for (const [name, ends] of Object.entries(map ?? {})) merged[name] = [...(merged[name] ?? []), ...ends];
  }
  return merged;
}
