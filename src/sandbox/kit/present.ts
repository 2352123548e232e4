/**
 * A value that the code before this line guarantees. Without it the sandbox is wrong, so it fails at once: an empty
 * id or ARN would fail much later, at the caller's.
 */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}
