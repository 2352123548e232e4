import * as vscode from 'vscode';

const DAY_MS = 86_400_000;
/** What is good for longer needs nobody yet. */
const SOON_DAYS = 30;

/** Whether something has ended, or ends within 30 days; undefined for neither. @param now milliseconds since 1970 */
export function expiryOf(notAfter: Date | undefined, now: number): 'expired' | 'soon' | undefined {
  if (notAfter === undefined) return undefined;
  const days = Math.floor((notAfter.getTime() - now) / DAY_MS);
  if (days < 0) return 'expired';
  return days > SOON_DAYS ? undefined : 'soon';
}

/** When something ends, in words for a row, and whether somebody should look at it. */
export function endWords(
  notAfter: Date | undefined,
  now = Date.now(),
): { words: readonly string[]; isWarning: boolean } {
  if (notAfter === undefined) return { words: [], isWarning: false };
  const day = notAfter.toISOString().slice(0, 10);
  switch (expiryOf(notAfter, now)) {
    case 'expired':
      return { words: [vscode.l10n.t('expired {0}', day)], isWarning: true };
    case 'soon':
      return {
        words: [vscode.l10n.t('expires {0}', day), vscode.l10n.t('expires soon')],
        isWarning: true,
      };
    case undefined:
      return { words: [vscode.l10n.t('expires {0}', day)], isWarning: false };
  }
}

/** The same in words, beside a date; undefined for what needs nobody yet. */
export function endsSoonWords(notAfter: Date | undefined, now = Date.now()): string | undefined {
  const expiry = expiryOf(notAfter, now);
  if (expiry === undefined) return undefined;
  return expiry === 'expired' ? vscode.l10n.t('expired') : vscode.l10n.t('expires soon');
}
