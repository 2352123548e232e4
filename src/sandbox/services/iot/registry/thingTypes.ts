import { randomUUID } from 'node:crypto';
import { invalidRequest, notFound, alreadyExists } from '../wire/errors.ts';
import type { ThingTypeRecord } from './records.ts';
import type { IotState } from './state.ts';

export interface ThingTypeProperties {
  thingTypeDescription?: string | undefined;
  searchableAttributes?: string[] | undefined;
}

export interface ThingTypes {
  /** Idempotent if called with the same properties. */
  create(thingTypeName: string, properties: ThingTypeProperties): ThingTypeRecord;
  find(thingTypeName: string): ThingTypeRecord;
  list(thingTypeName?: string): Iterable<ThingTypeRecord>;
  deprecate(thingTypeName: string, undo: boolean): void;
  remove(thingTypeName: string): void;
  /** Throws when the type cannot be assigned to things. */
  checkUsable(thingTypeName: string): void;
}

/** "You must wait five minutes after you deprecate a thing type before you can delete it" ("Thing types"). */
const DELETE_AFTER_MS = 5 * 60_000;
const MAX_SEARCHABLE_ATTRIBUTES = 3;

export function createThingTypes(state: IotState): ThingTypes {
  const { thingTypes, things } = state;

  function find(thingTypeName: string): ThingTypeRecord {
    const found = thingTypes.get(thingTypeName);
    if (found === undefined) throw notFound(`Thing type ${thingTypeName} does not exist.`);
    return found;
  }

  return {
    find,
    create(thingTypeName, properties) {
      const searchableAttributes = properties.searchableAttributes ?? [];
      if (searchableAttributes.length > MAX_SEARCHABLE_ATTRIBUTES) {
        throw invalidRequest(
          `A thing type can have at most ${MAX_SEARCHABLE_ATTRIBUTES} searchable attributes.`,
        );
      }
      const description = properties.thingTypeDescription;
      const existing = thingTypes.get(thingTypeName);
      if (existing !== undefined) {
        const same =
          existing.description === description &&
          [...existing.searchableAttributes].sort().join() === [...searchableAttributes].sort().join();
        if (same) return existing;
        throw alreadyExists(
          `Thing type ${thingTypeName} already exists in account with different properties`,
          existing.thingTypeId,
          state.arn('thingtype', thingTypeName),
        );
      }
      const created: ThingTypeRecord = {
        thingTypeName,
        thingTypeId: randomUUID(),
        description,
        searchableAttributes,
        createdAt: state.now(),
        sequence: state.next(),
      };
      thingTypes.set(thingTypeName, created);
      return created;
    },
    list(thingTypeName) {
      if (thingTypeName === undefined) return thingTypes.values();
      const found = thingTypes.get(thingTypeName);
      return found === undefined ? [] : [found];
    },
    deprecate(thingTypeName, undo) {
      const { deprecatedAt, ...rest } = find(thingTypeName);
      if (undo) thingTypes.set(thingTypeName, rest);
      else thingTypes.set(thingTypeName, { ...rest, deprecatedAt: deprecatedAt ?? state.now() });
    },
    remove(thingTypeName) {
      const { deprecatedAt } = find(thingTypeName);
      if (deprecatedAt === undefined) {
        throw invalidRequest(`Can not delete thing type ${thingTypeName}: deprecate it first.`);
      }
      if (state.context.config.limits && state.now() < deprecatedAt + DELETE_AFTER_MS) {
        throw invalidRequest(
          `Can not delete thing type ${thingTypeName}: five minutes must pass after it was deprecated.`,
        );
      }
      for (const thing of things.values()) {
        if (thing.thingTypeName === thingTypeName) {
          throw invalidRequest(`Can not delete thing type ${thingTypeName}: things are associated with it.`);
        }
      }
      thingTypes.delete(thingTypeName);
    },
    checkUsable(thingTypeName) {
      if (find(thingTypeName).deprecatedAt !== undefined) {
        throw invalidRequest(`Can not associate a thing with the deprecated thing type ${thingTypeName}.`);
      }
    },
  };
}
