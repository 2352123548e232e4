/**
 * Durations in buckets that grow by 5 %. Buckets of several processes add up, which percentiles do not: those are
 * computed from the sum.
 */
export interface Durations {
  /** Index and count of each bucket that has something in it, by index. */
  buckets: [bucket: number, count: number][];
  /** Milliseconds. */
  max: number;
}

/** Milliseconds; zeros without measurements. */
export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

const GROWTH = Math.log(1.05);

export function bucketOf(ms: number): number {
  return Math.floor(Math.log1p(Math.max(0, ms)) / GROWTH);
}

/** The sum of several; none in, none out. */
export function addedUp(all: Iterable<Durations>): Durations {
  const counts = new Map<number, number>();
  let max = 0;
  for (const one of all) {
    max = Math.max(max, one.max);
    for (const [bucket, count] of one.buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return { buckets: [...counts].sort(([a], [b]) => a - b), max };
}

/** Accurate to 5 %. */
export function spreadOf({ buckets, max }: Durations): Spread {
  const count = buckets.reduce((sum, [, some]) => sum + some, 0);
  const at = (share: number): number => {
    let left = Math.ceil(count * share);
    for (const [bucket, some] of buckets) {
      left -= some;
      if (left <= 0) return Math.min(max, Math.expm1((bucket + 0.5) * GROWTH));
    }
    return max;
  };
  return count === 0
    ? { p50: 0, p99: 0, max: 0 }
    : { p50: tenths(at(0.5)), p99: tenths(at(0.99)), max: tenths(max) };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Counts durations for as long as it is there. */
export class Histogram {
  readonly #counts: number[] = [];
  #max = 0;

  add(ms: number): void {
    const bucket = bucketOf(ms);
    while (this.#counts.length <= bucket) this.#counts.push(0);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#max = Math.max(this.#max, ms);
  }

  read(): Durations {
    const buckets: Durations['buckets'] = [];
    for (const [bucket, count] of this.#counts.entries()) if (count > 0) buckets.push([bucket, count]);
    return { buckets, max: this.#max };
  }
}
