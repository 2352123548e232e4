import { addedUp, spreadOf } from '../core/histogram.ts';
import type { SimulationTotals } from '../protocol/simulation.ts';
import { type Counts, NO_COUNTS, type ShardStatus } from './channelMessages.ts';

/** One shard, as the controller sees it. */
export interface ShardView {
  number: number;
  /** Undefined before its first word. */
  status: ShardStatus | undefined;
  /** Since when nothing was heard of it, by the controller's clock; milliseconds since 1970. */
  goneAt: number | undefined;
  /** Its result is in the store. */
  done: boolean;
  /** By how much its clock is off, in milliseconds: the least of what was seen lately, transit included. */
  skewMs: number;
}

export interface RunView {
  shards: readonly ShardView[];
  ready: number;
  totals: SimulationTotals;
}

/** The words of all shards in one: the attempts that broke off are in it. */
export function viewOf(shards: readonly ShardView[], broken: Iterable<ShardStatus>): RunView {
  const last = shards.flatMap(({ status }) => status ?? []);
  const all = [...last, ...broken];
  const sum = (of: keyof Counts, from: readonly ShardStatus[]) =>
    from.reduce((total, { counts }) => total + counts[of], 0);
  const now: Counts = { ...NO_COUNTS };
  for (const key of Object.keys(now) as (keyof Counts)[]) now[key] = sum(key, last);
  const { acknowledged, lost, resent } = {
    acknowledged: sum('acknowledged', all),
    lost: sum('lost', all),
    resent: sum('resent', all),
  };
  return {
    shards,
    ready: last.filter(({ phase }) => ['ready', 'driving', 'ended'].includes(phase)).length,
    totals: {
      ...now,
      ...{ acknowledged, lost, resent },
      lag: spreadOf(addedUp(all.map(({ durations }) => durations.lag))),
      ack: spreadOf(addedUp(all.map(({ durations }) => durations.ack))),
    },
  };
}
