import { isObject, type Json } from '../../../kit/json.ts';

/** The request schemas of the fleet manager (marshmallow), with their error messages. */

type Field = 'text' | 'integer' | 'number' | 'texts' | { list: Field } | { schema: Schema };
type Schema = Record<string, Field | { field: Field; required: true }>;

const required = (field: Field): { field: Field; required: true } => ({ field, required: true });
const texts: Field = { list: 'text' };

const vehicle: Schema = { vin: texts, make: texts, model: texts, year: { list: 'integer' } };

const filters: Schema = {
  software: required('texts'),
  anomalies: required(texts),
  troubleCodes: required(texts),
  vehicle: required({ schema: vehicle }),
  boundaries: required({ list: { list: 'number' } }),
};

export const aggregateSchema: Schema = {
  filters: required({ schema: filters }),
  pagination: required({ schema: { offset: 'integer', maxResults: 'integer' } }),
  clusters: required({ schema: { zoom: 'integer' } }),
};

export const filterSchema: Schema = { filters: required({ schema: filters }), timestamp: 'text' };

export const otaSchema: Schema = {
  desiredVersion: 'text',
  filters: { schema: { troubleCodes: texts, vehicle: { schema: vehicle }, software: 'texts' } },
};

export const parameterSchema: Schema = {
  name: required('text'),
  description: required('text'),
  value: required('text'),
};

/** Error messages by field, or undefined when the value is valid. Unknown keys are errors. */
export function problemsOf(value: unknown, schema: Schema): Json | undefined {
  if (!isObject(value)) return { _schema: ['Invalid input type.'] };
  const problems: Json = {};
  for (const [name, rule] of Object.entries(schema)) {
    const needed = typeof rule === 'object' && 'required' in rule;
    if (!Object.hasOwn(value, name)) {
      if (needed) problems[name] = ['Missing data for required field.'];
      continue;
    }
    const wrong = problemOf(value[name], typeof rule === 'object' && 'field' in rule ? rule.field : rule);
    if (wrong !== undefined) problems[name] = wrong;
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(schema, name)) problems[name] = ['Unknown field.'];
  }
  return Object.keys(problems).length > 0 ? problems : undefined;
}

function problemOf(value: unknown, field: Field): unknown {
  if (value === null) return ['Field may not be null.'];
  if (typeof field === 'object') {
    if ('schema' in field) return problemsOf(value, field.schema);
    if (!Array.isArray(value)) return ['Not a valid list.'];
    const wrong = value.flatMap((inner, index) => {
      const problem = problemOf(inner, field.list);
      return problem === undefined ? [] : [[String(index), problem] as const];
    });
    return wrong.length > 0 ? Object.fromEntries(wrong) : undefined;
  }
  switch (field) {
    case 'text':
      return typeof value === 'string' ? undefined : ['Not a valid string.'];
    case 'integer':
      return isNumeric(value, /^\s*[+-]?\d+\s*$/) ? undefined : ['Not a valid integer.'];
    case 'number':
      return isNumeric(value, /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i)
        ? undefined
        : ['Not a valid number.'];
    case 'texts':
      if (!isObject(value)) return ['Not a valid mapping type.'];
      return Object.values(value).every((inner) => typeof inner === 'string')
        ? undefined
        : Object.fromEntries(
            Object.entries(value)
              .filter(([, inner]) => typeof inner !== 'string')
              .map(([name]) => [name, { value: ['Not a valid string.'] }]),
          );
  }
}

function isNumeric(value: unknown, text: RegExp): boolean {
  return typeof value === 'number' || (typeof value === 'string' && text.test(value));
}
