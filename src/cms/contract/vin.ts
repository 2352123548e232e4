import { isThingNameCharacter, LONGEST_THING_NAME } from '../../aws/iot/thingName.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Random } from '../../core/work.ts';
import type { Judgement } from './fields.ts';

/** What is wrong with a text as a VIN, and at which character (counted from 1); `position` 0 is about the whole. */
export interface VinProblem {
  message: Message;
  position: number;
}

export interface CheckedVin {
  /** Upper case. */
  vin: string;
  /** Set when the text can be used but looks mistyped. */
  warning: Message | undefined;
}

const ALPHABET = '0123456789ABCDEFGHJKLMNPRSTUVWXYZ';
const LENGTH = 17;
const CHECK_POSITION = 8;
// ISO 3779 letters have the values 1 to 9 in this order; digits stand for themselves (49 CFR 565.15).
const VALUES: Readonly<Record<string, number>> = Object.fromEntries([
  ...counted('0123456789', 0),
  ...counted('ABCDEFGH', 1),
  ...counted('JKLMN', 1),
  ...counted('P', 7),
  ...counted('R', 9),
  ...counted('STUVWXYZ', 2),
]);
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

const ISO_CHARACTER = /^[0-9A-HJ-NPR-Za-hj-npr-z]$/;

function counted(characters: string, first: number): [string, number][] {
  return Array.from(characters, (character, i) => [character, first + i]);
}

function upperCaseAscii(text: string): string {
  return text.replace(/[a-z]/g, (c) => c.toUpperCase());
}

function named(character: string): Message | string {
  if (character === ' ') return l10n.t('a space');
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return l10n.t('the control character {code}', { code });
  return `"${character}"`;
}

/** The first thing that is wrong with `text` as a VIN, or undefined. */
export function vinProblem(text: string, allowAnyVin = false): VinProblem | undefined {
  const characters = Array.from(text);
  const count = characters.length;
  if (count === 0) return { message: l10n.t('The VIN is empty.'), position: 0 };
  const allowed = allowAnyVin ? isThingNameCharacter : (c: string) => ISO_CHARACTER.test(c);
  const at = characters.findIndex((c) => !allowed(c));
  const wrong = characters[at];
  if (wrong !== undefined) return { message: wrongCharacter(wrong, at + 1, allowAnyVin), position: at + 1 };
  if (allowAnyVin && count > LONGEST_THING_NAME) {
    return {
      message: l10n.t('The VIN has {count} characters; a thing name holds 128.', { count }),
      position: LONGEST_THING_NAME + 1,
    };
  }
  if (!allowAnyVin && count !== LENGTH) {
    return {
      message: l10n.plural(
        count,
        l10n.t('The VIN has {count} character; ISO 3779 demands {length}.', { count, length: LENGTH }),
        l10n.t('The VIN has {count} characters; ISO 3779 demands {length}.', { count, length: LENGTH }),
      ),
      position: Math.min(count, LENGTH) + 1,
    };
  }
  return undefined;
}

function wrongCharacter(wrong: string, position: number, allowAnyVin: boolean): Message {
  const character = named(wrong);
  if (allowAnyVin) {
    return l10n.t(
      'Character {position} of the VIN, {character}, cannot be in a thing name or MQTT topic segment (letters, digits, ":", "_" and "-" can).',
      { position, character },
    );
  }
  return /^[IOQioq]$/.test(wrong)
    ? l10n.t(
        'Character {position} of the VIN, {character}, is not in the VIN alphabet of ISO 3779, which leaves out I, O and Q.',
        { position, character },
      )
    : l10n.t(
        'Character {position} of the VIN, {character}, is not in the VIN alphabet of ISO 3779 (0-9 and A-Z without I, O and Q).',
        { position, character },
      );
}

/** The check digit the 17 characters call for: `0`–`9` or `X`. */
export function checkDigit(vin: string): string {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * (VALUES[vin[i] ?? ''] ?? 0), 0);
  const rest = sum % 11;
  return rest === 10 ? 'X' : String(rest);
}

