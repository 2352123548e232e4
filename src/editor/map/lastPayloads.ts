import { type PayloadText, shownPayload } from '../../core/payload.ts';

type Kept = PayloadText & { topic: string };

/** All together, in characters. */
const MOST = 32 * 2 ** 20;

/** The last message of each vehicle as it was sent; of those that were silent longest nothing, when it gets too much. */
export class LastPayloads {
  readonly #kept = new Map<string, Kept>();
  readonly #most: number;
  #size = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  keep(id: string, topic: string, text: PayloadText): void {
    this.#drop(id);
    this.#kept.set(id, { topic, ...text });
    this.#size += topic.length + text.payload.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= this.#most) return;
      this.#drop(oldest);
    }
  }

  /** To be shown to people: its topic, and its payload as an object. */
  of(id: string): { topic: string; payload: unknown } | undefined {
    const kept = this.#kept.get(id);
    return kept && { topic: kept.topic, payload: shownPayload(kept) };
  }

  #drop(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#size -= kept.topic.length + kept.payload.length;
  }
}
