import type { ErrorCode } from './errorCodes.ts';
import { isMessage, l10n, type Message } from './message.ts';
import { english } from './wording.ts';

export interface CmsErrorOptions {
  /** What the person can do next, one sentence, no trailing code. */
  remedy?: Message | undefined;
  /** The step of the running work in which it happened. */
  step?: string | undefined;
  /** Facts worth showing in a log: never a key, password or token. */
  details?: Record<string, string | number | boolean> | undefined;
  cause?: unknown;
}

/**
 * The one error type work throws. `code` is stable and documented (docs/errors.md), `sentence` says what happened and
 * `remedy` what to do next. `message` is the sentence in English, for logs and the command line.
 */
export class CmsError extends Error {
  override readonly name = 'CmsError';
  readonly code: ErrorCode;
  readonly sentence: Message;
  readonly remedy: Message | undefined;
  readonly step: string | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, sentence: Message, options: CmsErrorOptions = {}) {
    super(english(sentence), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.sentence = sentence;
    this.remedy = options.remedy;
    this.step = options.step;
    this.details = options.details ?? {};
  }
}

/** Cancelling is an answer, not a failure: front ends end quietly when they see this code. */
export function cancelled(step?: string): CmsError {
  return new CmsError('CANCELLED', l10n.t('Canceled.'), { step });
}

/** Whether it is a CmsError, also one of another bundle, which has its own copy of the class. */
export function isCmsError(error: unknown): error is CmsError {
  return (
    error instanceof Error && error.name === 'CmsError' && 'sentence' in error && isMessage(error.sentence)
  );
}

export function isCancelled(error: unknown): boolean {
  return isCmsError(error) && error.code === 'CANCELLED';
}

export function throwIfAborted(signal: AbortSignal, step?: string): void {
  if (signal.aborted) throw cancelled(step);
}

/** The English text of anything thrown, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What anything thrown says: its own message, or somebody else's words. */
export function sentenceOf(error: unknown): Message {
  return isCmsError(error) ? error.sentence : l10n.verbatim(messageOf(error));
}

/** Anything thrown as a CmsError: itself, or INTERNAL with somebody else's words. */
export function asCmsError(error: unknown): CmsError {
  return isCmsError(error)
    ? error
    : new CmsError('INTERNAL', l10n.verbatim(messageOf(error)), { cause: error });
}
