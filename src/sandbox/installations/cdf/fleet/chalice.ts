import type { HttpResponse } from '../../../kernel/http.ts';

/** Errors of the Chalice framework, as clients see them. */
export type ChaliceCode = 'BadRequestError' | 'NotFoundError' | 'ChaliceViewError';

const statuses: Record<ChaliceCode, number> = {
  BadRequestError: 400,
  NotFoundError: 404,
  ChaliceViewError: 500,
};

export class ChaliceError extends Error {
  override readonly name = 'ChaliceError';
  readonly code: ChaliceCode;
  constructor(code: ChaliceCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

export const cors = { 'access-control-allow-origin': '*' };

export function jsonReply(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...cors },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  };
}

/** Anything but a ChaliceError is an uncaught exception. */
export function chaliceFailure(error: unknown): HttpResponse {
  if (error instanceof ChaliceError) {
    return jsonReply(statuses[error.code], { Code: error.code, Message: error.message });
  }
  return jsonReply(500, {
    Code: 'InternalServerError',
    Message: 'An internal server error occurred.',
  });
}
