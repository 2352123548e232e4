import { visible } from '../kit/foreignText.ts';

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What clients sent can be megabytes; a stack is never this long. */
const LONGEST_MESSAGE = 8192;

/** One line a message, but for the stack of an error: what clients sent adds no lines and drives no terminal. */
export function createLog(write: (line: string) => void, least: LogLevel = 'info'): Log {
  return (level, message) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const shown =
      message.length > LONGEST_MESSAGE
        ? `${message.slice(0, LONGEST_MESSAGE)}… (${message.length} characters)`
        : message;
    const text = visible(shown).replace(/\p{Cc}/gu, (c) => (c === '\n' && level === 'error' ? '\n  ' : ' '));
    write(`${new Date().toISOString()} ${level} ${text}\n`);
  };
}
