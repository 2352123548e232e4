import type { Message } from '../../core/message.ts';
import { poll, retry, waits, type RetryPolicy, type Retrying } from '../../core/retry.ts';
import type { Rest, RestReply } from '../kit/rest.ts';
import { isUnreachable } from '../kit/rest.ts';
import { refused } from './replies.ts';

/** A facade Lambda may run up to 7 s past the gateway's 504, or past a connection that broke. */
const MAY_STILL_RUN: RetryPolicy = { attempts: 5, backoff: waits(500, 1000, 2000, 4000) };
/** A 502 or 503 says that it has ended or never began. */
const HAS_ENDED: RetryPolicy = { attempts: 2, backoff: waits(500) };
/** Between two calls one looks for the effect of the first: that is wait enough. */
const CALLS: RetryPolicy = { attempts: 3, backoff: waits(0) };

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
export function lookingAfter(reply: RestReply): RetryPolicy {
  return reply.status === 504 ? MAY_STILL_RUN : HAS_ENDED;
}

/**
 * Makes a call whose outcome may stay unknown. `settled` says by the reply, or by looking, what it has done;
 * undefined means nothing. Then the call is made again if its outcome was unknown, and is refused otherwise.
 * @throws CmsError what the refusal means
 */
export function untilSettled<T>(
  work: Retrying,
  rest: Rest,
  call: {
    doing: Message;
    send: () => Promise<RestReply>;
    settled: (reply: RestReply) => Promise<T | undefined>;
    /** Whether the outcome is unknown: a lost answer, unless said otherwise. */
    unknown?: (reply: RestReply) => boolean;
  },
): Promise<T> {
  let again = false;
  return retry(
    work,
    CALLS,
    async () => {
      again = false;
      const reply = await attempt(call.send);
      const value = await call.settled(reply);
      if (value !== undefined) return value;
      again = call.unknown?.(reply) ?? reply.uncertain;
      throw refused(rest, reply, call.doing);
    },
    () => again,
  );
}

/**
 * Looks, creates if nothing is there, and looks again: a conflict means somebody else was faster, and a call of
 * unknown outcome is judged by what can be seen afterwards, never repeated blindly.
 */
export async function lookOrCreate<T>(
  work: Retrying,
  rest: Rest,
  what: {
    doing: Message;
    look: () => Promise<T | undefined>;
    create: () => Promise<RestReply>;
  },
): Promise<{ value: T; created: boolean }> {
  const before = await what.look();
  if (before !== undefined) return { value: before, created: false };
  return untilSettled(work, rest, {
    doing: what.doing,
    send: what.create,
    async settled(reply) {
      const conflict = reply.status === 409;
      if (!reply.ok && !reply.uncertain && !conflict) return undefined;
      const value = await poll(work, lookingAfter(reply), what.look);
      return value === undefined ? undefined : { value, created: !conflict };
    },
  });
}
