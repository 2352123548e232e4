import type * as vscode from 'vscode';
import { isCmsError, messageOf } from '../../core/errors.ts';

/** What of the log channel is written to and shown. */
export interface Log extends Pick<vscode.LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'> {
  show(preserveFocus?: boolean): void;
}

/** Writes an error and its causes to the log, in English. */
export function logError(log: Log, error: unknown): void {
  for (let e: unknown = error, depth = 0; e !== undefined && depth < 5; depth++) {
    const code = isCmsError(e) ? `${e.code}: ` : '';
    const facts = isCmsError(e)
      ? Object.entries(e.details)
          .map(([key, value]) => ` ${key}=${value}`)
          .join('')
      : '';
    log.error(`${depth === 0 ? '' : 'caused by '}${code}${messageOf(e)}${facts}`);
    e = e instanceof Error ? e.cause : undefined;
  }
}
