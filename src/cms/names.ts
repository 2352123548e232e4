import { CmsError } from '../core/errors.ts';

const UNPRINTABLE = /[^\x20-\x7e]/u;
const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;

/**
 * What is wrong with a text as a name in the asset library, as a predicate: "must not be empty". A name becomes
 * part of a group path (`/auto/users/<name>`); the CDF Asset Library drops everything outside x20–x7E from it
 * without a word, and a slash corrupts the path. Quotes are fine.
 */
export function groupNameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'must not be empty';
  if (name !== name.trim()) return 'must not begin or end with a space';
  if (name.length > 128) return 'must not be longer than 128 characters';
  if (name.includes('/')) return 'must not contain "/", which would split its path';
  if (/^\.+$/.test(name)) return 'must not be dots only';
  const wrong = UNPRINTABLE.exec(name)?.[0];
  if (wrong === undefined) return undefined;
  return `must be printable ASCII: CMS would drop ${JSON.stringify(wrong)} from it without a word`;
}

/** Refuses, before any call, a name CMS would corrupt. @throws CmsError REQUEST_INVALID */
export function checkGroupName(name: string, what: string): string {
  const problem = groupNameProblem(name);
  if (problem !== undefined) {
    throw new CmsError('REQUEST_INVALID', `The ${what} ${problem}.`, {
      remedy: 'Choose a name of letters, digits and signs that an English keyboard has.',
      details: { name },
    });
  }
  return name;
}

/**
 * The upper-case VIN, which must fit a thing name and so also a topic segment and a URL; whether it is a real
 * VIN is not asked here. @throws CmsError VIN_INVALID
 */
export function checkVin(vin: string): string {
  if (!THING_NAME.test(vin)) {
    throw new CmsError('VIN_INVALID', `"${vin}" cannot be the name of a thing.`, {
      remedy: 'Use letters, digits, ":", "_" and "-" only, 128 at most.',
    });
  }
  return vin.toUpperCase();
}
