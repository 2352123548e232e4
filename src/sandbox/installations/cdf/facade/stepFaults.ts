import { setTimeout as delay } from 'node:timers/promises';
import type { Faults } from '../../../kernel/faults.ts';
import { FacadeError } from './errors.ts';

/** Thrown when the Lambda is to die in the middle of a call: the gateway answers 502. */
export class LambdaCrash extends Error {
  override readonly name = 'LambdaCrash';
}

/** Thrown when the injected fault asks for an answer with this status and text. */
export class StepFailure extends FacadeError {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/**
 * Injects faults between the steps of a call that is not atomic, such as `facade:register:d`: the named step is not
 * performed, the steps before it are.
 */
export async function beforeStep(faults: Faults, step: string): Promise<void> {
  const fault = faults.take(`facade:${step}`);
  switch (fault?.kind) {
    case undefined:
      return;
    case 'delay':
      await delay(fault.ms);
      return;
    case 'hang':
      await new Promise(() => undefined);
      return;
    case 'throttle':
      throw new StepFailure(500, 'Rate exceeded');
    case 'error':
      throw new StepFailure(fault.status ?? 500, fault.message ?? fault.code);
    default:
      throw new LambdaCrash(`crashed at ${step}`);
  }
}

/** Whether an injected fault fails this step. For steps that only succeed or fail, such as `facade:users:check`. */
export function fails(faults: Faults, step: string): boolean {
  return faults.take(`facade:${step}`) !== undefined;
}
