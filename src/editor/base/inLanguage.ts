import * as vscode from 'vscode';
import { isCmsError, messageOf } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import { worded } from '../../core/wording.ts';
import { translator, type Translate } from './phrases.ts';

let translate: Translate | undefined;

/** A sentence of the rooms below in the language of the window; the log keeps the English one. */
export function inLanguage(text: Message | string): string {
  translate ??=
    vscode.l10n.bundle === undefined ? (english: string) => english : translator(vscode.l10n.bundle);
  if (typeof text === 'string') return translate(text);
  if (text.kind === 'verbatim') return translate(text.text);
  return worded(text, (source, values) => vscode.l10n.t(source, values), vscode.env.language);
}

/** What an error says, in the language of the window. */
export function errorText(error: unknown): string {
  return inLanguage(isCmsError(error) ? error.sentence : messageOf(error));
}

/** The same with what to do about it. */
export function errorWithRemedy(error: unknown): string {
  return isCmsError(error) ? problemText(error) : inLanguage(messageOf(error));
}

/** A sentence and what to do about it. */
export function problemText({
  sentence,
  remedy,
}: {
  sentence: Message;
  remedy?: Message | undefined;
}): string {
  return remedy === undefined ? inLanguage(sentence) : `${inLanguage(sentence)} ${inLanguage(remedy)}`;
}
