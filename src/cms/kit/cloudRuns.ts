import type { Retrying } from '../../core/retry.ts';
import type { CloudRun } from '../contract/cloudSimulator.ts';

/** Whether an id is of a run from here; `cutIntoRuns` makes them. */
export function isRunOf(prefix: string, id: string): boolean {
  return new RegExp(`^${prefix}-[0-9a-z]{9}-[0-9a-f]{8}-\\d{4}$`).test(id);
}

/** Runs of so many vehicles at most, with ids of one length that nobody else has. */
export function cutIntoRuns<T>(
  prefix: string,
  { of: all, size }: { of: readonly T[]; size: number },
  { clock, random }: Pick<Retrying, 'clock' | 'random'>,
  runOf: (some: readonly T[]) => Omit<CloudRun, 'id'>,
): readonly CloudRun[] {
  const moment = Math.floor(clock.now()).toString(36).padStart(9, '0').slice(-9);
  const chance = Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const runs: CloudRun[] = [];
  for (let at = 0; at < all.length; at += size) {
    const id = `${prefix}-${moment}-${chance}-${String(runs.length).padStart(4, '0')}`;
    runs.push({ id, ...runOf(all.slice(at, at + size)) });
  }
  return runs;
}
