import { defined } from '../../../kit/defined.ts';

/** The serials seen in one run of a vehicle, stored as intervals so that millions of messages take little space. */
export interface SerialRecord {
  /** SimulationId of the run; undefined until a message contained one. */
  run?: string;
  /** Ascending and not touching. */
  intervals: [number, number][];
  duplicates: number;
  /** The number of serials missing in gaps that are no longer stored as intervals. */
  lost: number;
  lowest?: number;
}

export interface SerialSummary {
  run?: string;
  first?: number;
  last?: number;
  /** The number of distinct serials received. */
  received: number;
  /** The number of serials between first and last that were not received. */
  missing: number;
  /** The first hundred of the missing serials. */
  missingSerials: number[];
  duplicates: number;
}

const MOST_INTERVALS = 1000;
const MOST_LISTED = 100;

/** The digits after the last `#` of a message id. */
export function serialOf(messageId: unknown): number | undefined {
  const match = typeof messageId === 'string' ? /#(\d{1,15})$/.exec(messageId) : null;
  return match ? Number(match[1]) : undefined;
}

/** Returns the record with one more serial. A new run starts a new record. */
export function withSerial(
  record: SerialRecord | undefined,
  run: string | undefined,
  serial: number,
): SerialRecord {
  const fresh = !record || (run !== undefined && record.run !== undefined && run !== record.run);
  const base: SerialRecord = fresh ? { intervals: [], duplicates: 0, lost: 0 } : record;
  const name = run ?? (fresh ? undefined : base.run);
  const common = {
    ...defined({ run: name }),
    lost: base.lost,
    lowest: Math.min(base.lowest ?? serial, serial),
  };
  const at = base.intervals.findLastIndex(([first]) => first <= serial);
  const before = base.intervals[at];
  if (before && serial <= before[1]) {
    return { ...common, intervals: base.intervals, duplicates: base.duplicates + 1 };
  }
  const intervals = base.intervals.slice();
  intervals.splice(at + 1, 0, [serial, serial]);
  const joined = join(intervals, at + 1);
  let lost = base.lost;
  const [lowest, second] = joined;
  if (joined.length > MOST_INTERVALS && lowest && second) {
    lost += second[0] - lowest[1] - 1;
    joined.splice(0, 2, [lowest[0], second[1]]);
  }
  return { ...common, lost, intervals: joined, duplicates: base.duplicates };
}

/** Joins the interval at `index` with its neighbors where they touch. */
function join(intervals: [number, number][], index: number): [number, number][] {
  for (const left of [index, index - 1]) {
    const a = intervals[left];
    const b = intervals[left + 1];
    if (a === undefined || b?.[0] !== a[1] + 1) continue;
    intervals.splice(left, 2, [a[0], b[1]]);
  }
  return intervals;
}

export function summarize(record: SerialRecord | undefined): SerialSummary {
  if (!record) return { received: 0, missing: 0, missingSerials: [], duplicates: 0 };
  const { intervals, duplicates, lost, lowest, run } = record;
  const missingSerials: number[] = [];
  let missing = lost;
  let received = -lost;
  for (const [index, [first, last]] of intervals.entries()) {
    received += last - first + 1;
    const next = intervals[index + 1];
    if (!next) continue;
    missing += next[0] - last - 1;
    for (let n = last + 1; n < next[0] && missingSerials.length < MOST_LISTED; n++) missingSerials.push(n);
  }
  const last = intervals.at(-1)?.[1];
  return {
    ...defined({ run, first: lowest, last }),
    received,
    missing,
    missingSerials,
    duplicates,
  };
}
