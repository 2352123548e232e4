import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { firstLineOf, limitOf } from '../core/bounded.ts';
import { CmsError, cancelled } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import { forTerminal } from './output.ts';

export interface PasswordOptions {
  /** Whether to read it from the first line of standard input. */
  passwordStdin?: boolean;
}

/**
 * Gets a user's password: from standard input if requested, else from CMS_PASSWORD, else by a hidden prompt. Never from
 * argv, because shell histories and process lists record it.
 * @throws CmsError PASSWORD_MISSING, CANCELLED
 */
export async function passwordOf(
  username: string,
  options: PasswordOptions,
  signal: AbortSignal,
): Promise<string> {
  const password = await givenPassword(username, options, signal);
  keepSecret(password);
  return password;
}

async function givenPassword(
  username: string,
  options: PasswordOptions,
  signal: AbortSignal,
): Promise<string> {
  if (options.passwordStdin) return pipedPassword(signal);
  const fromEnvironment = process.env.CMS_PASSWORD;
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!process.stdin.isTTY) throw missing(l10n.t('The password of {username} is not given.', { username }));
  const typed = await promptHidden(`Password of ${username}: `, signal);
  if (typed === '') throw missing(l10n.t('The password of {username} is not given.', { username }));
  return typed;
}

let piped: Promise<string> | undefined;

/** Standard input is read once, whoever asks. */
function pipedPassword(signal: AbortSignal): Promise<string> {
  return (piped ??= passwordLine(signal).then((line) => {
    if (line === '') throw missing(l10n.t('Standard input holds no password.'));
    return line;
  }));
}

/**
 * Takes what this command was given of passwords before anything is asked of anybody: what is not one is said at once,
 * and no answer that repeats one is shown as it is.
 * @throws CmsError PASSWORD_MISSING, CANCELLED
 */
export async function takeGivenPasswords(options: PasswordOptions, signal: AbortSignal): Promise<void> {
  keepSecret(process.env.CMS_PASSWORD);
  keepSecret(process.env.CMS_NEW_PASSWORD);
  if (options.passwordStdin) keepSecret(await pipedPassword(signal));
}

/** No password is longer: Cognito takes 256 characters. */
const LONGEST_LINE = 4096;
/** A program that hands the password on does so at once; a secret store may ask somebody first. */
const INPUT_TIMEOUT_MS = 5 * 60_000;

async function passwordLine(signal: AbortSignal): Promise<string> {
  try {
    return await firstLineOf(process.stdin, { mostBytes: LONGEST_LINE, totalMs: INPUT_TIMEOUT_MS, signal });
  } catch (error) {
    const why = limitOf(error);
    throw why === undefined ? error : missing(l10n.t('Standard input holds no password: {why}.', { why }));
  }
}

/** Gets a new password for a user who must change it: from CMS_NEW_PASSWORD, else by a prompt. */
export async function newPasswordOf(username: string, signal: AbortSignal): Promise<string> {
  const fromEnvironment = process.env.CMS_NEW_PASSWORD;
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    keepSecret(fromEnvironment);
    return fromEnvironment;
  }
  if (!process.stdin.isTTY) {
    throw new CmsError('SIGN_IN_CHALLENGE', l10n.t('{username} must choose a new password.', { username }), {
      remedy: l10n.t('Set CMS_NEW_PASSWORD to the new password, or run this in a terminal.'),
    });
  }
  return promptHidden(`New password of ${username}: `, signal);
}

/** Prompts for the one-time code that an assume-role profile requires. */
export async function mfaCodeOf(serial: string, signal: AbortSignal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CmsError(
      'CREDENTIALS_MISSING',
      l10n.t('The profile needs a one-time code of {serial}.', { serial }),
      {
        remedy: l10n.t('Run this in a terminal, or set temporary credentials (aws sts get-session-token).'),
      },
    );
  }
  return promptHidden(`One-time code of ${serial}: `, signal);
}

function missing(sentence: Message): CmsError {
  return new CmsError('PASSWORD_MISSING', sentence, {
    remedy: l10n.t('Set CMS_PASSWORD, pipe it in with --password-stdin, or run this in a terminal.'),
  });
}

/** Prompts in the terminal without echoing the input. */
async function promptHidden(question: string, signal: AbortSignal): Promise<string> {
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: discard, terminal: true });
  process.stderr.write(forTerminal(question));
  try {
    const typed = await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(cancelled());
      signal.addEventListener('abort', stop, { once: true });
      lines.once('SIGINT', stop);
      lines.once('close', stop);
      lines.question('', resolve);
    });
    keepSecret(typed);
    return typed;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Asks for confirmation in the terminal. */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const stop = (): void => reject(cancelled());
      signal.addEventListener('abort', stop, { once: true });
      lines.once('SIGINT', stop);
      lines.once('close', () => resolve(false));
      lines.question(`${forTerminal(question)} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
    });
  } finally {
    lines.close();
  }
}
