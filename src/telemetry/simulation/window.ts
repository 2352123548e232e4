import type { Moment } from './between.ts';

type Extremes = Pick<Moment, 'throttle' | 'maxThrottle' | 'acceleration' | 'lateralAcceleration'>;

/** What a message says of the time since the one before, however many steps of the drive lie in it. */
export interface Window {
  add(step: Extremes): void;
  readonly isEmpty: boolean;
  /** And begins anew. */
  take(): Extremes;
}

export function createWindow(): Window {
  let count = 0;
  let sum = 0;
  let most = empty();

  return {
    add(step) {
      count += 1;
      sum += step.throttle;
      most.maxThrottle = Math.max(most.maxThrottle, step.maxThrottle);
      most.acceleration = stronger(most.acceleration, step.acceleration);
      most.lateralAcceleration = stronger(most.lateralAcceleration, step.lateralAcceleration);
    },
    get isEmpty() {
      return count === 0;
    },
    take() {
      const taken = { ...most, throttle: count === 0 ? 0 : Math.min(most.maxThrottle, sum / count) };
      count = sum = 0;
      most = empty();
      return taken;
    },
  };
}

function empty(): Extremes {
  return { throttle: 0, maxThrottle: 0, acceleration: 0, lateralAcceleration: 0 };
}

function stronger(a: number, b: number): number {
  return Math.abs(b) > Math.abs(a) ? b : a;
}
