import type { Timers } from './timers.ts';

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
