import { STATUS_CODES } from 'node:http';
import type { HttpRequest, HttpResponse } from '../../../kernel/http.ts';
import { isObject, type Json } from '../../../kit/json.ts';

/** Answers of an Express application with body-parser, which the asset library and the facade are. */

export const CDF_V1 = 'application/vnd.aws-cdf-v1.0+json';
export const CDF_V2 = 'application/vnd.aws-cdf-v2.0+json';

/** body-parser's default limit. */
const BODY_LIMIT_BYTES = 100 * 1024;

/** Express' error page: what a client gets for an unknown route, a bad body or a handler that threw. */
export function page(status: number, text: string = STATUS_CODES[status] ?? 'Error'): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
    },
    body: `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>${escape(text)}</pre>
</body>
</html>
`,
  };
}

export const notFoundPage = (request: HttpRequest, path: string): HttpResponse =>
  page(404, `Cannot ${request.method} ${path}`);

export const undecodablePage = (): HttpResponse => page(400, 'URIError: Failed to decode param');

/** Express' answer when a handler throws: 500. */
export const crashPage = (error: unknown): HttpResponse =>
  page(500, error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** `204` without a body. The framework overwrites whatever the handler wanted to return. */
export const nothing = (headers: Record<string, string> = {}): HttpResponse => ({ status: 204, headers });

export function send(status: number, value: unknown): HttpResponse {
  return { status, headers: {}, body: JSON.stringify(value) };
}

/** Express' own answer to OPTIONS. */
export function optionsReply(methods: string[]): HttpResponse {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(',');
  return { status: 200, headers: { allow }, body: allow };
}

/**
 * The JSON body if its type is one of `types`. A body of another type is not parsed and counts as `{}`. A body that
 * is too large or not valid JSON is answered with an error page.
 */
export function readBody(
  request: HttpRequest,
  contentType: string | undefined,
  types: string[],
): { body: Json } | { refused: HttpResponse } {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (request.body.length === 0 || type === undefined || !types.includes(type)) return { body: {} };
  if (request.body.length > BODY_LIMIT_BYTES) {
    return { refused: page(413, 'PayloadTooLargeError: request entity too large') };
  }
  const text = request.body.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { body: value };
    if (Array.isArray(value)) return { body: {} };
    throw new SyntaxError(`Unexpected token ${text.trim().charAt(0)} in JSON at position 0`);
  } catch (error) {
    return { refused: page(400, `SyntaxError: ${error instanceof Error ? error.message : 'bad JSON'}`) };
  }
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
