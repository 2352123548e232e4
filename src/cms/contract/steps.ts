import type { Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';

export type StepOutcome = 'found' | 'created' | 'repaired' | 'done';
/** The same without `done`: what ensuring something can do. */
export type EnsureResult = Exclude<StepOutcome, 'done'>;

/** What is known of a step without running it: progress, log lines, errors and tests use the same `id`. */
export interface StepInfo {
  readonly id: string;
  /** What it does, for people: "Sign in". */
  readonly title: Message;
  /** What is there when it has run, and how that is undone; undefined when nothing is. */
  readonly leaves: Message | undefined;
  /** What it makes is not of one vehicle alone: a user, a template. */
  readonly shared?: true;
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

/** Runs a step and reports it. */
export type RunStep = <Input, Result extends { outcome: StepOutcome }>(
  step: Step<Input, Result>,
  input: Input,
) => Promise<Result>;

/** Infers the types of a step. */
export function step<Input, Result extends { outcome: StepOutcome }>(
  it: Step<Input, Result>,
): Step<Input, Result> {
  return it;
}
