import createFindMyWay, { type HTTPMethod } from 'find-my-way';

export interface Route<T> {
  method: HTTPMethod;
  /** With `:name` for a parameter, which matches one segment. */
  path: string;
  value: T;
}

export interface Router<T> {
  /** Matches the raw path, so that `%2F` stays within its segment. Parameters are decoded once. */
  find(method: string, path: string): { value: T; params: Record<string, string | undefined> } | undefined;
}

/** Generous, so that parameters that are too long are refused by their service and not by the router. */
const MOST_CHARACTERS = 4096;

/** With `anyCase`, case and a trailing slash are ignored. */
export function createRouter<T>(routes: readonly Route<T>[], { anyCase = false } = {}): Router<T> {
  const router = createFindMyWay({
    caseSensitive: !anyCase,
    ignoreTrailingSlash: anyCase,
    maxParamLength: MOST_CHARACTERS,
  });
  // Only the data stored with a route is used. The library requires a handler, but it is never called.
  for (const route of routes) router.on(route.method, route.path, () => undefined, route);
  return {
    find(method, path) {
      const found = router.find(method as HTTPMethod, path);
      return found === null ? undefined : { value: (found.store as Route<T>).value, params: found.params };
    },
  };
}
