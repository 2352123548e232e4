import type { HttpRequest, HttpService } from '../http.ts';
import { isAdministration } from './target.ts';

/** A service of AWS's Query protocol, chosen by the `Version` of the form. */
export interface QueryService extends HttpService {
  readonly version: string;
}

/** Everything behind the HTTP port. */
export interface EdgeServices {
  admin: HttpService;
  cognito: HttpService;
  iot: HttpService;
  iotData: HttpService;
  query: readonly QueryService[];
  /** Each answers `operation` only for its own `/execute-api/<apiId>/…`. */
  cms: readonly HttpService[];
}

const COGNITO_TARGET = 'AWSCognitoIdentityProviderService.';

/**
 * The service a request is for; undefined = nothing here serves it.
 * By target header, by `Version` of a form, by path; never by the scope of the signature, which differs between
 * clients for the same call.
 */
export function route(request: HttpRequest, services: EdgeServices): HttpService | undefined {
  const { path, headers } = request;
  if (isAdministration(request)) return services.admin;
  if (path.startsWith('/execute-api/')) {
    return services.cms.find((service) => service.operation(request) !== undefined);
  }
  const target = headers['x-amz-target'];
  if (target !== undefined) return target.startsWith(COGNITO_TARGET) ? services.cognito : undefined;
  if (/^\/[^/]+\/\.well-known\/[^/]+$/.test(path)) return services.cognito;
  if (path === '/') {
    const version = formOf(request).get('Version');
    return services.query.find((service) => service.version === version);
  }
  if (/^\/(topics\/|retainedMessage(\/|$)|things\/[^/]+\/shadow$)/.test(path)) return services.iotData;
  return services.iot;
}

/** Everything the HTTP port answers, as faults and the log name it: `<service>:<operation>`. */
export function operationNames({ cognito, iot, iotData, query, cms }: Omit<EdgeServices, 'admin'>): string[] {
  return [cognito, iot, iotData, ...query, ...cms].flatMap((service) =>
    service.operations.map((operation) => `${service.name}:${operation}`),
  );
}

/** The Query protocol sends a form; old clients put it into the URL. */
export function formOf(request: HttpRequest): URLSearchParams {
  return request.method === 'POST' ? new URLSearchParams(request.body.toString('utf8')) : request.query;
}
