import type { Gap, MergedResult } from '../scale/merge.ts';
import { counted } from './format.ts';
import { describeResult, resultJson } from './simulationText.ts';

/** How many shards a line names. */
const MOST_NAMED = 20;

export function describeMerged(merged: MergedResult): string {
  const { figures, gaps, missing, shards, attempts } = merged;
  const left = missing.slice(0, MOST_NAMED).join(', ');
  const more = missing.length > MOST_NAMED ? `, and ${missing.length - MOST_NAMED} more` : '';
  return [
    describeResult(merged, figures),
    `${counted(attempts, 'result')} of ${counted(shards, 'shard')}.`,
    ...gaps.map(describeGap),
    ...(missing.length === 0
      ? []
      : [`No result of ${missing.length === 1 ? 'shard' : 'shards'} ${left}${more}.`]),
  ].join('\n');
}

/** What an attempt took with it was not lost on the way: it was never sent. */
export function describeGap({ shard, attempt, seconds, vehicles, closed }: Gap): string {
  const after = closed ? 'until the next attempt drove' : 'and no other attempt drove';
  return `Gap in shard ${shard}: attempt ${attempt} ended early, ${seconds} s ${after}, ${counted(vehicles, 'vehicle')}.`;
}

export function mergedJson(merged: MergedResult) {
  const { runs, shards, attempts, gaps, missing, figures } = merged;
  return { runs, shards, attempts, gaps, missing, ...resultJson(merged, figures) };
}
