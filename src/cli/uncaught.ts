import { inspect } from 'node:util';
import { EXIT } from './exitCodes.ts';
import { forTerminal } from './output.ts';

/** What nobody has caught ends the program as it always does, but Node would print it as it is. */
export function reportUncaught(): void {
  const report = (error: unknown): void => {
    process.stderr.write(`${forTerminal(textOf(error))}\n`);
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
  // Node's own way of showing warnings is taken away with its listener.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (process.noDeprecation === true && name === 'DeprecationWarning') return;
    process.stderr.write(`${forTerminal(`${name}: ${message}`)}\n`);
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}
