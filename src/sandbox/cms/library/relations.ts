import { type Json, isObject } from '../../kit/json.ts';

export type RelationMap = Record<string, string[]>;
/** Direction as seen from the item that carries it. */
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
 * Relations of a request body. With an `in` or `out` member it is the v2.0 shape, whatever the headers say;
 * else every relation means `out` (v1.0).
 */
export function readRelations(body: Json): ItemRelations {
  const directed = [body.groups, body.devices].some(
    (part) => isObject(part) && (Boolean(part.in) || Boolean(part.out)),
  );
  const result: ItemRelations = {};
  for (const kind of ['groups', 'devices'] as const) {
    const given = body[kind];
    if (given === undefined || given === null) continue;
    result[kind] = directed ? given : { out: given as RelationMap };
  }
  return result;
}

/** Related paths and ids in lower case; relation names too where the real service does it (`names`). */
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

/** v1.0 reading: both directions merged under one name. */
export function undirected(relations: Relations): RelationMap {
  const merged: RelationMap = {};
  for (const map of [relations.in, relations.out]) {
    for (const [name, ends] of Object.entries(map ?? {})) merged[name] = [...(merged[name] ?? []), ...ends];
  }
  return merged;
}
