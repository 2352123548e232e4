import type * as vscode from 'vscode';
import { isCmsError, messageOf } from '../../core/errors.ts';
import { forLog } from './shown.ts';

/** What of the log channel is written to and shown. */
export interface Log extends Pick<vscode.LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'> {
  show(preserveFocus?: boolean): void;
}

/** The channel as everybody gets it: what is written to it is harmless, whoever said it, and without secrets. */
export function harmlessLog(channel: vscode.LogOutputChannel): Log {
  return {
    debug: (text) => channel.debug(forLog(text)),
    info: (text) => channel.info(forLog(text)),
    warn: (text) => channel.warn(forLog(text)),
    error: (text) => channel.error(forLog(typeof text === 'string' ? text : messageOf(text))),
    show: (preserveFocus) => channel.show(preserveFocus),
  };
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
