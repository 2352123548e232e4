export interface SpeedAt {
  /** Milliseconds since 1970. */
  time: number;
  /** Meters per second. */
  speed: number;
}

export const HISTORY_MS = 5 * 60_000;
/** The minimum interval. Vehicles may send 80 samples per second, far more than the narrow chart can show. */
const STEP_MS = 250;

/** The speeds of some vehicles over the last five minutes. */
export class SpeedHistory {
  readonly #byId = new Map<string, SpeedAt[]>();

  add(id: string, at: SpeedAt): void {
    let history = this.#byId.get(id);
    if (!history) this.#byId.set(id, (history = []));
    const last = history.at(-1);
    // After a jump back in time, such as when a recording restarts, old values are meaningless.
    if (last && at.time < last.time) history.length = 0;
    const before = history.at(-2);
    if (before && at.time - before.time < STEP_MS) history[history.length - 1] = at;
    else history.push(at);
    if (
      history.length > (HISTORY_MS / STEP_MS) * 1.25 ||
      at.time - (history[0]?.time ?? 0) > HISTORY_MS * 1.25
    ) {
      const from = history.findIndex(({ time }) => time >= at.time - HISTORY_MS);
      history.splice(0, from);
    }
  }

  /** Oldest first, up to five minutes before the newest. */
  of(id: string): readonly SpeedAt[] {
    const history = this.#byId.get(id) ?? [];
    const newest = history.at(-1);
    return newest ? history.filter(({ time }) => time >= newest.time - HISTORY_MS) : [];
  }

  /** Discards all vehicles except one. */
  keepOnly(id: string | undefined): void {
    for (const key of this.#byId.keys()) if (key !== id) this.#byId.delete(key);
  }

  clear(): void {
    this.#byId.clear();
  }
}
