import { type Command, Option } from 'commander';
import type { OnboardingFields, SignInOption } from '../cms/contract/fields.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';

/** Adds the options that generations have for signing in; of several with one name the first describes it. */
export function withSignInOptions(command: Command, generations: readonly Generation[]): void {
  const known = new Set<string>();
  for (const option of generations.flatMap(({ onboarding }) => onboarding?.signIn?.options ?? [])) {
    if (known.has(option.name)) continue;
    known.add(option.name);
    const { value, description, values } = option;
    const otherwise = JSON.stringify(values[0]);
    command.addOption(new Option(`${longOf(option)} <${value}>`, `${description} (default: ${otherwise})`));
  }
}

/** What the flags say of them, or their defaults. @throws CmsError REQUEST_INVALID */
export function signInOptionsOf(
  { signIn }: Pick<OnboardingFields, 'signIn'>,
  flags: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    (signIn?.options ?? []).map((option) => {
      const { name, values } = option;
      const said = flags[name] ?? values[0];
      const value = values.find((each) => each === said);
      if (value !== undefined) return [name, value];
      const all = l10n.list(
        values.map((each) => `"${each}"`),
        'or',
      );
      throw wrongSignIn(l10n.t('{option} must be {values}.', { option: longOf(option), values: all }));
    }),
  );
}

function longOf({ name }: SignInOption): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function wrongSignIn(sentence: Message): CmsError {
  return new CmsError('REQUEST_INVALID', sentence, {
    remedy: l10n.t('Correct it; nothing has been done yet.'),
  });
}
