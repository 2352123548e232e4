import { randomUUID } from 'node:crypto';
import { alreadyExists, invalidRequest, notFound } from '../wire/errors.ts';
import type { Numbered } from '../wire/page.ts';
import type { ThingGroupRecord } from './records.ts';
import type { IotState } from './state.ts';

/** Static thing groups ("Static thing groups"): of things, and one below another. */
export interface ThingGroups {
  create(name: string, group: NewThingGroup): ThingGroupRecord;
  find(name: string): ThingGroupRecord;
  remove(name: string): void;
  list(filter: { parent?: string | undefined; prefix?: string | undefined }): ThingGroupRecord[];
  /** Idempotent. */
  add(group: string, thing: string): void;
  /** Removing a thing that is not in it is not an error. */
  removeThing(group: string, thing: string): void;
  groupsOf(thing: string): ({ key: string } & Numbered)[];
  thingsOf(group: string): ({ key: string } & Numbered)[];
}

export interface NewThingGroup {
  parent?: string | undefined;
  description?: string | undefined;
  attributes?: Record<string, string> | undefined;
}

/** "AWS IoT Core thing group resource limits and quotas". */
const MOST_GROUPS_OF_THING = 10;

export function createThingGroups(state: IotState): ThingGroups {
  const { groups, groupThings } = state;

  function find(name: string): ThingGroupRecord {
    const found = groups.get(name);
    if (found === undefined) throw notFound(`Thing group ${name} not found`);
    return found;
  }

  function checkThing(name: string): void {
    if (!state.things.has(name)) throw notFound(`Thing ${name} not found`);
  }

  /** What the policies of its groups allow a thing has changed. */
  function changed(thing: string): void {
    for (const { key } of state.thingPrincipals.rightsOf(thing)) state.changed(key);
  }

  state.onThingRemoved((thing) => {
    for (const { key } of groupThings.leftsOf(thing)) groupThings.remove(key, thing);
  });

  return {
    find,
    create(name, { parent, description, attributes = {} }) {
      if (parent !== undefined) find(parent);
      const existing = groups.get(name);
      if (existing !== undefined) {
        const same =
          existing.parent === parent &&
          existing.description === description &&
          JSON.stringify(existing.attributes) === JSON.stringify(attributes);
        if (same) return existing;
        throw alreadyExists(
          `Thing Group ${name} already exists in current account with different properties`,
          existing.id,
          state.arn('thinggroup', name),
        );
      }
      const created: ThingGroupRecord = {
        name,
        id: randomUUID(),
        parent,
        description,
        attributes,
        version: 1,
        createdAt: state.now(),
        sequence: state.next(),
      };
      groups.set(name, created);
      return created;
    },
    remove(name) {
      if (!groups.has(name)) return;
      if ([...groups.values()].some(({ parent }) => parent === name)) {
        throw invalidRequest(
          `Cannot delete thing group ${name} when there are still child groups attached to it`,
        );
      }
      const arn = state.arn('thinggroup', name);
      for (const { key } of state.policyTargets.leftsOf(arn)) state.policyTargets.remove(key, arn);
      const things = groupThings.rightsOf(name);
      for (const { key } of things) groupThings.remove(name, key);
      groups.delete(name);
      for (const { key } of things) changed(key);
    },
    list: ({ parent, prefix = '' }) =>
      [...groups.values()].filter(
        (group) => group.name.startsWith(prefix) && (parent === undefined || group.parent === parent),
      ),
    add(group, thing) {
      find(group);
      checkThing(thing);
      const others = groupThings.leftsOf(thing).filter(({ key }) => key !== group);
      if (others.length >= MOST_GROUPS_OF_THING) {
        throw invalidRequest(
          `Thing ${thing} is already in the maximum of ${MOST_GROUPS_OF_THING} thing groups`,
        );
      }
      if (groupThings.add(group, thing, { sequence: state.next() })) changed(thing);
    },
    removeThing(group, thing) {
      find(group);
      checkThing(thing);
      if (groupThings.remove(group, thing)) changed(thing);
    },
    groupsOf(thing) {
      checkThing(thing);
      return groupThings.leftsOf(thing);
    },
    thingsOf(group) {
      find(group);
      return groupThings.rightsOf(group);
    },
  };
}

/** The ARNs of the groups that a thing is in, and of those above them: their policies are the thing's, too. */
export function groupArnsOf(state: IotState, thing: string): string[] {
  const names = new Set<string>();
  for (const { key } of state.groupThings.leftsOf(thing)) {
    for (let name: string | undefined = key; name !== undefined && !names.has(name);) {
      names.add(name);
      name = state.groups.get(name)?.parent;
    }
  }
  return [...names].map((name) => state.arn('thinggroup', name));
}

/** The things that a policy attached to this group concerns: its own, and those of the groups below. */
export function thingsBelow(state: IotState, group: string): string[] {
  const below = [...state.groups.values()].filter(({ parent }) => parent === group);
  return [
    ...state.groupThings.rightsOf(group).map(({ key }) => key),
    ...below.flatMap(({ name }) => thingsBelow(state, name)),
  ];
}
