import * as z from 'zod';
import type { ThingTypeRecord } from '../registry/records.ts';
import type { IotState } from '../registry/state.ts';
import type { ThingTypes } from '../registry/thingTypes.ts';
import { attributeName, DEFAULT_PAGE, tags, thingTypeName, tokenPaging } from '../wire/fields.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';

const thingTypeProperties = z.object({
  thingTypeDescription: z
    .string()
    .max(2028)
    .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u)
    .optional(),
  searchableAttributes: z.array(attributeName).optional(),
});

export function thingTypeOperations(state: IotState, types: ThingTypes): Operation[] {
  const uri = { thingTypeName };

  function described(type: ThingTypeRecord): object {
    return {
      thingTypeName: type.thingTypeName,
      thingTypeArn: state.arn('thingtype', type.thingTypeName),
      thingTypeProperties: {
        thingTypeDescription: type.description,
        searchableAttributes: type.searchableAttributes,
      },
      thingTypeMetadata: {
        deprecated: type.deprecatedAt !== undefined,
        deprecationDate: seconds(type.deprecatedAt),
        creationDate: seconds(type.createdAt),
      },
    };
  }

  return [
    operation(
      'CreateThingType',
      'POST',
      '/thing-types/:thingTypeName',
      { uri, body: { thingTypeProperties: thingTypeProperties.optional(), tags } },
      (input) => {
        const created = types.create(input.thingTypeName, input.thingTypeProperties ?? {});
        return {
          thingTypeName: created.thingTypeName,
          thingTypeArn: state.arn('thingtype', created.thingTypeName),
          thingTypeId: created.thingTypeId,
        };
      },
    ),
    operation('DescribeThingType', 'GET', '/thing-types/:thingTypeName', { uri }, (input) => {
      const type = types.find(input.thingTypeName);
      return { thingTypeId: type.thingTypeId, ...described(type) };
    }),
    operation(
      'ListThingTypes',
      'GET',
      '/thing-types',
      { query: { ...tokenPaging, thingTypeName: thingTypeName.optional() } },
      (input) => {
        const { items, next } = page(types.list(input.thingTypeName), {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return { thingTypes: items.map(described), nextToken: next };
      },
    ),
    operation(
      'DeprecateThingType',
      'POST',
      '/thing-types/:thingTypeName/deprecate',
      { uri, body: { undoDeprecate: z.boolean().optional() } },
      (input) => {
        types.deprecate(input.thingTypeName, input.undoDeprecate === true);
        return {};
      },
    ),
    operation('DeleteThingType', 'DELETE', '/thing-types/:thingTypeName', { uri }, (input) => {
      types.remove(input.thingTypeName);
      return {};
    }),
  ];
}
