import { type Command, Option } from 'commander';
import { type FieldSchema, schemaOf } from '../cms/contract/fields.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { GENERATIONS } from '../cms/generations.ts';

/** The values of the request's flags, by field name. */
export type RequestFlags = Record<string, unknown>;

interface Flag {
  group: string;
  schema: FieldSchema;
  required: boolean;
  /** Labels of the generations that have it, unless all that onboard vehicles do. */
  only: string[];
}

/** The fields of all generations: where several have one of the same name, the first describes it. */
function flagsOf(generations: readonly Generation[]): Map<string, Flag> {
  const flags = new Map<string, Flag>();
  const able = generations.filter(({ onboarding }) => onboarding !== undefined);
  for (const { onboarding, label } of able) {
    if (onboarding === undefined) continue;
    const { properties, required } = schemaOf(onboarding);
    for (const { name, group } of onboarding.fields) {
      const known = flags.get(name);
      if (known !== undefined) {
        known.only.push(label);
        continue;
      }
      const schema = properties[name] ?? {};
      flags.set(name, { group, schema, required: required.includes(name), only: [label] });
    }
  }
  for (const flag of flags.values()) if (flag.only.length === able.length) flag.only = [];
  return flags;
}

/** Adds an option for each field of the request, or for the named ones. Help and defaults come from the schema. */
export function withRequest(
  command: Command,
  only?: readonly string[],
  generations: readonly Generation[] = GENERATIONS,
): Command {
  const flags = flagsOf(generations);
  const needed = only ? 'required' : 'required, unless the fleet file has it';
  for (const heading of new Set([...flags.values()].map(({ group }) => group))) {
    command.optionsGroup(`${heading}:`);
    for (const [name, flag] of flags) {
      if (flag.group !== heading || (only && !only.includes(name))) continue;
      command.addOption(optionOf(name, flag, flag.required ? needed : undefined));
    }
  }
  return command;
}

function optionOf(field: string, { schema, only }: Flag, needed: string | undefined): Option {
  const name = field.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  const where = only.length === 0 ? '' : ` (${only.join(', ')})`;
  // Values are validated by the schema, not by the parser, so that all problems are reported at once.
  if (schema.type === 'boolean') {
    const flag = schema.default === true ? `--no-${name}` : `--${name}`;
    const text = uncapitalized(schema.description ?? '');
    return new Option(flag, `${schema.default === true ? `do not ${text}` : text}${where}`);
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
  const option = new Option(`--${name} ${value}`, `${words}${otherwise}${where}`.trim());
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

/** The parsed flags that are fields of a request and have a value. */
export function requestOf(
  flags: RequestFlags,
  generations: readonly Generation[] = GENERATIONS,
): RequestFlags {
  const fields = flagsOf(generations);
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => {
      const flag = fields.get(name);
      // What the parser itself gives to `--no-…` was not said, and not every generation has the field.
      const isUnsaid = value === undefined || (value === true && flag?.schema.default === true);
      return flag !== undefined && !isUnsaid;
    }),
  );
}
