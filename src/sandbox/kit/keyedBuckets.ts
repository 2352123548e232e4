import { type Bucket, createBucket } from './bucket.ts';

/** One bucket per key, discarded when it is full again. */
export interface KeyedBuckets {
  take(key: string): boolean;
  forgetIdle(): void;
}

export function createKeyedBuckets(uptime: () => number, rate: number, burst: number): KeyedBuckets {
  const buckets = new Map<string, { bucket: Bucket; used: number }>();
  return {
    take(key) {
      const entry = buckets.get(key) ?? { bucket: createBucket(uptime, rate, burst), used: 0 };
      entry.used = uptime();
      buckets.set(key, entry);
      return entry.bucket.take();
    },
    forgetIdle() {
      const full = uptime() - (burst / rate) * 1000;
      for (const [key, entry] of buckets) if (entry.used < full) buckets.delete(key);
    },
  };
}
