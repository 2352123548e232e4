import { l10n, type Message } from './message.ts';

/** What helps when a vehicle's certificate has expired by a clock, which is the first that may be wrong. `now` in milliseconds since 1970. */
export function clockOrReplace(now: number): Message {
  return l10n.t(
    'Check the date and time of this computer first: it says {now}. If that is right, provision the vehicle with "replace" (--replace), which sets the old pair aside and never deletes it.',
    { now: `${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC` },
  );
}
