import { systemClock } from '../../core/work.ts';
import type { Rest, RestReply } from './rest.ts';
import { isUnreachable } from './rest.ts';
import { refused } from './replies.ts';

/** A facade Lambda may run up to 7 s past the gateway's 504, or past a connection that broke. */
const MAY_STILL_RUN_MS = [0, 500, 1000, 2000, 4000] as const;
/** A 502 or 503 says that it has ended or never began. */
const HAS_ENDED_MS = [0, 500] as const;
const ATTEMPTS = 3;

const lost: RestReply = { status: 504, ok: false, json: undefined, text: '', uncertain: true };

/** Sends a call that must not be repeated blindly; a lost connection gives an uncertain reply. */
export async function attempt(send: () => Promise<RestReply>): Promise<RestReply> {
  try {
    return await send();
  } catch (error) {
    if (isUnreachable(error)) return lost;
    throw error;
  }
}

/** How long to look for what a call may have done. */
export function waitsAfter(reply: RestReply): readonly number[] {
  return reply.status === 504 ? MAY_STILL_RUN_MS : HAS_ENDED_MS;
}

/** Looks until there is something to see, waiting so many milliseconds before each look. */
export async function lookRepeatedly<T>(
  look: () => Promise<T | undefined>,
  waits: readonly number[],
  signal: AbortSignal,
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
    const conflict = reply.status === 409;
    if (!reply.ok && !reply.uncertain && !conflict) throw refused(rest, reply, what.doing);
    const found = await lookRepeatedly(what.look, waitsAfter(reply), signal);
    if (found !== undefined) return { value: found, created: !conflict };
    if (!reply.uncertain || tries === ATTEMPTS) throw refused(rest, reply, what.doing);
  }
}
