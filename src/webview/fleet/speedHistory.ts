export interface SpeedAt {
  /** Milliseconds since 1970. */
  time: number;
  /** Metres per second. */
  speed: number;
}

export const HISTORY_MS = 5 * 60_000;
/** A vehicle may send 80 samples a second; more than this many are of no use on a strip some hundred pixels wide. */
const STEP_MS = 250;

/** The speeds of the last five minutes of some vehicles. */
export class SpeedHistory {
  readonly #of = new Map<string, SpeedAt[]>();

  add(vin: string, at: SpeedAt): void {
    let kept = this.#of.get(vin);
    if (!kept) this.#of.set(vin, (kept = []));
    const last = kept.at(-1);
    // After a jump back in time, as of a recording that begins again, the old has no meaning.
    if (last && at.time < last.time) kept.length = 0;
    const before = kept.at(-2);
    if (before && at.time - before.time < STEP_MS) kept[kept.length - 1] = at;
    else kept.push(at);
    if (kept.length > (HISTORY_MS / STEP_MS) * 1.25 || at.time - (kept[0]?.time ?? 0) > HISTORY_MS * 1.25) {
      const from = kept.findIndex(({ time }) => time >= at.time - HISTORY_MS);
      kept.splice(0, from);
    }
  }

  /** Oldest first, none older than five minutes before the newest. */
  of(vin: string): readonly SpeedAt[] {
    const kept = this.#of.get(vin) ?? [];
    const newest = kept.at(-1);
    return newest ? kept.filter(({ time }) => time >= newest.time - HISTORY_MS) : [];
  }

  /** Forgets all vehicles but one. */
  keepOnly(vin: string | undefined): void {
    for (const key of this.#of.keys()) if (key !== vin) this.#of.delete(key);
  }

  clear(): void {
    this.#of.clear();
  }
}
