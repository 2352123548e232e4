import type { ErrorCode } from '../core/errorCodes.ts';

/** The exit codes of the process. Part of the command line's contract: `cms-enablement --help` shows them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** Wrong options, or input that was refused before anything was done. */
  badInput: 2,
  /** Some but not all vehicles of a fleet or simulation failed, or messages were lost. */
  partlyFailed: 3,
  /** A worker whose shard another attempt drives: an engine must not start it again, nor count it as done. */
  replaced: 4,
  /** A worker drove, but could not write its result: starting it again would drive it again. */
  storeFailed: 5,
  /** A worker gave up for a reason that only a person can mend: starting it again would end the same way. */
  gaveUp: 6,
  cancelled: 130,
} as const;

/** Descriptions of the exit codes, for the help and the documentation. */
export const EXIT_CODES: readonly string[] = [
  '0 done',
  '1 failed, or doctor found something wrong',
  '2 wrong options or input',
  '3 some vehicles failed and others did not, or a simulation lost messages',
  '4 a worker whose shard another attempt drives',
  '5 a worker drove but could not write its result',
  '6 a worker gave up, and starting it again would not help',
  '130 canceled',
];

const BAD_INPUT: readonly ErrorCode[] = [
  'REQUEST_INVALID',
  'VIN_INVALID',
  'MANIFEST_INVALID',
  'ROUTE_INVALID',
  'PROFILE_UNKNOWN',
  'PROFILE_INVALID',
  'REGION_MISSING',
  'CA_FILE_UNREADABLE',
  'PASSWORD_MISSING',
  'STACK_AMBIGUOUS',
];

/** @param step of the error */
export function exitCodeOf(code: ErrorCode, step?: string): number {
  if (code === 'CANCELLED') return EXIT.cancelled;
  if (code === 'SHARD_REPLACED') return EXIT.replaced;
  if (code === 'STORE_FAILED' && step === 'result') return EXIT.storeFailed;
  if (step === 'gaveUp') return EXIT.gaveUp;
  return BAD_INPUT.includes(code) ? EXIT.badInput : EXIT.failed;
}
