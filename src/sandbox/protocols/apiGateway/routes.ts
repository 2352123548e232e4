import type { HTTPMethod } from 'find-my-way';
import { present } from '../../kit/present.ts';
import { createRouter } from '../../kit/router.ts';

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export interface Match<H> {
  /** `<METHOD> <pattern>`, such as `GET /groups/{path}`. */
  operation: string;
  handler: H;
  /** Decoded once. */
  params: Record<string, string>;
}

export interface Routes<H> {
  /** The keys of the table. */
  readonly operations: readonly string[];
  /** Undefined when no route matches, `undecodable` when the path is not valid percent-encoding. */
  match(method: string, path: string): Match<H> | 'undecodable' | undefined;
  /** The methods for which the path has a route. */
  methods(path: string): string[];
}

/**
 * Routes on the raw path, so that `%2F` stays within its segment. `table` maps `<METHOD> <pattern>` (parameters in
 * braces) to handlers.
 */
export function createRoutes<H>(table: Record<string, H>, options: { anyCase: boolean }): Routes<H> {
  const router = createRouter(
    Object.entries(table).map(([operation, handler]) => {
      const [method = '', pattern = ''] = operation.split(' ');
      return {
        method: method as HTTPMethod,
        path: pattern.replace(/\{(\w+)\}/g, ':$1'),
        value: { operation, handler },
      };
    }),
    options,
  );

  function match(method: string, path: string): Match<H> | 'undecodable' | undefined {
    if (!METHODS.includes(method)) return undefined;
    if (!decodes(path)) return 'undecodable';
    const found = router.find(method, path);
    if (found === undefined) return undefined;
    const params = found.params as Record<string, string>;
    // An empty segment does not count as a parameter.
    if (Object.values(params).includes('')) return undefined;
    return { ...found.value, params };
  }

  return {
    operations: Object.keys(table),
    match,
    methods: (path) =>
      METHODS.filter((method) => {
        const found = match(method, path);
        return found !== undefined && found !== 'undecodable';
      }),
  };
}

/** A path parameter. The route guarantees that it exists. */
export function param({ params }: { params: Record<string, string> }, name: string): string {
  return present(params[name], `The parameter ${name} of the path`);
}

function decodes(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
