import * as vscode from 'vscode';
import { isCmsError, messageOf } from '../core/errors.ts';
import { translator, type Translate } from './phrases.ts';

let translate: Translate | undefined;

/** A sentence of the rooms below in the language of the window; the log keeps the English one. */
export function inLanguage(text: string): string {
  translate ??=
    vscode.l10n.bundle === undefined ? (english: string) => english : translator(vscode.l10n.bundle);
  return translate(text);
}

/** What an error says, in the language of the window. */
export function errorText(error: unknown): string {
  return inLanguage(messageOf(error));
}

/** The same with what to do about it. */
export function errorWithRemedy(error: unknown): string {
  return problemText({ message: messageOf(error), remedy: isCmsError(error) ? error.remedy : undefined });
}

/** A sentence and what to do about it. */
export function problemText({ message, remedy }: { message: string; remedy?: string | undefined }): string {
  const parts = remedy === undefined || remedy === '' ? [message] : [message, remedy];
  return parts.map(inLanguage).join(' ');
}
