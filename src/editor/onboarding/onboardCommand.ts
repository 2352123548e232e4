import { flag } from '../base/commandLine.ts';

/** Who signs in, and what settings say. */
interface Beside {
  /** The user that the vehicle is for. */
  owner?: string;
  signsIn?: string;
  /** ARN of a policy. */
  roleBoundary?: string;
}

/**
 * The same as a command of the command line, which asks for the password itself.
 * @param fields of the request, as text
 * @param defaults that nobody has to say
 */
export function onboardWords(
  fields: Readonly<Record<string, string>>,
  defaults: Readonly<Record<string, string>>,
  { owner, signsIn, roleBoundary = '' }: Beside,
): string[] {
  const said = Object.entries(fields).flatMap(([name, text]) => {
    const value = text.trim();
    return value === (defaults[name] ?? '') ? [] : flag(name, value);
  });
  const another = signsIn === undefined || signsIn.trim() === owner?.trim() ? '' : signsIn.trim();
  return ['onboard', ...said, ...flag('signInAs', another), ...flag('roleBoundary', roleBoundary)];
}
