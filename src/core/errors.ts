import type { ErrorCode } from './errorCodes.ts';

export interface CmsErrorOptions {
  /** What the person can do next, one sentence, no trailing code. */
  remedy?: string;
  /** The step of the running work in which it happened. */
  step?: string;
  /** Facts worth showing in a log: never a key, password or token. */
  details?: Record<string, string | number | boolean>;
  cause?: unknown;
}

/**
 * The one error type work throws. `code` is stable and documented (docs/errors.md),
 * `message` is a sentence for people, `remedy` says what to do next.
 */
export class CmsError extends Error {
  override readonly name = 'CmsError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly step: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: CmsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.step = options.step;
    this.details = options.details ?? {};
  }
}

/** Cancelling is an answer, not a failure: front ends end quietly when they see this code. */
export function cancelled(step?: string): CmsError {
  return new CmsError('CANCELLED', 'Cancelled.', step === undefined ? {} : { step });
}

/** Whether it is a CmsError, also one of another bundle, which has its own copy of the class. */
export function isCmsError(error: unknown): error is CmsError {
  return error instanceof Error && error.name === 'CmsError' && 'code' in error && 'details' in error;
}

export function isCancelled(error: unknown): boolean {
  return isCmsError(error) && error.code === 'CANCELLED';
}

export function throwIfAborted(signal: AbortSignal, step?: string): void {
  if (signal.aborted) throw cancelled(step);
}

/** The text of anything thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
