import { type Field, type FieldSchema, type OnboardingFields, schemaOf } from '../cms/contract/fields.ts';
import type { FieldProblem } from '../cms/contract/problems.ts';

// Requests as forms fill them in: every field is text; an empty one is left out.

/** The request's fields with numbers as numbers; empty texts are left out. Checks nothing. */
export function requestFromText(
  of: Pick<OnboardingFields, 'schema'>,
  fields: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const { properties } = schemaOf(of);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value.trim() !== '')
      .map(([key, value]) => [key, typed(value.trim(), properties[key]?.type)]),
  );
}

function typed(value: string, type: string | undefined): unknown {
  if ((type === 'number' || type === 'integer') && Number.isFinite(Number(value))) return Number(value);
  if (type === 'array') return value.split(/[\s;,|]+/).filter((word) => word !== '');
  return value;
}

/** What is wrong with a filled-in form; empty when it can be used. */
export function requestProblems(
  of: OnboardingFields,
  fields: Readonly<Record<string, string>>,
  now: number,
): FieldProblem[] {
  const checked = of.check(requestFromText(of, fields), now);
  return checked.ok ? [] : checked.problems;
}

/** The defaults of every field that has one, as text. */
export function requestDefaults(of: Pick<OnboardingFields, 'schema'>): Record<string, string> {
  const { properties } = schemaOf(of);
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, { default: value }]) =>
      typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [],
    ),
  );
}

/** A field with what its schema says of it, for forms. */
export type FormField = Field & FieldSchema & { required: boolean };

export function formFields(of: Pick<OnboardingFields, 'schema' | 'fields'>): FormField[] {
  const { properties, required } = schemaOf(of);
  return of.fields.map((field) => ({
    ...properties[field.name],
    ...field,
    required: required.includes(field.name),
  }));
}

/** What each field is, in English; where several generations have one of the same name, the first says it. */
export function fieldsHelp(
  generations: readonly Pick<OnboardingFields, 'schema'>[],
): Record<string, string | undefined> {
  const help: Record<string, string | undefined> = {};
  for (const of of generations) {
    for (const [name, { description }] of Object.entries(schemaOf(of).properties)) help[name] ??= description;
  }
  return help;
}
