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

/** The same in words, beside a date; undefined for what needs nobody yet. */
export function endsSoonWords(notAfter: Date | undefined, now = Date.now()): string | undefined {
  const expiry = expiryOf(notAfter, now);
  if (expiry === undefined) return undefined;
  return expiry === 'expired' ? vscode.l10n.t('expired') : vscode.l10n.t('expires soon');
}
