import { type Bucket, createBucket } from '../kit/bucket.ts';

/**
 * Quotas of the message broker (AWS General Reference, "AWS IoT Core endpoints and quotas"). AWS cannot raise any of
 * them for a single connection.
 */
export const QUOTAS = {
  publishesPerSecond: 100,
  bytesPerSecond: 512 * 1024,
  payloadBytes: 128 * 1024,
  packetBytes: 146 * 1024,
  /** A client of MQTT 5 must take packets at least this large. */
  smallestPacketBytes: 512,
  topicAliases: 8,
  sessionExpirySeconds: 3600,
  /** What AWS can raise the former to. */
  longestSessionExpirySeconds: 604_800,
  filtersPerSubscribe: 8,
  subscriptionsPerConnection: 50,
  unacknowledged: 100,
  connectsPerSecondPerAccount: 500,
  connectsPerSecondPerClientId: 1,
  subscriptionsPerSecondPerAccount: 500,
  storedMessagesPerSecond: 10,
  sharedMessagesPerSecond: 20,
  createKeysPerSecond: 10,
  createFromCsrPerSecond: 20,
  registerThingPerSecond: 10,
} as const;

/**
 * One bucket per key (client id), discarded when it is full again. Bursts of two are allowed, although AWS counts
 * whole seconds: the sandbox is so fast that a client reconnecting under the same id, from its claim session to its
 * production session, would always exceed the quota.
 */
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
