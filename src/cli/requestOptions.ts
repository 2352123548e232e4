import { type Command, Option } from 'commander';
import * as z from 'zod';
import { vehicleRequestSchema } from '../onboarding/request.ts';

/** The values of the request's flags, by field name. */
export type RequestFlags = Record<string, unknown>;

interface FieldSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
}

const GROUPS: readonly (readonly [heading: string, fields: readonly string[]])[] = [
  [
    'Vehicle:',
    ['vin', 'allowAnyVin', 'make', 'model', 'modelYear', 'bodyType', 'fuelType', 'transmissionType'],
  ],
  ['Vehicle:', ['transmissionAutoType', 'transmissionManualType', 'colorCode', 'iviType', 'marketCode']],
  ['Vehicle:', ['countryCode', 'latitude', 'longitude', 'tags']],
  ['Owner:', ['username', 'firstName', 'lastName', 'email', 'phone', 'addressLine1', 'addressLine2']],
  ['Owner:', ['city', 'state', 'country']],
  ['Device:', ['supplier', 'deviceModel', 'softwareVersion']],
  [
    'Certificate:',
    ['keys', 'claim', 'claimCertificateFile', 'claimKeyFile', 'keepClaimFiles', 'templateName'],
  ],
];

/** Adds an option for each field of the request, or for the named ones. Help and defaults come from the schema. */
export function withRequest(command: Command, only?: readonly string[]): Command {
  const { properties = {}, required = [] } = z.toJSONSchema(vehicleRequestSchema, { io: 'input' });
  const needed = only ? 'required' : 'required, unless the fleet file has it';
  for (const [heading, fields] of GROUPS) {
    command.optionsGroup(heading);
    for (const field of fields) {
      const schema = properties[field];
      if (typeof schema !== 'object' || (only && !only.includes(field))) continue;
      command.addOption(
        optionOf(field, schema as FieldSchema, required.includes(field) ? needed : undefined),
      );
    }
  }
  return command;
}

function optionOf(field: string, schema: FieldSchema, needed: string | undefined): Option {
  const name = field.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  // Values are validated by the schema, not by the parser, so that all problems are reported at once.
  if (schema.type === 'boolean') {
    const flag = schema.default === true ? `--no-${name}` : `--${name}`;
    const text = uncapitalized(schema.description ?? '');
    return new Option(flag, schema.default === true ? `do not ${text}` : text);
  }
  const words = [
    uncapitalized(schema.description ?? ''),
    schema.enum && `one of ${schema.enum.join(', ')}`,
    needed,
  ]
    .filter(Boolean)
    .join('; ');
  const otherwise = schema.default === undefined ? '' : ` (default: ${JSON.stringify(schema.default)})`;
  const value = schema.type === 'array' ? '<word...>' : '<value>';
  const option = new Option(`--${name} ${value}`, `${words}${otherwise}`.trim());
  if (schema.type === 'number' || schema.type === 'integer') option.argParser(numberOrText);
  return option;
}

/** Starts a description from the schema in lower case, like those of other options. Keeps abbreviations. */
function uncapitalized(text: string): string {
  return text.replace(/^[A-Z](?=[a-z -])/, (letter) => letter.toLowerCase());
}

function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

/** The parsed flags that are fields of the request and have a value. */
export function requestOf(flags: RequestFlags): RequestFlags {
  const fields = Object.keys(vehicleRequestSchema.shape);
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => fields.includes(name) && value !== undefined),
  );
}
