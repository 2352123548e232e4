import { defined } from './defined.ts';
import { ERROR_CODES, type ErrorCode } from './errorCodes.ts';
import { CmsError } from './errors.ts';
import type { Message } from './message.ts';
import { redacted } from './secrets.ts';

/** What a `CmsError` says, as plain data: the form in which it crosses the border of a process. */
export interface Problem {
  /** Of a `CmsError`. */
  code: string;
  sentence: Message;
  remedy?: Message | undefined;
  step?: string | undefined;
  details?: Record<string, string | number | boolean> | undefined;
}

/** Without the secrets of this process: the other one does not know them. */
export function problemOf({ code, sentence, remedy, step, details }: CmsError): Problem {
  return redacted(
    defined({
      code,
      sentence,
      remedy,
      step,
      details: Object.keys(details).length === 0 ? undefined : { ...details },
    }),
  );
}

/** The error that a problem was made of. `otherwise` stands in for a code that this program does not know. */
export function errorOf({ code, sentence, ...options }: Problem, otherwise: ErrorCode): CmsError {
  const known = ERROR_CODES.find((it) => it === code) ?? otherwise;
  return new CmsError(known, sentence, options);
}
