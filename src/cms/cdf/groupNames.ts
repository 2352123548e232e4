import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';

const UNPRINTABLE = /[^\x20-\x7e]/u;

/**
 * What is wrong with a text as a name in the asset library, as a predicate: "must not be empty". A name becomes
 * part of a group path (`/auto/users/<name>`); the CDF Asset Library silently drops everything outside x20–x7E
 * from it, and a slash corrupts the path. Quotes are fine.
 */
export function groupNameProblem(name: string): Message | undefined {
  if (name.trim() === '') return l10n.t('must not be empty');
  if (name !== name.trim()) return l10n.t('must not begin or end with a space');
  if (name.length > 128) return l10n.t('must not be longer than 128 characters');
  if (name.includes('/')) return l10n.t('must not contain "/", which would split its path');
  if (/^\.+$/.test(name)) return l10n.t('must not be dots only');
  const wrong = UNPRINTABLE.exec(name)?.[0];
  if (wrong === undefined) return undefined;
  return l10n.t('must be printable ASCII: CMS would silently drop {character} from it', {
    character: JSON.stringify(wrong),
  });
}

/** Refuses, before any call, a name CMS would corrupt. @throws CmsError REQUEST_INVALID */
export function checkSupplierName(name: string): string {
  return checked(name, (problem) => l10n.t('The supplier name {problem}.', { problem }));
}

/** The same for a CMS user. @throws CmsError REQUEST_INVALID */
export function checkUserName(name: string): string {
  return checked(name, (problem) => l10n.t('The user name {problem}.', { problem }));
}

function checked(name: string, sentence: (problem: Message) => Message): string {
  const problem = groupNameProblem(name);
  if (problem === undefined) return name;
  throw new CmsError('REQUEST_INVALID', sentence(problem), {
    remedy: l10n.t('Choose a name made of letters, digits, and symbols found on an English keyboard.'),
    details: { name },
  });
}
