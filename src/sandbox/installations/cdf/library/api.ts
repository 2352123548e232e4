import type { HttpRequest, HttpResponse } from '../../../kernel/http.ts';
import type { Log } from '../../../kernel/log.ts';
import {
  CDF_V1,
  CDF_V2,
  crashPage,
  notFoundPage,
  optionsReply,
  readBody,
  send,
  undecodablePage,
} from '../rest/express.ts';
import { createRoutes } from '../../../protocols/apiGateway/routes.ts';
import type { LibraryHandler } from './call.ts';
import { deviceRoutes } from './deviceRoutes.ts';
import { libraryFailure } from './errors.ts';
import { groupRoutes } from './groupRoutes.ts';
import type { Library } from './library.ts';
import { otherRoutes, policyRoutes } from './policyRoutes.ts';
import { templateRoutes } from './templateRoutes.ts';

const routes = createRoutes<LibraryHandler>(
  { ...groupRoutes, ...deviceRoutes, ...templateRoutes, ...policyRoutes, ...otherRoutes },
  { anyCase: true },
);

export const libraryOperations = routes.operations;

/** The route of a call as `<METHOD> <pattern>`, or undefined. */
export function libraryOperation(method: string, path: string): string | undefined {
  const match = routes.match(method, path);
  return match === undefined || match === 'undecodable' ? undefined : match.operation;
}

/**
 * The REST API of the CDF asset library (1.0.5, full mode).
 * An Accept header that is neither of the two versions counts as v1.0, for the request and for its body.
 */
export function answerLibrary(library: Library, request: HttpRequest, path: string, log: Log): HttpResponse {
  const methods = request.method === 'OPTIONS' ? routes.methods(path) : [];
  if (methods.length > 0) return optionsReply(methods);
  const requested = request.headers.accept;
  const known = requested === CDF_V1 || requested === CDF_V2;
  const accept = known ? requested : CDF_V1;
  const read = readBody(request, known ? request.headers['content-type'] : CDF_V1, [CDF_V1, CDF_V2]);
  if ('refused' in read) return read.refused;
  const match = routes.match(request.method, path);
  if (match === 'undecodable') return undecodablePage();
  if (!match) return notFoundPage(request, path);
  try {
    const reply = match.handler({
      library,
      version: accept === CDF_V2 ? '2.0' : '1.0',
      params: match.params,
      query: request.query,
      body: read.body,
    });
    return withType(reply, accept);
  } catch (error) {
    // The original does not catch a search value that cannot be decoded.
    if (error instanceof URIError) return crashPage(error);
    const { status, text } = libraryFailure(error);
    if (status === 500) log('debug', `asset library: ${match.operation}: ${text}`);
    return withType(send(status, { error: text }), accept);
  }
}

function withType(reply: HttpResponse, accept: string): HttpResponse {
  if (reply.body === undefined && reply.status === 204) return reply;
  return { ...reply, headers: { 'content-type': accept, ...reply.headers } };
}
