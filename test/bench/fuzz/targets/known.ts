import { isCmsError } from '../../../../src/core/errors.ts';
import type { ErrorCode } from '../../../../src/core/errorCodes.ts';

/** The code of an error that a reader may answer with; throws every other. */
export function known(error: unknown, ...codes: readonly ErrorCode[]): string {
  if (isCmsError(error) && codes.includes(error.code)) return error.code;
  throw error;
}
