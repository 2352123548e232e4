import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import { type Json, plain } from '../../kit/json.ts';

/** Nothing when the document fits, else message by path. */
export type Check = (document: unknown) => Record<string, string> | undefined;

// Templates are people's own text: unknown keywords and formats must not refuse them.
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false, logger: false });
ajvFormats(ajv);

/** By the schema's text: stacks have the same templates, and compiling one takes some milliseconds. */
const compiled = new Map<string, Check>();
const MOST_COMPILED = 100;

/** A check made from a JSON schema. Throws what ajv throws of a schema it cannot compile. */
export function compile(schema: Json): Check {
  const text = JSON.stringify(schema);
  const check = compiled.get(text) ?? compileNew(schema);
  // Those used last are last.
  compiled.delete(text);
  compiled.set(text, check);
  const [oldest] = compiled.keys();
  if (compiled.size > MOST_COMPILED && oldest !== undefined) compiled.delete(oldest);
  return check;
}

function compileNew(schema: Json): Check {
  const validate = ajv.compile(schema);
  // ajv would keep every schema it ever compiled.
  ajv.removeSchema(schema);
  return (document) => (validate(plain(document)) ? undefined : byPath(validate.errors ?? []));
}

function byPath(errors: ErrorObject[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const error of errors) {
    const path = error.instancePath.replaceAll('/', '.');
    const missing: unknown = error.params.missingProperty;
    const key = error.keyword === 'required' && typeof missing === 'string' && path === '' ? missing : path;
    result[key] = error.message ?? error.keyword;
  }
  return result;
}
