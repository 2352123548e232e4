import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import type { Fault } from '../../kernel/faults.ts';

/** What a function does with its payload; what it gives must be JSON. */
export type FunctionWork = (payload: unknown) => unknown;

/** A function threw, was throttled, or did not answer in time. */
export class FunctionError extends Error {
  /** The name of the exception in the function. */
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** The functions that installations deploy. */
export interface Functions {
  /** Deploys one, or replaces its code. */
  put(name: string, work: FunctionWork): void;
  has(name: string): boolean;
  /**
   * Calls one, as faults of `lambda:<name>` let it. Who called waits no longer than `limitMs`; a function that is
   * slower does its work all the same. Throws FunctionError.
   */
  invoke(name: string, payload: unknown, limitMs: number): Promise<unknown>;
}

/** The longest that a function may run ("Lambda quotas"). */
export const LONGEST_RUN_MS = 900_000;

/**
 * @param pause waits for so many milliseconds; tests give one that does not
 * @param deployed what functions do whose code came with a stack
 */
export function createFunctions(
  context: Context,
  pause: (ms: number) => Promise<unknown> = (ms) => wait(ms, undefined, { ref: false }),
  deployed: (name: string) => FunctionWork | undefined = () => undefined,
): Functions {
  const works = new Map<string, FunctionWork>();
  const workOf = (name: string): FunctionWork | undefined => works.get(name) ?? deployed(name);

  async function run(name: string, payload: unknown): Promise<unknown> {
    const work = workOf(name);
    if (work === undefined) return undefined;
    try {
      return await work(payload);
    } catch (error) {
      const { name: type, message } = error instanceof Error ? error : new Error(String(error));
      context.log('warn', `The function ${name} failed: ${type}: ${message}`);
      throw error instanceof FunctionError ? error : new FunctionError(type, message);
    }
  }

  async function tooSlow(name: string, limitMs: number): Promise<never> {
    await pause(limitMs);
    throw new FunctionError('Timeout', `The function ${name} did not answer within ${limitMs} ms.`);
  }

  async function underFault(
    fault: Fault['action'],
    name: string,
    payload: unknown,
    limitMs: number,
  ): Promise<unknown> {
    switch (fault.kind) {
      case 'error':
        throw new FunctionError(fault.code, fault.message ?? 'Injected by the sandbox');
      case 'throttle':
        throw new FunctionError('TooManyRequestsException', 'Rate Exceeded.');
      case 'delay':
        if (fault.ms <= limitMs) {
          await pause(fault.ms);
          return run(name, payload);
        }
        // Nobody waits for it any more. What it throws is in the log.
        void pause(fault.ms)
          .then(() => run(name, payload))
          .catch(() => undefined);
        return tooSlow(name, limitMs);
      case 'hang':
        return tooSlow(name, limitMs);
      case 'swallow':
        await run(name, payload);
        return tooSlow(name, limitMs);
      case 'reset':
      case 'drop':
        if (fault.when === 'after' || fault.when === 'after-ack') await run(name, payload);
        throw new FunctionError('Unhandled', 'Injected by the sandbox');
      case 'twice':
        await run(name, payload);
        return run(name, payload);
    }
  }

  return {
    put(name, work) {
      works.set(name, work);
    },
    has: (name) => workOf(name) !== undefined,
    invoke(name, payload, limitMs) {
      const fault = context.faults.take('lambda', name);
      if (fault === undefined) return run(name, payload);
      context.log('info', `fault ${fault.kind} hits lambda:${name}`);
      return underFault(fault, name, payload, limitMs);
    },
  };
}

/** The name in an ARN of a function, with or without a qualifier, or in a name with one. */
export function functionNameOf(reference: string): string {
  const [, name = ''] =
    /^(?:arn:[^:]+:lambda:[^:]+:\d+:)?(?:function:)?([^:]+)(?::[^:]+)?$/.exec(reference) ?? [];
  return name;
}
