import { setTimeout as delay } from 'node:timers/promises';
import type { Faults } from '../../contracts/kernel.ts';
import { FacadeError } from './errors.ts';

/** Thrown when the Lambda dies in the middle of its work: the gateway answers 502. */
export class LambdaCrash extends Error {
  override readonly name = 'LambdaCrash';
}

/** Thrown when an answer with this status and text is asked for. */
export class StepFailure extends FacadeError {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/**
 * Faults between the steps of a call that is not atomic, such as `facade:register:d`: the step named is not
 * done, the ones before it are.
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

/** Whether a step that can only succeed or fail is to fail now, such as `facade:users:check`. */
export function fails(faults: Faults, step: string): boolean {
  return faults.take(`facade:${step}`) !== undefined;
}
