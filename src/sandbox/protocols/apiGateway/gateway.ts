import type { HttpRequest, HttpResponse } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';

/** Answers that API Gateway gives before or instead of the Lambda behind it (AWS docs: gateway responses). */

const gatewayMessages: Record<number, string> = {
  429: 'Too Many Requests',
  502: 'Internal server error',
  503: 'Service Unavailable',
  504: 'Endpoint request timed out',
};

export function gatewayReply(status: number, message: string, errorType?: string): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...defined({ 'x-amzn-errortype': errorType }),
    },
    body: JSON.stringify({ message }),
  };
}

/** The gateway's own answer with this status; undefined for statuses that come from the Lambda. */
export function gatewayError(status: number): HttpResponse | undefined {
  const message = gatewayMessages[status];
  return message === undefined ? undefined : gatewayReply(status, message);
}

export const missingAuthenticationToken = (): HttpResponse =>
  gatewayReply(403, 'Missing Authentication Token', 'MissingAuthenticationTokenException');

/** Whether a request is for an API, by its path here or by the host name it has on AWS. */
export function isForApi({ path, headers }: HttpRequest): boolean {
  return path.startsWith('/execute-api/') || /^[a-z0-9]+\.execute-api\./i.test(headers.host ?? '');
}

/** What API Gateway answers for an API, or a stage, that is not there. */
export const forbidden = (): HttpResponse => gatewayReply(403, 'Forbidden', 'ForbiddenException');

/** What an authorizer found out about the token of a request. */
export type Authorization = { ok: true } | { ok: false; reason: 'missing' | 'invalid' | 'expired' };

/** A Cognito authorizer's answer to a call without a valid token; undefined lets the call through. */
export function refusal(check: Authorization): HttpResponse | undefined {
  if (check.ok) return undefined;
  return gatewayReply(
    401,
    check.reason === 'expired' ? 'The incoming token has expired' : 'Unauthorized',
    'UnauthorizedException',
  );
}

export interface ApiCall {
  apiId: string;
  stage: string;
  /** Still encoded, starts with a slash. */
  path: string;
}

/** The API, stage and path of a request to `/execute-api/<apiId>/<stage>/…`. */
export function apiCallOf(request: HttpRequest): ApiCall | undefined {
  const match = /^\/execute-api\/([a-z0-9]+)\/([^/]+)(\/.*)?$/.exec(request.path);
  if (!match) return undefined;
  const [, apiId = '', stage = '', path = '/'] = match;
  return { apiId, stage, path };
}
