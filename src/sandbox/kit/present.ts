/**
 * Returns a value that must exist. If it does not, the sandbox has a bug, so it fails here: an empty id or ARN would
 * fail much later, on the client's side.
 */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}
