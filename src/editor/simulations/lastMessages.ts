import type { SimulationUpdate, ToldMessage } from '../../protocol/simulation.ts';

/** How long an answer may take: it comes with the next update, ten of which come in a second. */
const TELL_MS = 5000;

/** The message of each vehicle, by its id, that was acknowledged last: kept as they come, or asked for. */
export class LastMessages {
  readonly #kept = new Map<string, ToldMessage>();
  readonly #asked = new Map<string, ((told: ToldMessage | undefined) => void)[]>();

  /** What came with an update. @param keep the payloads of all messages are with it */
  add(update: SimulationUpdate, keep: boolean): void {
    if (keep) {
      for (const { vin, id = vin, serial, topic, time, payload, encoding } of update.messages) {
        if (payload !== undefined) this.#kept.set(id, { vin, id, serial, topic, time, payload, encoding });
      }
    }
    for (const told of update.told ?? []) this.#answer(told.id, told);
  }

  /** What is kept of a vehicle. */
  of(id: string): ToldMessage | undefined {
    return this.#kept.get(id);
  }

  /** Waits for the answer of the engine, which `ask` asks; undefined when none comes. */
  wait(id: string, ask: () => void): Promise<ToldMessage | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(undefined), TELL_MS);
      const answer = (told: ToldMessage | undefined): void => {
        clearTimeout(timer);
        resolve(told);
      };
      this.#asked.set(id, [...(this.#asked.get(id) ?? []), answer]);
      ask();
    });
  }

  /** No answer comes any more. */
  end(): void {
    for (const id of [...this.#asked.keys()]) this.#answer(id, undefined);
  }

  #answer(id: string, told: ToldMessage | undefined): void {
    for (const answer of this.#asked.get(id) ?? []) answer(told);
    this.#asked.delete(id);
  }
}
