import { CmsError, cancelled, isCancelled, isCmsError, messageOf, throwIfAborted } from '../core/errors.ts';
import { defined } from '../core/defined.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';

export type StepOutcome = 'found' | 'created' | 'repaired' | 'done';

/** What is known of a step without running it: progress, log lines, errors and tests use the same `id`. */
export interface StepInfo {
  readonly id: string;
  /** What it does, for people: "Sign in". */
  readonly title: Message;
  /** What is there when it has run, and how that is undone; undefined when nothing is. */
  readonly leaves: Message | undefined;
}

/** One named piece of the work. It takes what the steps before it returned, and returns what later ones need. */
export interface Step<Input, Result extends { outcome: StepOutcome }> extends StepInfo {
  /** Looks first, then creates: ends in the same state however often it runs. */
  run(input: Input, work: Work): Promise<Result>;
}

export interface StepReport {
  id: string;
  title: Message;
  outcome: StepOutcome | 'failed' | 'cancelled';
  /** Milliseconds it took. */
  ms: number;
  vin?: string;
}

/** Infers the types of a step. */
export function step<Input, Result extends { outcome: StepOutcome }>(
  it: Step<Input, Result>,
): Step<Input, Result> {
  return it;
}

/** Gives an error the name of the step it happened in; an inner step's name is kept behind a slash. */
export function withStep(error: unknown, step: string): CmsError {
  if (!isCmsError(error)) {
    return new CmsError('INTERNAL', l10n.verbatim(messageOf(error)), {
      step,
      remedy: l10n.t('Run again with --verbose and report what it shows.'),
      cause: error,
    });
  }
  return new CmsError(error.code, error.sentence, {
    step: error.step === undefined || error.step === step ? step : `${step}/${error.step}`,
    remedy: error.remedy,
    details: error.details,
    cause: error,
  });
}

export interface StepRunner {
  /** Of the steps that were run, in their order. */
  readonly reports: readonly StepReport[];
  /**
   * Runs a step and reports it. Between and in steps the signal is obeyed: whatever a step throws once the signal is
   * aborted counts as CANCELLED.
   */
  run<Input, Result extends { outcome: StepOutcome }>(
    step: Step<Input, Result>,
    input: Input,
  ): Promise<Result>;
}

export function createStepRunner(
  work: Work,
  options: { vin?: string; onStep?: ((report: StepReport) => void) | undefined } = {},
): StepRunner {
  const reports: StepReport[] = [];
  const about = defined({ vin: options.vin });
  return {
    reports,
    async run(step, input) {
      const { id, title } = step;
      throwIfAborted(work.signal, id);
      work.progress({ step: id, level: 'info', message: title, ...about });
      const started = work.clock.now();
      const report = (outcome: StepReport['outcome']): void => {
        const line = { id, title, outcome, ms: work.clock.now() - started, ...about };
        reports.push(line);
        options.onStep?.(line);
      };
      try {
        const result = await step.run(input, work);
        report(result.outcome);
        return result;
      } catch (error) {
        const stopped = work.signal.aborted || isCancelled(error);
        report(stopped ? 'cancelled' : 'failed');
        throw stopped ? cancelled(id) : withStep(error, id);
      }
    },
  };
}
