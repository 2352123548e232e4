import * as z from 'zod';
import type { ThingGroupRecord } from '../registry/records.ts';
import type { IotState } from '../registry/state.ts';
import type { ThingGroups } from '../registry/thingGroups.ts';
import { invalidRequest } from '../wire/errors.ts';
import {
  attributePayload,
  DEFAULT_PAGE,
  queryVersion,
  tags,
  thingGroupName,
  thingName,
  tokenPaging,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';

const properties = z.object({
  thingGroupDescription: z.string().max(2028).optional(),
  attributePayload: attributePayload.optional(),
});

/** Who is meant: by name or by ARN. */
const membership = {
  thingGroupName: thingGroupName.optional(),
  thingGroupArn: z.string().optional(),
  thingName: thingName.optional(),
  thingArn: z.string().optional(),
  overrideDynamicGroups: z.boolean().optional(),
};

export function thingGroupOperations(state: IotState, groups: ThingGroups): Operation[] {
  const uri = { thingGroupName };

  const named = (name: string): { groupName: string; groupArn: string } => ({
    groupName: name,
    groupArn: state.arn('thinggroup', name),
  });

  function described(group: ThingGroupRecord): object {
    const { name, id, parent, description, attributes, version, createdAt } = group;
    return {
      thingGroupName: name,
      thingGroupId: id,
      thingGroupArn: state.arn('thinggroup', name),
      version,
      thingGroupProperties: {
        thingGroupDescription: description,
        attributePayload: Object.keys(attributes).length === 0 ? undefined : { attributes },
      },
      thingGroupMetadata: {
        parentGroupName: parent,
        rootToParentThingGroups: parent === undefined ? undefined : above(parent).map(named),
        creationDate: seconds(createdAt),
      },
    };
  }

  /** From the root down. */
  function above(name: string): string[] {
    const parent = state.groups.get(name)?.parent;
    return parent === undefined ? [name] : [...above(parent), name];
  }

  function chosen(kind: 'thing' | 'thinggroup', name: string | undefined, arn: string | undefined): string {
    const found =
      name ??
      (arn?.startsWith(state.arn(kind, '')) === true ? arn.slice(state.arn(kind, '').length) : undefined);
    if (found === undefined)
      throw invalidRequest(
        `A ${kind === 'thing' ? 'thing' : 'thing group'} must be given by its name or ARN.`,
      );
    return found;
  }

  return [
    operation(
      'AddThingToThingGroup',
      'PUT',
      '/thing-groups/addThingToThingGroup',
      { body: membership },
      (input) => {
        groups.add(
          chosen('thinggroup', input.thingGroupName, input.thingGroupArn),
          chosen('thing', input.thingName, input.thingArn),
        );
        return {};
      },
    ),
    operation(
      'RemoveThingFromThingGroup',
      'PUT',
      '/thing-groups/removeThingFromThingGroup',
      { body: membership },
      (input) => {
        groups.removeThing(
          chosen('thinggroup', input.thingGroupName, input.thingGroupArn),
          chosen('thing', input.thingName, input.thingArn),
        );
        return {};
      },
    ),
    operation(
      'CreateThingGroup',
      'POST',
      '/thing-groups/:thingGroupName',
      {
        uri,
        body: {
          parentGroupName: thingGroupName.optional(),
          thingGroupProperties: properties.optional(),
          tags,
        },
      },
      (input) => {
        const created = groups.create(input.thingGroupName, {
          parent: input.parentGroupName,
          description: input.thingGroupProperties?.thingGroupDescription,
          attributes: input.thingGroupProperties?.attributePayload?.attributes,
        });
        return {
          thingGroupName: created.name,
          thingGroupArn: state.arn('thinggroup', created.name),
          thingGroupId: created.id,
        };
      },
    ),
    operation('DescribeThingGroup', 'GET', '/thing-groups/:thingGroupName', { uri }, (input) =>
      described(groups.find(input.thingGroupName)),
    ),
    operation(
      'DeleteThingGroup',
      'DELETE',
      '/thing-groups/:thingGroupName',
      { uri, query: { expectedVersion: queryVersion } },
      (input) => {
        groups.remove(input.thingGroupName);
        return {};
      },
    ),
    operation(
      'ListThingGroups',
      'GET',
      '/thing-groups',
      {
        query: {
          ...tokenPaging,
          parentGroup: thingGroupName.optional(),
          namePrefixFilter: thingGroupName.optional(),
          recursive: z.enum(['true', 'false']).optional(),
        },
      },
      (input) => {
        const all = groups.list({ parent: input.parentGroup, prefix: input.namePrefixFilter });
        const { items, next } = page(all, { token: input.nextToken, size: input.maxResults ?? DEFAULT_PAGE });
        return { thingGroups: items.map(({ name }) => named(name)), nextToken: next };
      },
    ),
    operation(
      'ListThingGroupsForThing',
      'GET',
      '/things/:thingName/thing-groups',
      { uri: { thingName }, query: tokenPaging },
      (input) => {
        const { items, next } = page(groups.groupsOf(input.thingName), {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return { thingGroups: items.map(({ key }) => named(key)), nextToken: next };
      },
    ),
    operation(
      'ListThingsInThingGroup',
      'GET',
      '/thing-groups/:thingGroupName/things',
      { uri, query: { ...tokenPaging, recursive: z.enum(['true', 'false']).optional() } },
      (input) => {
        const { items, next } = page(groups.thingsOf(input.thingGroupName), {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return { things: items.map(({ key }) => key), nextToken: next };
      },
    ),
  ];
}
