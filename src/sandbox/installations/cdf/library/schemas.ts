import type { Json } from '../../../kit/json.ts';

/** The JSON schemas of groups, devices, policies and templates (CDF asset library, full mode). */

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const relationMap = {
  type: 'object',
  patternProperties: { '^.*$': { type: 'array', items: text } },
};
const relations = {
  type: 'object',
  properties: { in: relationMap, out: relationMap },
  additionalProperties: false,
};

export type Category = 'group' | 'device';

/** The misspelling `decommisioned` is CDF's. */
export const deviceStates = ['unprovisioned', 'active', 'decommisioned', 'retired'];

const fixed: Record<Category, { properties: Json; required: string[] }> = {
  group: {
    properties: {
      groupPath: text,
      parentPath: text,
      templateId: text,
      category: { type: ['string', 'null'], const: 'group' },
      name: text,
      description: textOrNull,
      groups: relations,
    },
    required: ['name', 'parentPath', 'templateId'],
  },
  device: {
    properties: {
      deviceId: text,
      templateId: text,
      category: { type: ['string', 'null'], const: 'device' },
      name: text,
      description: textOrNull,
      imageUrl: textOrNull,
      awsIotThingArn: textOrNull,
      connected: { type: 'boolean' },
      state: { type: 'string', enum: deviceStates },
      groups: relations,
      devices: relations,
    },
    required: ['deviceId', 'templateId'],
  },
};

/** The schema of an item of a template. For an update (`partial`), nothing is required. */
export function itemSchema(
  category: Category,
  attributes: { properties?: Json; required?: string[] },
  partial: boolean,
): Json {
  return {
    type: 'object',
    properties: {
      ...fixed[category].properties,
      attributes: {
        type: 'object',
        properties: attributes.properties ?? {},
        required: partial ? [] : (attributes.required ?? []),
        additionalProperties: false,
      },
    },
    required: partial ? [] : fixed[category].required,
    additionalProperties: false,
  };
}

export const policySchema: Json = {
  type: 'object',
  properties: {
    policyId: text,
    type: text,
    category: { type: 'string', const: 'policy' },
    description: text,
    appliesTo: { type: 'array', items: text, minItems: 1, uniqueItems: true },
    document: text,
  },
  additionalProperties: false,
  required: ['policyId', 'type', 'appliesTo', 'document'],
};

const attributeTypes = { type: 'string', enum: ['number', 'integer', 'boolean', 'string', 'null'] };

export const templateSchema: Json = {
  type: 'object',
  properties: {
    properties: {
      type: 'object',
      patternProperties: {
        '^.*$': {
          type: 'object',
          properties: { type: { oneOf: [attributeTypes, { type: 'array', items: attributeTypes }] } },
        },
      },
    },
    required: { type: 'array', items: text },
    relations,
    components: { type: 'array', items: text },
  },
  additionalProperties: false,
};
