import { l10n, type Message } from '../core/message.ts';
import type { Problem } from '../core/problem.ts';
import type { Work } from '../core/work.ts';
import { MOST_SKEW_MS } from './controller.ts';
import type { GaveUp } from './gaveUp.ts';
import type { Plan } from './plan.ts';
import type { RunView, ShardView } from './runView.ts';

/** A controller that was frozen sees old words: a clock that is off is off in so many looks, each with news. */
const SKEWED_LOOKS = 3;
const MOST_NAMED = 5;

/** What people should know of a run, once each. */
export class RunNews {
  readonly #said = new Set<string>();
  readonly #skewed = new Map<number, { time: number; looks: number }>();
  readonly #plan: Pick<Plan, 'identities'>;
  readonly #engine: string;
  readonly #progress: Work['progress'];

  /** @param engine its name */
  constructor(plan: Pick<Plan, 'identities'>, engine: string, progress: Work['progress']) {
    this.#plan = plan;
    this.#engine = engine;
    this.#progress = progress;
  }

  once(key: string, message: Message): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#progress({ step: 'scale', level: 'warn', message });
  }

  tell({ shards }: RunView): void {
    for (const view of shards) {
      this.#tellSkew(view);
      this.#tellAttempts(view);
      this.#tellKeyless(view);
      const { number, status } = view;
      if (status?.problem !== undefined) this.#problem(number, status.attempt, status.problem);
    }
  }

  gaveUp({ shard, attempt, problem }: GaveUp): void {
    this.#problem(shard, attempt, problem);
  }

  #problem(number: number, attempt: number, problem: Problem): void {
    this.once(
      `problem ${number} ${attempt}`,
      l10n.t('Shard {number}: {problem}', { number, problem: wordsOf(problem) }),
    );
  }

  #tellSkew({ number, status, skewMs }: ShardView): void {
    if (status === undefined || Math.abs(skewMs) <= MOST_SKEW_MS) {
      this.#skewed.delete(number);
      return;
    }
    const before = this.#skewed.get(number) ?? { time: 0, looks: 0 };
    if (status.time === before.time) return;
    const looks = before.looks + 1;
    this.#skewed.set(number, { time: status.time, looks });
    if (looks < SKEWED_LOOKS) return;
    const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
    this.once(
      `skew ${number}`,
      skewMs > 0
        ? l10n.t('The clock of shard {number} is {seconds} s ahead: it turns too early. Set its clock.', {
            ...{ number, seconds },
          })
        : l10n.t('The clock of shard {number} is {seconds} s behind: it turns too late. Set its clock.', {
            ...{ number, seconds },
          }),
    );
  }

  #tellAttempts({ number, status, goneAt, done }: ShardView): void {
    if (done) return;
    const engine = this.#engine;
    const attempt = status?.attempt ?? 1;
    if (goneAt !== undefined)
      this.once(
        `gone ${number} ${attempt}`,
        l10n.t('Shard {number} is gone; {engine} starts it again.', { number, engine }),
      );
    if (attempt > 1 && status?.phase === 'driving')
      this.once(
        `back ${number} ${attempt}`,
        l10n.t('Shard {number} drives again, in attempt {attempt}.', { number, attempt }),
      );
  }

  #tellKeyless({ number, status }: ShardView): void {
    if (status === undefined || status.keyless === 0) return;
    const named = status.problems
      .filter(({ problem }) => problem.code.startsWith('CERTIFICATE_'))
      .map(({ vin }) => vin)
      .slice(0, MOST_NAMED);
    const names = l10n.list(named, 'comma');
    const remedy =
      this.#plan.identities.kind === 's3'
        ? l10n.t('Put them there with "identities push", or leave these vehicles out.')
        : l10n.t('Provision them with "provision", or leave these vehicles out.');
    const words = l10n.plural(
      status.keyless,
      l10n.t('Shard {number} has no usable certificate of 1 vehicle ({names}); the others drive.', {
        ...{ number, names },
      }),
      l10n.t('Shard {number} has no usable certificates of {count} vehicles ({names}); the others drive.', {
        ...{ number, names, count: status.keyless },
      }),
    );
    this.once(`keys ${number}`, l10n.list([words, remedy], 'sentences'));
  }
}

/** What happened, and what to do about it. */
export function wordsOf({ sentence, remedy }: Problem): Message {
  return l10n.list(remedy === undefined ? [sentence] : [sentence, remedy], 'sentences');
}
