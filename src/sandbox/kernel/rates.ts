import { type Bucket, createBucket } from '../kit/bucket.ts';
import type { Clock } from './clock.ts';

/** How often an account may call some operations of a service; docs/sandbox.md has a row for each. */
export interface AccountRate {
  perSecond: number;
  operations: readonly string[];
  /** Whether the operations share the rate (a Cognito category); otherwise each has its own. */
  shareRate: boolean;
  /** Where AWS documents the number; `assumed` if it was found nowhere. */
  source: string;
}

export interface Rates {
  /** Counts one call of `<service>:<operation>`. False if the account's rate is exceeded. */
  take(operation: string): boolean;
}

/** Operations without a rate are not limited. The others may use one second's worth of their rate at once. */
export function createRates(
  clock: Clock,
  services: Iterable<{ readonly name: string; readonly rates?: readonly AccountRate[] }>,
): Rates {
  const buckets = new Map<string, Bucket>();
  for (const { name, rates = [] } of services) {
    for (const { perSecond, operations, shareRate } of rates) {
      const newBucket = (): Bucket => createBucket(() => clock.now(), perSecond);
      const sharedBucket = newBucket();
      for (const operation of operations) {
        buckets.set(`${name}:${operation}`, shareRate ? sharedBucket : newBucket());
      }
    }
  }
  return { take: (operation) => buckets.get(operation)?.take() ?? true };
}
