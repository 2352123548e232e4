import type { Alert } from '../cms/contract/alerts.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import { isCmsError, sentenceOf, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';

/** How often they are asked for: a CMS may have to look through all it ever warned of. Milliseconds. */
const EVERY_MS = 10_000;
/** Its clock may be behind that of this machine. Milliseconds. */
const BEHIND_MS = 60_000;
/** Of those that were told already; older ones are not asked for again. */
const MOST_TOLD = 10_000;

/**
 * Tells what a CMS warns of, from now on until the signal aborts. Who may not look at it is told so, once; a failure is
 * tried again. Resolves at once where the CMS warns of nothing.
 */
export async function followAlerts(
  { alerts }: Pick<Deployment, 'alerts'>,
  work: Work,
  told: (alert: Alert) => void,
): Promise<void> {
  if (alerts === undefined) return;
  const { signal, clock, progress } = work;
  let since = clock.now() - BEHIND_MS;
  const known = new Set<string>();
  let isSaid = false;
  // What came before is no news.
  let isFirst = true;
  for (;;) {
    try {
      const from = since;
      for (const alert of await alerts.since(from, signal)) {
        const key = JSON.stringify([alert.vin, alert.time, alert.text]);
        if (known.has(key)) continue;
        known.add(key);
        since = Math.max(since, (alert.time ?? 0) - 1);
        if (!isFirst) told(alert);
      }
      for (const oldest of known) {
        if (known.size <= MOST_TOLD) break;
        known.delete(oldest);
      }
      isFirst = false;
      isSaid = false;
    } catch (error) {
      throwIfAborted(signal);
      if (!isSaid) {
        isSaid = true;
        const message = l10n.t('Alerts cannot be read: {why}', { why: sentenceOf(error) });
        progress({ step: 'alerts', level: 'warn', message });
      }
      if (isCmsError(error) && error.code === 'ACCESS_DENIED') return;
    }
    await clock.sleep(EVERY_MS, signal);
  }
}
