import { CmsError, cancelled, isCancelled, messageOf, throwIfAborted } from '../core/errors.ts';
import type { Work } from '../core/work.ts';

export type StepOutcome = 'found' | 'created' | 'repaired' | 'done';

/** One named piece of the work, as data: progress, log lines, errors and tests use the same `id`. */
export interface Step<State> {
  readonly id: string;
  /** What it does, for people: "Sign in". */
  readonly title: string;
  /** What is there when it has run, and how that is undone. */
  readonly leaves: string;
  /** Looks first, then creates: ends in the same state however often it runs. */
  run(state: State, work: Work): Promise<StepOutcome>;
}

export interface StepReport {
  id: string;
  title: string;
  outcome: StepOutcome | 'failed' | 'cancelled';
  /** Milliseconds it took. */
  ms: number;
  vin?: string;
}

/** Gives an error the name of the step it happened in; an inner step's name is kept behind a slash. */
export function withStep(error: unknown, step: string): CmsError {
  if (!(error instanceof CmsError)) {
    return new CmsError('INTERNAL', messageOf(error), {
      step,
      remedy: 'Run again with --verbose and report what it shows.',
      cause: error,
    });
  }
  return new CmsError(error.code, error.message, {
    step: error.step === undefined || error.step === step ? step : `${step}/${error.step}`,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    details: error.details,
    cause: error,
  });
}

/**
 * Runs steps in order and reports each. Between and in steps the signal is obeyed: whatever a step throws once
 * the signal is aborted counts as CANCELLED.
 */
export async function runSteps<State>(
  steps: readonly Step<State>[],
  state: State,
  work: Work,
  options: { vin?: string; onStep?: ((report: StepReport) => void) | undefined } = {},
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  const about = options.vin === undefined ? {} : { vin: options.vin };
  for (const step of steps) {
    throwIfAborted(work.signal, step.id);
    work.progress({ step: step.id, level: 'info', message: step.title, ...about });
    const started = work.clock.now();
    const report = (outcome: StepReport['outcome']): void => {
      const line = { id: step.id, title: step.title, outcome, ms: work.clock.now() - started, ...about };
      reports.push(line);
      options.onStep?.(line);
    };
    try {
      report(await step.run(state, work));
    } catch (error) {
      const stopped = work.signal.aborted || isCancelled(error);
      report(stopped ? 'cancelled' : 'failed');
      throw stopped ? cancelled(step.id) : withStep(error, step.id);
    }
  }
  return reports;
}
