import type { SimulationUpdate, ToldMessage } from '../../protocol/simulation.ts';

/** How long an answer may take: it comes with the next update, ten of which come in a second. */
const TELL_MS = 5000;

/** The message of each vehicle that was acknowledged last: kept as they come, or asked for. */
export class LastMessages {
  readonly #kept = new Map<string, ToldMessage>();
  readonly #asked = new Map<string, ((told: ToldMessage | undefined) => void)[]>();

  /** What came with an update. @param keep the payloads of all messages are with it */
  add(update: SimulationUpdate, keep: boolean): void {
    if (keep) {
      for (const { vin, serial, topic, time, payload, encoding } of update.messages) {
        if (payload !== undefined) this.#kept.set(vin, { vin, serial, topic, time, payload, encoding });
      }
    }
    for (const told of update.told ?? []) this.#answer(told.vin, told);
  }

  /** What is kept of a vehicle. */
  of(vin: string): ToldMessage | undefined {
    return this.#kept.get(vin);
  }

  /** Waits for the answer of the engine, which `ask` asks; undefined when none comes. */
  wait(vin: string, ask: () => void): Promise<ToldMessage | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(undefined), TELL_MS);
      const answer = (told: ToldMessage | undefined): void => {
        clearTimeout(timer);
        resolve(told);
      };
      this.#asked.set(vin, [...(this.#asked.get(vin) ?? []), answer]);
      ask();
    });
  }

  /** No answer comes any more. */
  end(): void {
    for (const vin of [...this.#asked.keys()]) this.#answer(vin, undefined);
  }

  #answer(vin: string, told: ToldMessage | undefined): void {
    for (const answer of this.#asked.get(vin) ?? []) answer(told);
    this.#asked.delete(vin);
  }
}
