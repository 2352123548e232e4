import type { RunningSimulation } from '../device/client/startSimulation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { RunControl } from './channelMessages.ts';

/**
 * Turns a worker's simulation when the clock of the run turns: each change of the retained control message has a moment
 * ahead, so that all shards turn at once.
 */
export class ControlClock {
  readonly #work: Pick<Work, 'clock'>;
  readonly #closing = new AbortController();
  #control: RunControl | undefined;
  #running: RunningSimulation | undefined;
  #waiting: ((control: RunControl) => void)[] = [];
  /** Trouble codes that were reported, and those from before this worker drove. */
  readonly #reported = new Set<string>();
  #paused = false;
  #speed: number | undefined;
  #stopping = false;

  constructor(work: Pick<Work, 'clock'>) {
    this.#work = work;
  }

  hear(control: RunControl): void {
    if (this.#control !== undefined && control.seq <= this.#control.seq) return;
    this.#control = control;
    for (const go of this.#waiting.splice(0)) go(control);
    this.#apply();
  }

  /** The first one there is. @throws CmsError CANCELLED, RUN_NOT_READY after so many milliseconds without one */
  async first(signal: AbortSignal, withinMs: number): Promise<RunControl> {
    if (this.#control !== undefined) return this.#control;
    const heard = new AbortController();
    const first = new Promise<RunControl>((resolve) => this.#waiting.push(resolve));
    const over = this.#work.clock.sleep(withinMs, AbortSignal.any([signal, heard.signal])).then(() => {
      const minutes = Math.round(withinMs / 60_000);
      throw new CmsError(
        'RUN_NOT_READY',
        l10n.plural(
          minutes,
          l10n.t('Nobody started the run within 1 minute.'),
          l10n.t('Nobody started the run within {minutes} minutes.', { minutes }),
        ),
        { step: 'barrier', remedy: l10n.t('Start it again; its controller is gone.') },
      );
    });
    try {
      return await Promise.race([first, over]);
    } finally {
      heard.abort();
    }
  }

  /** Steers this simulation from now on. */
  steer(running: RunningSimulation): void {
    this.#running = running;
    const now = this.#work.clock.now();
    this.#speed = this.#control?.speed;
    for (const { at, code } of this.#control?.troubles ?? [])
      if (at < now) this.#reported.add(`${at} ${code}`);
    this.#apply();
  }

  close(): void {
    this.#closing.abort();
  }

  #apply(): void {
    const [control, running] = [this.#control, this.#running];
    if (control === undefined || running === undefined) return;
    const { clock, speed, troubles, stopAt, seq } = control;
    this.#at(clock.at, () => {
      // A later message may have come meanwhile.
      if (this.#control?.seq !== seq) return;
      if (clock.factor === 0) {
        if (!this.#paused) running.pause();
        this.#paused = true;
        return;
      }
      if (speed !== this.#speed) running.setSpeed(speed);
      this.#speed = speed;
      if (this.#paused) running.resume();
      this.#paused = false;
    });
    for (const { at, code } of troubles) {
      const key = `${at} ${code}`;
      if (this.#reported.has(key)) continue;
      this.#reported.add(key);
      this.#at(at, () => running.reportTrouble(code));
    }
    if (stopAt !== undefined && !this.#stopping) {
      this.#stopping = true;
      this.#at(stopAt, () => running.stop());
    }
  }

  #at(moment: number, act: () => void): void {
    const wait = moment - this.#work.clock.now();
    if (wait <= 0) act();
    else void this.#work.clock.sleep(wait, this.#closing.signal).then(act, () => undefined);
  }
}
