import { randomUUID } from 'node:crypto';
import { AwsError } from '../../../kernel/http.ts';
import { invalidRequest, notFound, alreadyExists } from '../wire/errors.ts';
import { defined } from '../../../kit/defined.ts';
import { principalOf } from './principals.ts';
import type { ThingRecord } from './records.ts';
import type { Attachment, IotState } from './state.ts';
import type { ThingTypes } from './thingTypes.ts';

export interface ThingChange {
  thingTypeName?: string | undefined;
  removeThingType?: boolean | undefined;
  attributes?: Record<string, string> | undefined;
  /** Whether attributes are added to the existing ones; otherwise they replace them. */
  merge?: boolean | undefined;
  expectedVersion?: number | undefined;
}

export interface ThingFilter {
  thingTypeName?: string | undefined;
  attributeName?: string | undefined;
  attributeValue?: string | undefined;
  usePrefixAttributeValue?: boolean | undefined;
}

export interface Things {
  /** Idempotent if called with the same configuration. */
  create(
    thingName: string,
    thingTypeName: string | undefined,
    attributes: Record<string, string>,
  ): ThingRecord;
  find(thingName: string): ThingRecord;
  update(thingName: string, change: ThingChange): void;
  /** Removing a thing that does not exist is not an error. */
  remove(thingName: string, expectedVersion?: number): void;
  list(filter: ThingFilter): Iterable<ThingRecord>;
  /** Idempotent. */
  attach(thingName: string, principal: string, type?: Attachment['type']): void;
  detach(thingName: string, principal: string): void;
  principalsOf(thingName: string): ({ key: string } & Attachment)[];
  thingsOf(principal: string): ({ key: string } & Attachment)[];
}

/** "Thing types": attributes a thing may have without and with a type. */
const ATTRIBUTES_UNTYPED = 3;
const ATTRIBUTES_TYPED = 50;

export function createThings(state: IotState, types: ThingTypes): Things {
  const { things, thingPrincipals } = state;

  function find(thingName: string): ThingRecord {
    const found = things.get(thingName);
    if (found === undefined) throw notFound(`Thing ${thingName} not found`);
    return found;
  }

  function checkVersion({ thingName, version }: ThingRecord, expected: number | undefined): void {
    if (expected === undefined || expected === version) return;
    throw new AwsError(
      'VersionConflictException',
      `The version for thing ${thingName} does not match the expected version.`,
      409,
    );
  }

  /** Policies can depend on a thing's attributes, so its certificates count as changed. */
  function notifyPrincipals(thingName: string): void {
    for (const { key } of thingPrincipals.rightsOf(thingName)) state.changed(key);
  }

  return {
    find,
    create(thingName, thingTypeName, newAttributes) {
      const attributes = withoutEmpty(newAttributes);
      const existing = things.get(thingName);
      if (existing !== undefined) {
        if (existing.thingTypeName === thingTypeName && sameAttributes(existing.attributes, attributes))
          return existing;
        throw alreadyExists(
          `Thing ${thingName} already exists in account with different attributes`,
          existing.thingId,
          state.arn('thing', thingName),
        );
      }
      if (thingTypeName !== undefined) types.checkUsable(thingTypeName);
      checkCount(attributes, thingTypeName);
      const created: ThingRecord = {
        thingName,
        thingId: randomUUID(),
        attributes,
        version: 1,
        sequence: state.next(),
        ...defined({ thingTypeName }),
      };
      things.set(thingName, created);
      state.thingChanged('CREATED', created);
      return created;
    },
    update(thingName, change) {
      const thing = find(thingName);
      checkVersion(thing, change.expectedVersion);
      if (change.removeThingType === true && change.thingTypeName !== undefined) {
        throw invalidRequest('A thing type can not be set and removed in one request.');
      }
      const { thingTypeName: typeBefore, ...rest } = thing;
      const thingTypeName =
        change.removeThingType === true ? undefined : (change.thingTypeName ?? typeBefore);
      if (thingTypeName !== undefined && thingTypeName !== typeBefore) types.checkUsable(thingTypeName);
      const attributes =
        change.attributes === undefined
          ? thing.attributes
          : withoutEmpty({ ...(change.merge === true ? thing.attributes : {}), ...change.attributes });
      checkCount(attributes, thingTypeName);
      const updated: ThingRecord = {
        ...rest,
        attributes,
        version: thing.version + 1,
        ...defined({ thingTypeName }),
      };
      things.set(thingName, updated);
      state.thingChanged('UPDATED', updated);
      notifyPrincipals(thingName);
    },
    remove(thingName, expectedVersion) {
      const thing = things.get(thingName);
      if (thing === undefined) return;
      checkVersion(thing, expectedVersion);
      if (thingPrincipals.hasLeft(thingName)) {
        throw invalidRequest(`Cannot delete. Thing ${thingName} is still attached to one or more principals`);
      }
      things.delete(thingName);
      state.thingRemoved(thingName);
      state.thingChanged('DELETED', thing);
    },
    *list({ thingTypeName, attributeName, attributeValue, usePrefixAttributeValue }) {
      for (const thing of things.values()) {
        if (thingTypeName !== undefined && thing.thingTypeName !== thingTypeName) continue;
        if (attributeName !== undefined) {
          const value = Object.hasOwn(thing.attributes, attributeName)
            ? thing.attributes[attributeName]
            : undefined;
          if (value === undefined) continue;
          const wanted = attributeValue ?? '';
          if (usePrefixAttributeValue === true ? !value.startsWith(wanted) : value !== wanted) continue;
        }
        yield thing;
      }
    },
    attach(thingName, requested, type = 'NON_EXCLUSIVE_THING') {
      find(thingName);
      const principal = principalOf(state, requested);
      const others = thingPrincipals.leftsOf(principal).filter(({ key }) => key !== thingName);
      const exclusive = others.some((other) => other.type === 'EXCLUSIVE_THING');
      if (exclusive || (type === 'EXCLUSIVE_THING' && others.length > 0)) {
        throw invalidRequest(
          'The principal is attached to another thing and can not be attached exclusively.',
        );
      }
      if (thingPrincipals.add(thingName, principal, { type, sequence: state.next() }))
        state.changed(principal);
    },
    detach(thingName, requested) {
      find(thingName);
      const principal = principalOf(state, requested);
      if (thingPrincipals.remove(thingName, principal)) state.changed(principal);
    },
    principalsOf(thingName) {
      find(thingName);
      return thingPrincipals.rightsOf(thingName);
    },
    thingsOf: (principal) => thingPrincipals.leftsOf(principalOf(state, principal)),
  };
}

/** An empty value removes an attribute. */
function withoutEmpty(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

function sameAttributes(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function checkCount(attributes: Record<string, string>, thingTypeName: string | undefined): void {
  const allowed = thingTypeName === undefined ? ATTRIBUTES_UNTYPED : ATTRIBUTES_TYPED;
  const count = Object.keys(attributes).length;
  if (count <= allowed) return;
  throw invalidRequest(
    thingTypeName === undefined
      ? `A thing without a thing type can have at most ${allowed} attributes, not ${count}.`
      : `A thing can have at most ${allowed} attributes, not ${count}.`,
  );
}
