import createFindMyWay, { type HTTPMethod } from 'find-my-way';

export interface Route<T> {
  method: HTTPMethod;
  /** With `:name` for a parameter, which is one segment. */
  path: string;
  value: T;
}

export interface Router<T> {
  /** By the raw path: `%2F` stays inside its segment. Parameters are decoded once. */
  find(method: string, path: string): { value: T; params: Record<string, string | undefined> } | undefined;
}

/** Longer parameters fail the checks of their service, not the routing. */
const MOST_CHARACTERS = 4096;

/** `anyCase`: neither case nor a slash at the end matters. */
export function createRouter<T>(routes: readonly Route<T>[], { anyCase = false } = {}): Router<T> {
  const router = createFindMyWay({
    caseSensitive: !anyCase,
    ignoreTrailingSlash: anyCase,
    maxParamLength: MOST_CHARACTERS,
  });
  // Only what is kept with a route is of use here; its handler is never called.
  for (const route of routes) router.on(route.method, route.path, () => undefined, route);
  return {
    find(method, path) {
      const found = router.find(method as HTTPMethod, path);
      return found === null ? undefined : { value: (found.store as Route<T>).value, params: found.params };
    },
  };
}
