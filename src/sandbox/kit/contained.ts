import type { Log } from '../kernel/log.ts';

/**
 * Runs what one connection asks for. What it throws, at once or later, is logged and ends that connection by `end`:
 * left alone, it would end the process and everybody else's work with it.
 */
export function contained(log: Log, what: string, end: () => void, work: () => unknown): void {
  const fail = (error: unknown): void => {
    log('error', `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    try {
      end();
    } catch (second) {
      log('error', `${what}, while it was ended: ${String(second)}`);
    }
  };
  try {
    const result = work();
    if (result instanceof Promise) result.catch(fail);
  } catch (error) {
    fail(error);
  }
}
