import type { HttpRequest, HttpResponse } from '../../kernel/http.ts';

const jsonType = 'application/x-amz-json-1.1';

/** An answer in AWS JSON 1.1; operations without an output shape (`undefined`) have an empty body. */
export function jsonAnswer(value: unknown, request: HttpRequest): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': jsonType, 'x-amzn-requestid': request.requestId },
    body: value === undefined ? '' : JSON.stringify(value),
  };
}

/** Cognito's error format: the name in the body and, followed by a colon, in a header. */
export function jsonError(code: string, message: string, status: number, request: HttpRequest): HttpResponse {
  return {
    status,
    headers: {
      'content-type': jsonType,
      'x-amzn-requestid': request.requestId,
      'x-amzn-errortype': `${code}:`,
    },
    body: JSON.stringify({ __type: code, message }),
  };
}

/** The public documents under `/<poolId>/.well-known/`. */
export function publicJson(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=86400' },
    body: JSON.stringify(value),
  };
}
