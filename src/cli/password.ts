import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { firstLineOf, limitOf } from '../core/bounded.ts';
import { CmsError, cancelled, throwIfAborted } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { SignIn } from '../cms/contract/credentials.ts';
import { keepSecret } from '../core/secrets.ts';
import { english } from '../core/wording.ts';
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
  if (!process.stdin.isTTY) throw missing(l10n.t('The password of {username} is missing.', { username }));
  const typed = await promptHidden(`Password of ${username}: `, signal);
  if (typed === '') throw missing(l10n.t('The password of {username} is missing.', { username }));
  return typed;
}

/**
 * A user of another realm than the one whose password this command was given. Only a person can name one.
 * @param quiet ends the line of progress, before something is asked
 * @throws CmsError REQUEST_INVALID, PASSWORD_MISSING, CANCELLED
 */
export async function typedSignIn(
  label: Message,
  signal: AbortSignal,
  quiet: () => void = () => undefined,
): Promise<SignIn> {
  if (!process.stdin.isTTY) throw onlyOne(label);
  return inTurn(async () => {
    quiet();
    const username = (await prompt(`${english(label)}: `, signal, process.stderr)).trim();
    if (username === '') {
      throw new CmsError('REQUEST_INVALID', l10n.t('No user is specified to sign in.'), {
        remedy: l10n.t('Run it again, and answer: {what}.', { what: label }),
      });
    }
    const password = await hiddenNow(`Password of ${username}: `, signal);
    if (password === '') throw missing(l10n.t('The password of {username} is missing.', { username }));
    const newPassword = (): Promise<string> => {
      quiet();
      return promptHidden(`New password of ${username}: `, signal);
    };
    return { username, password, newPassword };
  });
}

/**
 * An access token: from CMS_TOKEN if it is the first that this command asks for, else by a hidden prompt.
 * @throws CmsError REQUEST_INVALID, PASSWORD_MISSING, CANCELLED
 */
export async function tokenOf(label: Message, isFirst: boolean, signal: AbortSignal): Promise<string> {
  const fromEnvironment = process.env.CMS_TOKEN;
  const isGiven = fromEnvironment !== undefined && fromEnvironment !== '';
  if (isFirst && isGiven) {
    keepSecret(fromEnvironment);
    return fromEnvironment;
  }
  if (!process.stdin.isTTY) throw isGiven ? onlyOne(label) : noToken(label);
  const typed = (await promptHidden(`${english(label)}: `, signal)).trim();
  if (typed === '') throw noToken(label);
  return typed;
}

function onlyOne(label: Message): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('This signs in at two places, and only one can be given here. Missing: {what}.', { what: label }),
    { remedy: l10n.t('Run this in a terminal, which asks for the other.') },
  );
}

function noToken(label: Message): CmsError {
  return new CmsError('PASSWORD_MISSING', l10n.t('The token is missing: {what}.', { what: label }), {
    remedy: l10n.t('Set CMS_TOKEN, or run this in a terminal.'),
  });
}

let piped: Promise<string> | undefined;

/** Standard input is read once, whoever asks. */
function pipedPassword(signal: AbortSignal): Promise<string> {
  return (piped ??= passwordLine(signal).then((line) => {
    if (line === '') throw missing(l10n.t('There is no password on standard input.'));
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
  keepSecret(process.env.CMS_TOKEN);
  keepSecret(process.env.CMS_CA_PASSPHRASE);
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
    throw why === undefined
      ? error
      : missing(l10n.t('There is no password on standard input: {why}.', { why }));
  }
}

/** The passphrase of a CA's key: from CMS_CA_PASSPHRASE, else by a prompt. @throws CmsError PASSWORD_MISSING */
export async function caPassphraseOf(
  question: string,
  signal: AbortSignal,
  quiet: () => void = () => undefined,
): Promise<string> {
  const fromEnvironment = process.env.CMS_CA_PASSPHRASE;
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    keepSecret(fromEnvironment);
    return fromEnvironment;
  }
  const none = (): CmsError =>
    new CmsError('PASSWORD_MISSING', l10n.t('The passphrase of the CA is missing.'), {
      remedy: l10n.t('Set CMS_CA_PASSPHRASE, or run this in a terminal.'),
    });
  if (!process.stdin.isTTY) throw none();
  quiet();
  const typed = await promptHidden(`${question}: `, signal);
  if (typed === '') throw none();
  return typed;
}

/** What the editor asks of one, too. */
const SHORTEST_PASSPHRASE = 8;

/**
 * The passphrase of a CA that is to be made: from CMS_CA_PASSPHRASE, else by two prompts, because a typing mistake would
 * cost the key.
 * @throws CmsError REQUEST_INVALID, PASSWORD_MISSING
 */
export async function newCaPassphraseOf(
  signal: AbortSignal,
  quiet: () => void = () => undefined,
): Promise<string> {
  const passphrase = await caPassphraseOf('New passphrase of the CA', signal, quiet);
  if (passphrase.length < SHORTEST_PASSPHRASE) {
    throw new CmsError('REQUEST_INVALID', l10n.t('The passphrase of the CA is too short.'), {
      remedy: l10n.t('Use {count} characters or more.', { count: SHORTEST_PASSPHRASE }),
    });
  }
  const again = await caPassphraseOf('Type the passphrase again', signal, quiet);
  if (again === passphrase) return passphrase;
  throw new CmsError('REQUEST_INVALID', l10n.t('The two passphrases differ.'), {
    remedy: l10n.t('Run it again.'),
  });
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

let lastTurn: Promise<unknown> = Promise.resolve();

/** There is one terminal: what is asked at the same time is asked one after the other. */
function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(ask);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

/** Prompts in the terminal without echoing the input. */
function promptHidden(question: string, signal: AbortSignal): Promise<string> {
  return inTurn(() => hiddenNow(question, signal));
}

async function hiddenNow(question: string, signal: AbortSignal): Promise<string> {
  throwIfAborted(signal);
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(forTerminal(question));
  try {
    const typed = await prompt('', signal, discard);
    keepSecret(typed);
    return typed;
  } finally {
    process.stderr.write('\n');
  }
}

/** @param echo where the question, and what is typed, are shown */
async function prompt(question: string, signal: AbortSignal, echo: NodeJS.WritableStream): Promise<string> {
  throwIfAborted(signal);
  const lines = createInterface({ input: process.stdin, output: echo, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(cancelled());
      signal.addEventListener('abort', stop, { once: true });
      lines.once('SIGINT', stop);
      lines.once('close', stop);
      lines.question(forTerminal(question), resolve);
    });
  } finally {
    lines.close();
  }
}

/** Asks for confirmation in the terminal. */
export function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  return inTurn(() => confirmedNow(question, signal));
}

async function confirmedNow(question: string, signal: AbortSignal): Promise<boolean> {
  throwIfAborted(signal);
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
