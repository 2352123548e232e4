/** An invalid or missing argument: 400 with this message, in the wording of the `ow` library. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** Throws ArgumentError unless `value` is a non-empty string. */
export function requireText(value: unknown, label?: string): asserts value is string {
  if (typeof value !== 'string') throw wrongType(value, 'string', label);
  if (value === '') {
    throw new ArgumentError(`Expected string ${label === undefined ? '' : `\`${label}\` `}to not be empty`);
  }
}

/** Throws ArgumentError unless `value` is an array with at least one element. */
export function requireItems(value: unknown, label?: string): void {
  if (!Array.isArray(value)) throw wrongType(value, 'array', label);
  if (value.length === 0) {
    throw new ArgumentError(`Expected array ${label === undefined ? '' : `\`${label}\` `}to not be empty`);
  }
}

/** Throws ArgumentError unless `value` is an object with at least one own property. */
export function requireFields(value: unknown): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw wrongType(value, 'object');
  if (Object.keys(value).length === 0) throw new ArgumentError('Expected object to not be empty');
}

export function wrongType(value: unknown, expected: string, label?: string): ArgumentError {
  const what = label === undefined ? 'argument' : `\`${label}\``;
  return new ArgumentError(
    `Expected ${what} to be of type \`${expected}\` but received type \`${typeName(value)}\``,
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'Array';
  return typeof value === 'object' ? 'Object' : typeof value;
}
