import { systemClock } from '../../core/work.ts';
import type { Rest, RestReply } from './rest.ts';
import { isUnreachable } from './rest.ts';
import { refused } from './replies.ts';

/** Waits between looks after a call of unknown outcome: a facade Lambda may run 7 s past the gateway's 504. */
const LOOK_AGAIN_MS = [0, 500, 1000, 2000, 4000] as const;
const ATTEMPTS = 3;

/** Sends a call that must not be repeated blindly; undefined when its outcome is not known. */
export async function attempt(send: () => Promise<RestReply>): Promise<RestReply | undefined> {
  try {
    const reply = await send();
    return reply.uncertain ? undefined : reply;
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}

/** Looks until there is something to see, some eight seconds long at most. */
export async function lookRepeatedly<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal,
  waits: readonly number[] = LOOK_AGAIN_MS,
): Promise<T | undefined> {
  for (const wait of waits) {
    if (wait > 0) await systemClock.sleep(wait, signal);
    const found = await look();
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Looks, creates if nothing is there, and looks again: a conflict means somebody else was faster, and a call of
 * unknown outcome is judged by what can be seen afterwards, never repeated blindly.
 */
export async function lookOrCreate<T>(
  rest: Rest,
  what: {
    doing: string;
    look: () => Promise<T | undefined>;
    create: () => Promise<RestReply>;
  },
  signal: AbortSignal,
): Promise<{ value: T; created: boolean }> {
  const before = await what.look();
  if (before !== undefined) return { value: before, created: false };
  for (let tries = 1; ; tries++) {
    const reply = await attempt(what.create);
    if (reply !== undefined && !reply.ok && reply.status !== 409) throw refused(rest, reply, what.doing);
    const found = await lookRepeatedly(what.look, signal, reply === undefined ? LOOK_AGAIN_MS : [0, 500]);
    if (found !== undefined) return { value: found, created: reply?.status !== 409 };
    if (reply !== undefined || tries === ATTEMPTS) {
      throw refused(rest, reply ?? unknownOutcome, what.doing);
    }
  }
}

export const unknownOutcome: RestReply = {
  status: 504,
  ok: false,
  json: undefined,
  text: '',
  uncertain: true,
};
