import { l10n, type Message } from '../core/message.ts';
import type { NetworkCause } from './causes.ts';

/** Where a request went. */
export interface Place {
  /** With its port, where that is not the usual one. */
  host: string;
  /** Name of the proxy on the way; undefined = directly. */
  proxy?: string | undefined;
}

/** Errors of sockets say why, and seldom where. */
const places = new WeakMap<object, Place>();

/** Keeps with an error where the request went that failed. */
export function keepPlace(error: unknown, place: Place): void {
  if (typeof error === 'object' && error !== null) places.set(error, place);
}

export function placeOf(error: unknown): Place | undefined {
  return typeof error === 'object' && error !== null ? places.get(error) : undefined;
}

/** The place for a sentence that goes on with why. A proxy that is the reason itself is named there. */
export function placeWords({ host, proxy }: Place, cause?: NetworkCause): Message {
  const isReason = cause !== undefined && 'proxy' in cause;
  return proxy === undefined || isReason
    ? l10n.verbatim(host)
    : l10n.t('{host} through the proxy {proxy}', { host, proxy });
}
