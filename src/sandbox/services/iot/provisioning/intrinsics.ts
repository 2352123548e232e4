import * as z from 'zod';
import { problemWords } from '../../../kit/problemWords.ts';
import { invalidRequest } from '../wire/errors.ts';

/** What a template's functions can refer to ("Provisioning templates", intrinsic functions). */
export interface Scope {
  parameter(name: string): string | undefined;
  mappings: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
}

type Value = string | string[];

interface Intrinsic {
  /** A problem with the arguments that can be found without evaluating them. */
  check(args: unknown): string | undefined;
  run(args: unknown, scope: Scope): Value;
  /** The parameters that the arguments refer to. */
  names(args: unknown): string[];
}

function intrinsic<A>(
  schema: z.ZodType<A>,
  run: (args: A, scope: Scope) => Value,
  names: (args: A) => string[] = () => [],
): Intrinsic {
  return {
    check(args) {
      const result = schema.safeParse(args);
      return result.success ? undefined : problemWords(result.error.issues);
    },
    run: (args, scope) => run(schema.parse(args), scope),
    names: (args) => names(schema.parse(args)),
  };
}

const VARIABLE = /\$\{([^}]*)\}/g;

/** Nested functions could make strings grow without limit. No value in a real template is this long. */
const LONGEST_TEXT = 65_536;

const intrinsics = new Map<string, Intrinsic>(
  Object.entries({
    Ref: intrinsic(
      z.string().min(1),
      (name, scope) => parameterOf(name, scope),
      (name) => [name],
    ),
    'Fn::Join': intrinsic(z.tuple([z.string(), z.unknown()]), ([delimiter, values], scope) => {
      const list = listOf(values, scope);
      checkLength(list.reduce((length, each) => length + each.length + delimiter.length, 0));
      return list.join(delimiter);
    }),
    'Fn::Split': intrinsic(z.tuple([z.string().min(1), z.unknown()]), ([delimiter, text], scope) =>
      textOf(text, scope).split(delimiter),
    ),
    'Fn::Select': intrinsic(z.tuple([z.unknown(), z.unknown()]), ([index, values], scope) => {
      const list = listOf(values, scope);
      const at = Number(typeof index === 'number' ? index : textOf(index, scope));
      const found = Number.isInteger(at) ? list[at] : undefined;
      if (found === undefined) throw failure(`Fn::Select has no element ${at} in a list of ${list.length}.`);
      return found;
    }),
    'Fn::FindInMap': intrinsic(z.tuple([z.unknown(), z.unknown(), z.unknown()]), (keys, scope) => {
      const names = keys.map((key) => textOf(key, scope));
      let found: unknown = scope.mappings;
      for (const name of names) {
        found =
          typeof found === 'object' && found !== null && Object.hasOwn(found, name)
            ? found[name as keyof object]
            : undefined;
      }
      const value = z.union([z.string(), z.array(z.string())]).safeParse(found);
      if (!value.success) throw failure(`Fn::FindInMap finds no text at ${names.join(', ')}.`);
      return value.data;
    }),
    'Fn::Sub': intrinsic(
      z.union([z.string(), z.tuple([z.string(), z.record(z.string(), z.unknown())])]),
      (args, scope) => {
        const [text, own] = typeof args === 'string' ? [args, {}] : args;
        // Each variable is evaluated only once, however often it is used.
        const values = new Map(Object.entries(own).map(([name, value]) => [name, textOf(value, scope)]));
        let { length } = text;
        return text.replaceAll(VARIABLE, (_whole, name: string) => {
          // `${!name}` stands for the text `${name}`.
          if (name.startsWith('!')) return `\${${name.slice(1)}}`;
          const value = values.get(name) ?? parameterOf(name, scope);
          length += value.length;
          checkLength(length);
          return value;
        });
      },
      (args) => {
        const [text, own] = typeof args === 'string' ? [args, {}] : args;
        return [...text.matchAll(VARIABLE)]
          .map(([, name = '']) => name)
          .filter((name) => !name.startsWith('!') && !Object.hasOwn(own, name));
      },
    ),
  }),
);

/** The function call that an object stands for: its only member, if that is named like a function. */
function callIn(value: object): { name: string; intrinsic: Intrinsic; args: unknown } | undefined {
  const [entry, ...others] = Object.entries(value);
  const found = entry === undefined ? undefined : intrinsics.get(entry[0]);
  if (entry === undefined || found === undefined || others.length > 0) return undefined;
  return { name: entry[0], intrinsic: found, args: entry[1] };
}

/** Whether an object is a call of a template function. */
export function isFunctionCall(value: object): boolean {
  return callIn(value) !== undefined;
}

/** Replaces every function call by its value and keeps everything else. */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((each) => evaluate(each, scope));
  if (typeof value !== 'object' || value === null) return value;
  const call = callIn(value);
  if (call !== undefined) return call.intrinsic.run(call.args, scope);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluate(each, scope)]));
}

/** Evaluates a value that must yield a string. */
export function textOf(value: unknown, scope: Scope): string {
  const result = evaluate(value, scope);
  if (typeof result !== 'string') throw failure(`A text is needed instead of ${JSON.stringify(result)}.`);
  return result;
}

function listOf(value: unknown, scope: Scope): string[] {
  const result = evaluate(value, scope);
  const list = z.array(z.string()).safeParse(result);
  if (!list.success) throw failure(`A list of texts is needed instead of ${JSON.stringify(result)}.`);
  return list.data;
}

function parameterOf(name: string, scope: Scope): string {
  const value = scope.parameter(name);
  if (value === undefined) throw failure(`The parameter ${name} has no value.`);
  return value;
}

/** Finds problems with the functions in a value, and the parameters they use, without evaluating them. */
export function inspect(value: unknown): { problems: string[]; parameters: Set<string> } {
  const problems: string[] = [];
  const parameters = new Set<string>();
  const walk = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return;
    if (Array.isArray(each)) {
      each.forEach(walk);
      return;
    }
    const call = callIn(each);
    const problem = call?.intrinsic.check(call.args);
    if (problem !== undefined) problems.push(`${call?.name}: ${problem}`);
    else for (const name of call?.intrinsic.names(call.args) ?? []) parameters.add(name);
    for (const [key, inner] of Object.entries(each)) {
      if (call === undefined && (key === 'Ref' || key.startsWith('Fn::')))
        problems.push(`${key} is not a function here.`);
      walk(inner);
    }
  };
  walk(value);
  return { problems, parameters };
}

function checkLength(characters: number): void {
  if (characters > LONGEST_TEXT) throw failure(`A text would have more than ${LONGEST_TEXT} characters.`);
}

function failure(message: string): Error {
  return invalidRequest(`The template can not be evaluated: ${message}`);
}
