import { validation, type Value, valueOf } from '../values.ts';
import { AwsError } from '../../../kernel/http.ts';

/** `ExpressionAttributeNames` and `ExpressionAttributeValues` of a request. */
export interface Placeholders {
  name(placeholder: string): string | undefined;
  value(placeholder: string): Value | undefined;
  /** Throws ValidationException when a placeholder stands in no expression. */
  checkUsed(): void;
}

/** Throws ValidationException. @param used whether the request has any expression */
export function createPlaceholders(
  names: Readonly<Record<string, string>> | undefined,
  values: Readonly<Record<string, unknown>> | undefined,
  used: boolean,
): Placeholders {
  for (const [member, given, mark] of [
    ['ExpressionAttributeNames', names, '#'],
    ['ExpressionAttributeValues', values, ':'],
  ] as const) {
    if (given === undefined) continue;
    if (!used) throw validation(`${member} can only be specified when using expressions`);
    const keys = Object.keys(given);
    if (keys.length === 0) throw validation(`${member} must not be empty`);
    const wrong = keys.find((key) => !key.startsWith(mark) || !/^.[0-9a-zA-Z_]+$/.test(key));
    if (wrong !== undefined) {
      throw validation(`${member} contains invalid key: Syntax error; key: "${wrong}"`);
    }
  }
  const known = new Map(Object.entries(values ?? {}).map(([key, raw]) => [key, valueOfKey(key, raw)]));
  const unused = { names: new Set(Object.keys(names ?? {})), values: new Set(known.keys()) };

  return {
    name(placeholder) {
      unused.names.delete(placeholder);
      return names !== undefined && Object.hasOwn(names, placeholder) ? names[placeholder] : undefined;
    },
    value(placeholder) {
      unused.values.delete(placeholder);
      return known.get(placeholder);
    },
    checkUsed() {
      for (const [member, left] of [
        ['ExpressionAttributeNames', unused.names],
        ['ExpressionAttributeValues', unused.values],
      ] as const) {
        if (left.size > 0) {
          throw validation(
            `Value provided in ${member} unused in expressions: keys: {${[...left].join(', ')}}`,
          );
        }
      }
    },
  };
}

function valueOfKey(key: string, raw: unknown): Value {
  try {
    return valueOf(raw);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ValidationException') throw error;
    throw validation(`ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`);
  }
}
