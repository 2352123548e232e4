import type { SimulationResult } from '../protocol/simulation.ts';

/** One part of a run: which, from 1, of how many. */
export interface Shard {
  number: number;
  count: number;
}

/** As AWS Batch limits an array job. */
export const MOST_SHARDS = 10_000;

/** A run that is not divided. */
export const WHOLE: Shard = { number: 1, count: 1 };

/** Reads `3/40`; undefined for what is not a shard. */
export function readShard(text: string): Shard | undefined {
  const [, number, count] = /^\s*(\d{1,5})\s*\/\s*(\d{1,5})\s*$/.exec(text)?.map(Number) ?? [];
  if (number === undefined || count === undefined) return undefined;
  return number >= 1 && number <= count && count <= MOST_SHARDS ? { number, count } : undefined;
}

export function shardText({ number, count }: Shard): string {
  return `${number}/${count}`;
}

/** The vehicles of a shard in the order of the fleet: from the first up to, but without, the last. */
export function partOf({ number, count }: Shard, total: number): { from: number; to: number } {
  return { from: Math.floor(((number - 1) * total) / count), to: Math.floor((number * total) / count) };
}

/**
 * What all shards together connect a second, below the 500 that AWS IoT gave every account. One process opens no more
 * than 100.
 */
const CONNECTS_PER_SECOND = 400;

/** How many vehicles a shard connects a second, so that an account's rate is kept by all of them. */
export function connectsOf({ count }: Pick<Shard, 'count'>, perSecond = CONNECTS_PER_SECOND): number {
  return Math.min(100, perSecond / count);
}

/** Of a shard without vehicles. */
export function emptyResult(): SimulationResult {
  const spread = { p50: 0, p99: 0, max: 0 };
  return {
    totals: {
      ...{ vehicles: 0, online: 0, ended: 0, failed: 0, acknowledged: 0, unacked: 0, queued: 0, lost: 0 },
      ...{ resent: 0, messagesPerSecond: 0, lag: spread, ack: spread },
    },
    vehicles: [],
    durations: { lag: { buckets: [], max: 0 }, ack: { buckets: [], max: 0 } },
  };
}
