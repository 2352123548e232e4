import * as vscode from 'vscode';
import { mapWords } from '../../protocol/mapWords.ts';
import { isCmsError, sentenceOf, type CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { worded } from '../../core/wording.ts';
import { causeOfCode } from '../../network/causes.ts';

/** A message in the language of the window; the log has the English one. */
export function say(message: Message): string {
  // Without translations for the window's language the texts are English, and so are plurals and lists.
  const language = vscode.l10n.bundle === undefined ? 'en' : vscode.env.language;
  return worded(message, (text, values) => vscode.l10n.t(text, values), language);
}

/** The form that a count takes in the language of the window; both name the count where they need it. */
export function sayPlural(count: number, one: Message, other: Message): string {
  return say(l10n.plural(count, one, other));
}

/** What an error says, in the language of the window. */
export function sayError(error: unknown): string {
  return say(sentenceOf(error));
}

/** The same with what to do about it. */
export function sayErrorAndRemedy(error: unknown): string {
  if (!isCmsError(error)) return sayError(error);
  return isDistrust(error) && !vscode.workspace.getConfiguration('http').get<boolean>('proxyStrictSSL', true)
    ? `${sayProblem(error)} ${say(NO_EFFECT)}`
    : sayProblem(error);
}

/** Turned off, it is the first thing that people who read "not trusted" think of. */
const NO_EFFECT = l10n.t(
  'The setting http.proxyStrictSSL has no effect here: certificates are always checked.',
);

/** Whether the certificate of a server is why. */
function isDistrust({ details: { network, tlsError } }: CmsError): boolean {
  const code = network ?? tlsError;
  const kind = typeof code === 'string' ? causeOfCode(code)?.kind : undefined;
  return kind !== undefined && ['untrusted', 'weak', 'expired', 'early', 'other-host'].includes(kind);
}

/** A sentence and what to do about it. */
export function sayProblem(problem: { sentence: Message; remedy?: Message | undefined }): string {
  const { sentence, remedy } = problem;
  return remedy === undefined ? say(sentence) : `${say(sentence)} ${say(remedy)}`;
}

/** A word that the page of the map has, too: these are collected where they stand. */
export function sayMapWord(key: keyof typeof mapWords): string {
  return vscode.l10n.t(mapWords[key]);
}
