import type { HttpResponse } from '../../../kernel/http.ts';
import { nothing, send } from '../rest/express.ts';
import type { Json } from '../../../kit/json.ts';
import type { Library } from './library.ts';
import type { ItemList } from './related.ts';
import { type ApiVersion, resourceOf } from './shapes.ts';

/** One call of the asset library's REST API, ready to be answered. */
export interface LibraryCall {
  library: Library;
  version: ApiVersion;
  params: Record<string, string>;
  query: URLSearchParams;
  body: Json;
}

export type LibraryHandler = (call: LibraryCall) => HttpResponse;

export const profileOf = (call: LibraryCall): string | undefined =>
  call.query.get('applyProfile') ?? undefined;

/** Makes a handler that answers 204 after doing its work. */
export function quietly(work: (call: LibraryCall) => void): LibraryHandler {
  return (call) => {
    work(call);
    return nothing();
  };
}

/** The item, or 404 with an empty body. */
export function one(item: Json | undefined, version: ApiVersion): HttpResponse {
  return item ? send(200, resourceOf(item, version)) : { status: 404, headers: {} };
}

export function many(list: ItemList, version: ApiVersion): HttpResponse {
  return send(200, {
    results: list.results.map((item) => resourceOf(item, version)),
    ...(list.pagination ? { pagination: list.pagination } : {}),
  });
}
