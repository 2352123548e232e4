import type { HttpRequest, HttpResponse } from '../../kernel/http.ts';
import { AwsError } from '../../kernel/http.ts';
import { isObject, type Json, parseJson } from '../../kit/json.ts';
import type { Caller } from './caller.ts';

/** A call of a function behind one of the APIs. */
export interface Call {
  readonly request: HttpRequest;
  readonly caller: Caller;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** An answer that is no success, as the functions give it: `{"error":"…"}`. */
export class Refused extends Error {
  readonly status: number;
  readonly more: Json;
  constructor(status: number, error: string, more: Json = {}) {
    super(error);
    this.status = status;
    this.more = more;
  }
}

/** An answer with another status than 200. */
export class Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export type Handler = (call: Call) => unknown;

export const CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Content-Type,Authorization,X-Amz-Date,X-Api-Key,X-Amz-Security-Token',
  'access-control-allow-methods': 'GET,POST,PUT,DELETE,OPTIONS',
};

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...CORS, ...headers },
    body: JSON.stringify(body),
  };
}

/** Runs a handler; any exception of the function is a 500 with its words. */
export async function answered(work: () => unknown): Promise<HttpResponse> {
  try {
    const result = await work();
    return result instanceof Answer
      ? json(result.status, result.body, result.headers)
      : json(200, result ?? {});
  } catch (error) {
    if (error instanceof Refused) return json(error.status, { error: error.message, ...error.more });
    // Boto3 words an error of AWS so.
    if (error instanceof AwsError) {
      return json(500, {
        error: `Internal server error: An error occurred (${error.code}): ${error.message}`,
      });
    }
    throw error;
  }
}

/** The body as an object; anything else breaks the function. */
export function bodyOf({ request }: Pick<Call, 'request'>): Json {
  const text = request.body.toString('utf8');
  if (text === '') return {};
  const value = parseJson(text);
  if (value === undefined) throw broken('Expecting value: line 1 column 1 (char 0)');
  if (!isObject(value)) throw broken("'list' object has no attribute 'get'");
  return value;
}

export function broken(what: string): Refused {
  return new Refused(500, `Internal server error: ${what}`);
}

/** A whole number of the query, as Python's `int` reads it. */
export function intOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    throw broken(`invalid literal for int() with base 10: '${text}'`);
  }
  return Number(text);
}