/**
 * Checks and upper-cases a VIN. With `allowAnyVin` all that counts is that a thing name and a topic segment can
 * hold it. A check digit that does not fit is a warning: only North America and China demand one.
 * @throws CmsError VIN_INVALID
 */
export function parseVin(text: string, options: { allowAnyVin?: boolean } = {}): CheckedVin {
  const problem = vinProblem(text, options.allowAnyVin);
  if (problem) {
    throw new CmsError('VIN_INVALID', problem.message, {
      remedy: options.allowAnyVin
        ? l10n.t('Use letters, digits, ":", "_" and "-" only, 128 at most.')
        : l10n.t(
            'Correct the VIN, or allow any VIN: Japanese frame numbers, vehicles built before 1981, and fictitious vehicles use other numbers.',
          ),
      details: { position: problem.position },
    });
  }
  const vin = upperCaseAscii(text);
  return { vin, warning: options.allowAnyVin ? undefined : checkDigitWarning(vin) };
}

/**
 * What somebody named a vehicle by, VIN or id, as it was written: its CMS knows what capitals mean.
 * @throws CmsError VIN_INVALID for what can be no name of a vehicle anywhere
 */
export function vehicleName(text: string): string {
  parseVin(text, { allowAnyVin: true });
  return text;
}

/** The digits that are taken for letters which no VIN has. */
const LOOKALIKES: Readonly<Record<string, string>> = { I: '1', O: '0', Q: '0' };

/**
 * The VIN that was meant by a text that is none, or none with the right check digit; undefined when that is not clear:
 * only letters that look like digits, blanks and hyphens, and a wrong digit at the place of the check digit are told.
 */
export function meantVin(text: string): string | undefined {
  const vin = upperCaseAscii(text)
    .replace(/[\s-]/g, '')
    .replace(/[IOQ]/g, (letter) => LOOKALIKES[letter] ?? letter);
  if (vinProblem(vin) !== undefined) return undefined;
  if (vinProblem(text) !== undefined) return vin;
  const found = vin[CHECK_POSITION] ?? '';
  // Makers that have no check digit fill its place with another letter.
  if (!/[0-9X]/.test(found) || found === checkDigit(vin)) return undefined;
  return vin.slice(0, CHECK_POSITION) + checkDigit(vin) + vin.slice(CHECK_POSITION + 1);
}

/** The answer to a question for a VIN, judged. */
export function judgeVin(text: string): Judgement | undefined {
  const problem = vinProblem(text);
  if (problem !== undefined) return { problem: problem.message };
  const { warning } = parseVin(text);
  return warning && { warning };
}

function checkDigitWarning(vin: string): Message | undefined {
  const found = vin[CHECK_POSITION] ?? '';
  const expected = checkDigit(vin);
  if (found === expected) return undefined;
  return l10n.t(
    'The check digit of {vin} (character 9) is {found}; {expected} would be correct. Outside North America and China it may still be valid.',
    { vin, found, expected },
  );
}

// World manufacturer identifiers of large makers, so that made-up vehicles look like real ones.
const MAKERS = ['1FT', '1HG', '2T1', '3VW', '5YJ', 'JHM', 'KMH', 'LSH', 'SAJ', 'VF1', 'WBA', 'WVW', 'YV1'];
const MODEL_YEARS = 'HJKLMNPRSTV'; // 2017 to 2027
const DIGITS = '0123456789';

/** A made-up VIN with a known maker and a check digit that fits. */
export function generateVin(random: Random): string {
  const pick = (from: string | readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const many = (from: string, count: number): string =>
    Array.from({ length: count }, () => pick(from)).join('');
  const head = pick(MAKERS) + many(ALPHABET, 5);
  const tail = pick(MODEL_YEARS) + pick(ALPHABET) + many(DIGITS, 6);
  return head + checkDigit(`${head}0${tail}`) + tail;
}
