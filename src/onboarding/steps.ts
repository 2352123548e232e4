import { CmsError, cancelled, isCancelled, isCmsError, messageOf, throwIfAborted } from '../core/errors.ts';
import { defined } from '../core/defined.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { RunStep, StepReport } from '../cms/contract/steps.ts';

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
  /** Whether a step has made or mended something of the vehicle's own. */
  readonly made: boolean;
  /**
   * Runs a step and reports it. Between and in steps the signal is obeyed: whatever a step throws once the signal is
   * aborted counts as CANCELLED.
   */
  readonly run: RunStep;
  /** Warns of something that the step which runs has found. */
  readonly warn: (message: Message) => void;
}

export function createStepRunner(
  work: Work,
  options: { vin?: string; onStep?: ((report: StepReport) => void) | undefined } = {},
): StepRunner {
  const reports: StepReport[] = [];
  const about = defined({ vin: options.vin });
  let made = false;
  let current = 'onboard';
  return {
    reports,
    warn(message) {
      work.progress({ step: current, level: 'warn', message, ...about });
    },
    get made() {
      return made;
    },
    async run(step, input) {
      const { id, title } = step;
      throwIfAborted(work.signal, id);
      current = id;
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
        if (step.shared !== true && ['created', 'repaired'].includes(result.outcome)) made = true;
        return result;
      } catch (error) {
        const stopped = work.signal.aborted || isCancelled(error);
        report(stopped ? 'cancelled' : 'failed');
        throw stopped ? cancelled(id) : withStep(error, id);
      }
    },
  };
}
