import type { CmsError } from '../core/errors.ts';
import { isCmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { retry, waits, type RetryPolicy } from '../core/retry.ts';
import type { Work } from '../core/work.ts';

/** For what AWS may not know everywhere yet. */
const NOT_KNOWN_YET: RetryPolicy = { attempts: 6, backoff: waits(500, 1000, 2000, 4000, 8000) };
/** For a registration whose answer was lost. */
export const UNDER_WAY: RetryPolicy = { attempts: 3, backoff: waits(500, 1500) };

/** Runs again, with growing waits, what failed in a way that time may heal. */
export function untilKnown<T>(
  work: Work,
  again: (error: CmsError) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  return retry(work, NOT_KNOWN_YET, attempt, (error, failures) => {
    if (!isCmsError(error) || !again(error)) return false;
    const seconds = NOT_KNOWN_YET.backoff(failures, work.random) / 1000;
    const message = l10n.t('Trying again in {seconds} s: {why}', { seconds, why: error.sentence });
    tell(work, error.step ?? 'connect', message);
    return true;
  });
}

/** What AWS IoT answers while it does not know a new certificate or policy everywhere yet. */
export function refusedForNow(error: CmsError): boolean {
  if (error.code === 'MQTT_CONNECT_REFUSED') return error.details.tlsError === undefined;
  return (
    error.code === 'MQTT_CONNECTION_LOST' || (error.code === 'CLAIM_REJECTED' && error.step === 'subscribe')
  );
}

/**
 * The same for a certificate that AWS IoT does not know at all: it may end the handshake with an alert, which is about
 * the vehicle's certificate. Other errors of TLS are about the server's, which time does not mend.
 */
export function refusedAtFirst(error: CmsError): boolean {
  const { tlsError } = error.details;
  const isAlert = typeof tlsError === 'string' && tlsError.includes('ALERT');
  return refusedForNow(error) || (error.code === 'MQTT_CONNECT_REFUSED' && isAlert);
}

export function tell(
  work: Work,
  step: string,
  message: Message,
  level: 'debug' | 'info' | 'warn' = 'debug',
): void {
  work.progress({ step, message, level });
}
