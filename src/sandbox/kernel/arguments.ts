import { StartError } from './startError.ts';

/** Values of options of the command line. All throw StartError `bad-arguments` with a sentence that names the option. */

export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least || value > most) {
    throw badArgument(`${option} must be a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

export function oneOf<const T extends string>(option: string, text: string, values: readonly T[]): T {
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  const last = values.at(-1) ?? '';
  throw badArgument(`${option} must be ${values.slice(0, -1).join(', ')} or ${last}, not "${text}".`);
}

export function matching(option: string, text: string, pattern: RegExp, what: string): string {
  if (!pattern.test(text)) throw badArgument(`${option} must be ${what}, not "${text}".`);
  return text;
}

export function notEmpty(option: string, text: string): string {
  if (text === '') throw badArgument(`${option} needs a name.`);
  return text;
}

export function badArgument(message: string): StartError {
  return new StartError('bad-arguments', message);
}
