import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import { type Json, plain } from '../../../kit/json.ts';

/** Returns undefined when the document is valid, otherwise error messages by path. */
export type Check = (document: unknown) => Record<string, string> | undefined;

let made: Ajv | undefined;

/** Made at its first use: it compiles the schema of schemas, which is a good part of the start of a sandbox. */
function compiler(): Ajv {
  if (made === undefined) {
    // Users write the templates, so unknown keywords and formats must not be errors.
    made = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false, logger: false });
    ajvFormats(made);
  }
  return made;
}

/** Compiled checks by schema. Stacks have the same templates, and compiling one takes milliseconds. */
const compiled = new Map<string, Check>();
const MOST_COMPILED = 100;

/** Makes a check from a JSON schema. Throws ajv's error when it cannot compile the schema. */
export function compile(schema: Json): Check {
  const text = JSON.stringify(schema);
  const check = compiled.get(text) ?? compileNew(schema);
  // Move it to the end: the map is ordered by last use.
  compiled.delete(text);
  compiled.set(text, check);
  const [oldest] = compiled.keys();
  if (compiled.size > MOST_COMPILED && oldest !== undefined) compiled.delete(oldest);
  return check;
}

/** Compiles a schema on first use, because that takes milliseconds and most templates use only one of their two. */
export function lazyCheck(schema: Json): Check {
  let check: Check | undefined;
  return (document) => (check ??= compile(schema))(document);
}

function compileNew(schema: Json): Check {
  const validate = compiler().compile(schema);
  // Otherwise it would keep every schema it ever compiled.
  compiler().removeSchema(schema);
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
