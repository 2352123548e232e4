import { AsyncLocalStorage } from 'node:async_hooks';
import { l10n, type Message } from './message.ts';
import { systemTimers, type Timers } from './timers.ts';

/** Whom somebody waits for. */
export interface Awaited {
  host: string;
  /** Counts from 1, with how many there are at most; none where it is tried once. */
  attempt?: { number: number; of: number } | undefined;
}

interface Listener {
  say: (message: Message) => void;
  timers: Timers;
}

/** A silence that makes people wonder. */
const SILENCE_MS = 4000;
/** After that, the line is said again so often. */
const AGAIN_MS = 15_000;

/** Bundles have copies of this module, and work crosses from one to the other. */
const KEY = Symbol.for('cms-enablement.patience');
const shared: { [KEY]?: AsyncLocalStorage<Listener> | undefined } = globalThis as object;
const listeners = (shared[KEY] ??= new AsyncLocalStorage<Listener>());

/** Runs work; whatever in it waits for the network says so to `say`, if it takes long. */
export function hearingWaits<T>(
  say: (message: Message) => void,
  work: () => Promise<T>,
  timers: Timers = systemTimers,
): Promise<T> {
  return listeners.run({ say, timers }, work);
}

/**
 * The one place where waiting for the network is told: HTTPS, the claim and MQTT alike. Says for whom, after some seconds
 * and then again, until `asking` settles. Silent when nobody listens.
 */
export async function patiently<T>(awaited: Awaited, asking: () => Promise<T>): Promise<T> {
  const listener = listeners.getStore();
  if (listener === undefined) return asking();
  const { say, timers } = listener;
  const startedAt = timers.now();
  let cancel: () => void = () => undefined;
  const sayIn = (ms: number): void => {
    cancel = timers.after(ms, () => {
      say(waiting(awaited, Math.round((timers.now() - startedAt) / 1000)));
      sayIn(AGAIN_MS);
    });
  };
  sayIn(SILENCE_MS);
  try {
    return await asking();
  } finally {
    cancel();
  }
}

function waiting({ host, attempt }: Awaited, seconds: number): Message {
  if (attempt === undefined)
    return l10n.t('No answer from {host} after {seconds} s; waiting', { host, seconds });
  const { number, of } = attempt;
  return l10n.t('No answer from {host} after {seconds} s; waiting (attempt {number} of {of})', {
    host,
    seconds,
    number,
    of,
  });
}
