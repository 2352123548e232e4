import { groupNameProblem } from '../groupNames.ts';
import { l10n, type Message } from '../../../core/message.ts';

/** What is wrong with a text as the name of a supplier: "must not be empty." */
export function nameProblem(name: string): Message | undefined {
  const problem = groupNameProblem(name);
  return problem === undefined ? undefined : l10n.t('{problem}.', { problem });
}

/** The same for a CMS user: without spaces, as it may be the name in the user pool too. */
export function usernameProblem(name: string): Message | undefined {
  return nameProblem(name) ?? (name.includes(' ') ? l10n.t('must not contain a space.') : undefined);
}

/** The same for a user of CMS's user pool, where an e-mail address is an alias (Amazon Cognito, "User pool attributes"). */
export function signInNameProblem(name: string): Message | undefined {
  const problem = usernameProblem(name);
  if (problem !== undefined) return problem;
  return /^[^@]+@[^@]+\.[^@]+$/.test(name)
    ? l10n.t('must not look like an e-mail address: the user pool keeps those as aliases.')
    : undefined;
}
