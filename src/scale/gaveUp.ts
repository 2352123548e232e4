import * as z from 'zod';
import type { ErrorCode } from '../core/errorCodes.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { problemOf } from '../core/problem.ts';
import { problemSchema } from '../protocol/message.ts';
import type { Store } from './store.ts';

/** Left in the store by a worker that couldn't drive: what failed may be the run channel itself. */
const noteSchema = z.object({
  shard: z.number().int().min(1),
  attempt: z.number().int().min(1),
  problem: problemSchema,
  /** Another attempt would end the same way. */
  final: z.boolean(),
});
export type GaveUp = z.infer<typeof noteSchema>;

const notesPrefix = (run: string) => `runs/${run}/problems/`;
const noteKey = (run: string, { shard, attempt }: Pick<GaveUp, 'shard' | 'attempt'>) =>
  `${notesPrefix(run)}${shard}-${attempt}.json`;

/**
 * What only a person can mend, in the account or in the plan. Missing credentials are not: a container may ask for its
 * own a moment too early.
 */
const FINAL: readonly ErrorCode[] = [
  'ACCESS_DENIED',
  'CA_FILE_UNREADABLE',
  'CERTIFICATE_MISSING',
  'ENDPOINT_NOT_PRIVATE',
  'PROFILE_INVALID',
  'PROFILE_UNKNOWN',
  'REGION_MISSING',
  'REQUEST_INVALID',
  'RUN_NOT_READY',
];

/** Whether another attempt of the same worker would come to the same end. */
export function isFinal(error: unknown): boolean {
  // A worker that drove has an exit code of its own.
  if (isCmsError(error) && error.step === 'result') return false;
  for (let at = error; isCmsError(at); at = at.cause) if (FINAL.includes(at.code)) return true;
  return false;
}

/** The same error with the step that makes the exit code say so: an engine must not start the worker again. */
export function asGaveUp(error: CmsError): CmsError {
  const { code, sentence, remedy, details } = error;
  return new CmsError(code, sentence, { step: 'gaveUp', remedy, details, cause: error });
}

/** Never throws: the store may be what is missing. */
export async function leaveNote(
  store: Store,
  { run, shard, attempt }: { run: string; shard: number; attempt: number },
  error: CmsError,
): Promise<void> {
  const note: GaveUp = { shard, attempt, problem: problemOf(error), final: isFinal(error) };
  await store.put(noteKey(run, note), JSON.stringify(note)).catch(() => undefined);
}

/** Those that were not read before. @throws CmsError STORE_FAILED */
export async function readNotes(store: Store, run: string, seen: Set<string>): Promise<GaveUp[]> {
  const notes: GaveUp[] = [];
  for (const key of await store.list(notesPrefix(run))) {
    if (seen.has(key)) continue;
    const text = await store.get(key);
    seen.add(key);
    const read = text === undefined ? undefined : parseJson(noteSchema, text);
    if (read?.ok === true) notes.push(read.value);
  }
  return notes;
}
