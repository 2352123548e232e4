import type { Timers } from './timers.ts';

/** Percentiles of durations, within 5 %, in constant room. */
export interface Percentiles {
  add(ms: number): void;
  /** Milliseconds; zeros before anything was added. */
  read(): { p50: number; p99: number; max: number };
}

const GROWTH = Math.log(1.05);

export function createPercentiles(): Percentiles {
  const buckets: number[] = [];
  let count = 0;
  let max = 0;
  function at(share: number): number {
    let left = Math.ceil(count * share);
    for (const [index, size] of buckets.entries()) {
      left -= size;
      if (left <= 0) return Math.min(max, Math.expm1((index + 0.5) * GROWTH));
    }
    return max;
  }
  return {
    add(ms) {
      const value = Math.max(0, ms);
      const index = Math.floor(Math.log1p(value) / GROWTH);
      while (buckets.length <= index) buckets.push(0);
      buckets[index] = (buckets[index] ?? 0) + 1;
      count += 1;
      max = Math.max(max, value);
    },
    read: () =>
      count === 0
        ? { p50: 0, p99: 0, max: 0 }
        : { p50: tenths(at(0.5)), p99: tenths(at(0.99)), max: tenths(max) },
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** How many there were in the last second, up to the last full tenth of it. */
export interface RateMeter {
  add(): void;
  perSecond(): number;
}

/** Ten full tenths, and the one that is not over. */
const SLOTS = 11;
const SLOT_MS = 100;

export function createRateMeter(timers: Timers): RateMeter {
  const slots = new Array<number>(SLOTS).fill(0);
  const slotNow = () => Math.floor(timers.now() / SLOT_MS);
  let current = slotNow();
  function advance(): void {
    const now = slotNow();
    for (let passed = 0; current < now && passed < SLOTS; passed++) slots[++current % SLOTS] = 0;
    current = now;
  }
  return {
    add() {
      advance();
      const slot = current % SLOTS;
      slots[slot] = (slots[slot] ?? 0) + 1;
    },
    perSecond() {
      advance();
      return slots.reduce((sum, size) => sum + size, 0) - (slots[current % SLOTS] ?? 0);
    },
  };
}
