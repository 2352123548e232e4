import type { HttpResponse } from '../../../kernel/http.ts';
import { ArgumentError } from '../rest/arguments.ts';
import { crashPage, send } from '../rest/express.ts';
import { libraryFailure } from '../library/errors.ts';

/** A failure with an error name of the facade's own. */
export class FacadeError extends Error {
  override readonly name = 'FacadeError';
}

/** A failed call to another service (asset library, CDF provisioning). */
export class InnerError extends Error {
  override readonly name = 'InnerError';
  readonly status: number;
  /** Whether the answer had a body with an `error` string. */
  readonly hasBody: boolean;
  constructor(status: number, text: string | undefined) {
    super(text ?? 'Not Found');
    this.status = status;
    this.hasBody = text !== undefined;
  }
}

/** Calls the asset library and reports failures as its REST API does, since that is what the facade sees. */
export function inner<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { status, text } = libraryFailure(error);
    throw new InnerError(status, text);
  }
}

/** Throws what a GET of something unknown leads to: 404 with an empty body. */
export function found<T>(item: T | undefined): T {
  if (item === undefined) throw new InnerError(404, undefined);
  return item;
}

/** The facade's answer to anything thrown. */
export function facadeFailure(error: unknown): HttpResponse {
  if (error instanceof ArgumentError) return send(400, { error: error.message });
  if (error instanceof InnerError) {
    // The facade's own error mapper trips over the empty body: Express answers with its page.
    if (!error.hasBody) return crashPage(new TypeError("Cannot read property 'error' of undefined"));
    if (error.status === 400 || error.status === 409) return send(error.status, { error: error.message });
    if (error.status === 404) return send(404, { error: 'Resource does not exist' });
    return send(500, { error: error.message });
  }
  const text = error instanceof Error ? error.message : String(error);
  return send(text === 'USER_ALREADY_REGISTERED' ? 409 : 500, { error: text });
}
