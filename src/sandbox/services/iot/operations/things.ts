import * as z from 'zod';
import type { IotState } from '../registry/state.ts';
import type { ThingRecord } from '../registry/records.ts';
import type { Things } from '../registry/things.ts';
import { invalidRequest, notFound } from '../wire/errors.ts';
import {
  attributeName,
  attributePayload,
  attributeValue,
  billingGroupName,
  DEFAULT_PAGE,
  principal,
  principalType,
  queryFlag,
  queryVersion,
  thingName,
  thingTypeName,
  tokenPaging,
} from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';

export function thingOperations(state: IotState, things: Things): Operation[] {
  const uri = { thingName };
  const paged = { query: tokenPaging };

  function described(thing: ThingRecord): object {
    const { thingName: name, thingTypeName: type, attributes, version } = thing;
    return { thingName: name, thingArn: state.arn('thing', name), thingTypeName: type, attributes, version };
  }

  return [
    operation(
      'CreateThing',
      'POST',
      '/things/:thingName',
      {
        uri,
        body: {
          thingTypeName: thingTypeName.optional(),
          attributePayload: attributePayload.optional(),
          billingGroupName: billingGroupName.optional(),
        },
      },
      (input) => {
        if (input.billingGroupName !== undefined) {
          throw notFound(`Billing group ${input.billingGroupName} not found`);
        }
        const created = things.create(
          input.thingName,
          input.thingTypeName,
          input.attributePayload?.attributes ?? {},
        );
        return {
          thingName: created.thingName,
          thingArn: state.arn('thing', created.thingName),
          thingId: created.thingId,
        };
      },
    ),
    operation('DescribeThing', 'GET', '/things/:thingName', { uri }, (input) => {
      const thing = things.find(input.thingName);
      return { defaultClientId: thing.thingName, thingId: thing.thingId, ...described(thing) };
    }),
    operation(
      'UpdateThing',
      'PATCH',
      '/things/:thingName',
      {
        uri,
        body: {
          thingTypeName: thingTypeName.optional(),
          attributePayload: attributePayload.optional(),
          expectedVersion: z.number().int().optional(),
          removeThingType: z.boolean().optional(),
        },
      },
      ({ attributePayload: payload, ...input }) => {
        things.update(input.thingName, { ...input, attributes: payload?.attributes, merge: payload?.merge });
        return {};
      },
    ),
    operation(
      'DeleteThing',
      'DELETE',
      '/things/:thingName',
      { uri, query: { expectedVersion: queryVersion } },
      (input) => {
        things.remove(input.thingName, input.expectedVersion);
        return {};
      },
    ),
    operation(
      'ListThings',
      'GET',
      '/things',
      {
        query: {
          ...tokenPaging,
          attributeName: attributeName.optional(),
          attributeValue: attributeValue.optional(),
          thingTypeName: thingTypeName.optional(),
          usePrefixAttributeValue: queryFlag,
        },
      },
      (input) => {
        if ((input.attributeName === undefined) !== (input.attributeValue === undefined)) {
          throw invalidRequest('attributeName and attributeValue must be given together.');
        }
        const { items, next } = page(things.list(input), {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return { things: items.map(described), nextToken: next };
      },
    ),
    operation(
      'AttachThingPrincipal',
      'PUT',
      '/things/:thingName/principals',
      { uri, headers: { principal }, query: { thingPrincipalType: principalType.optional() } },
      (input) => {
        things.attach(input.thingName, input.principal, input.thingPrincipalType);
        return {};
      },
    ),
    operation(
      'DetachThingPrincipal',
      'DELETE',
      '/things/:thingName/principals',
      { uri, headers: { principal } },
      (input) => {
        things.detach(input.thingName, input.principal);
        return {};
      },
    ),
    operation('ListThingPrincipals', 'GET', '/things/:thingName/principals', { uri, ...paged }, (input) => {
      const { items, next } = page(things.principalsOf(input.thingName), {
        token: input.nextToken,
        size: input.maxResults ?? DEFAULT_PAGE,
      });
      return { principals: items.map(({ key }) => key), nextToken: next };
    }),
    operation(
      'ListPrincipalThings',
      'GET',
      '/principals/things',
      { headers: { principal }, ...paged },
      (input) => {
        const { items, next } = page(things.thingsOf(input.principal), {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return { things: items.map(({ key }) => key), nextToken: next };
      },
    ),
  ];
}
