import { groupNameProblem } from '../cms/names.ts';

/** What is wrong with a text as the name of a supplier, as a sentence after the field's name. */
export function nameProblem(name: string): string | undefined {
  const problem = groupNameProblem(name);
  return problem === undefined ? undefined : `${problem}.`;
}

/** As above for a CMS user: without spaces, as it may be the name in the user pool too. */
export function usernameProblem(name: string): string | undefined {
  return nameProblem(name) ?? (name.includes(' ') ? 'must not contain a space.' : undefined);
}

/** As above for a user of the pool of CMS, where the e-mail address is an alias (Amazon Cognito, "User pool attributes"). */
export function signInNameProblem(name: string): string | undefined {
  const problem = usernameProblem(name);
  if (problem !== undefined) return problem;
  return /^[^@]+@[^@]+\.[^@]+$/.test(name)
    ? 'must not look like an e-mail address: the user pool keeps those as aliases.'
    : undefined;
}
