import { BOTTOMLESS, type Bucket, createBucket } from '../kit/bucket.ts';
import { createKeyedBuckets, type KeyedBuckets } from '../kit/keyedBuckets.ts';
import { QUOTAS } from './quotas.ts';

/** The quotas of one broker: those of the account, and those of each new connection. */
export interface BrokerQuotas {
  /** False: no AWS quota is enforced. Limits that protect the sandbox itself remain. */
  readonly enforced: boolean;
  readonly maxPacketBytes: number;
  /** The rate at which messages stored for a session are sent when it is resumed. */
  readonly storedPerSecond: number;
  /** The rate at which messages queued for the group of a shared subscription are sent to each member. */
  readonly sharedPerSecond: number;
  readonly longestSessionExpiryS: number;
  readonly connects: Bucket;
  readonly connectsByClientId: KeyedBuckets;
  readonly subscriptions: Bucket;
  readonly createKeys: Bucket;
  readonly createFromCsr: Bucket;
  readonly registerThing: Bucket;
  ofConnection(): { publishes: Bucket; bytes: Bucket };
}

/** The largest packet when quotas are not enforced. */
const UNLIMITED_PACKET_BYTES = 16 * 1024 * 1024;

export function createBrokerQuotas(enforced: boolean, uptime: () => number): BrokerQuotas {
  const bucket = (rate: number) => (enforced ? createBucket(uptime, rate) : BOTTOMLESS);
  return {
    enforced,
    maxPacketBytes: enforced ? QUOTAS.packetBytes : UNLIMITED_PACKET_BYTES,
    storedPerSecond: enforced ? QUOTAS.storedMessagesPerSecond : Infinity,
    sharedPerSecond: enforced ? QUOTAS.sharedMessagesPerSecond : Infinity,
    longestSessionExpiryS: enforced ? QUOTAS.sessionExpirySeconds : QUOTAS.longestSessionExpirySeconds,
    connects: bucket(QUOTAS.connectsPerSecondPerAccount),
    // A burst of two, although AWS counts whole seconds: the sandbox is so fast that a client that comes back under
    // the same id, from its claim session to its production session, would always exceed the quota.
    connectsByClientId: enforced
      ? createKeyedBuckets(uptime, QUOTAS.connectsPerSecondPerClientId, 2)
      : { take: () => true, forgetIdle: () => undefined },
    subscriptions: bucket(QUOTAS.subscriptionsPerSecondPerAccount),
    createKeys: bucket(QUOTAS.createKeysPerSecond),
    createFromCsr: bucket(QUOTAS.createFromCsrPerSecond),
    registerThing: bucket(QUOTAS.registerThingPerSecond),
    ofConnection: () => ({
      publishes: bucket(QUOTAS.publishesPerSecond),
      bytes: bucket(QUOTAS.bytesPerSecond),
    }),
  };
}
