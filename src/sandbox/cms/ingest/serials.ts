import { defined } from '../../kit/defined.ts';
/** Numbers seen in one run of a vehicle, kept as intervals so that millions of messages take little room. */
export interface SerialRecord {
  /** SimulationId of the run; undefined before one was seen. */
  run?: string;
  /** Ascending, apart from each other. */
  intervals: [number, number][];
  duplicates: number;
  /** Gaps below the intervals still kept. */
  lost: number;
  lowest?: number;
}

export interface SerialSummary {
  run?: string;
  first?: number;
  last?: number;
  /** Different serials received. */
  received: number;
  /** Between first and last, how many did not come. */
  missing: number;
  /** The first hundred of those. */
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

/** The record with one more serial; a new run starts a new record. */
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

/** Joins the interval at `index` with its neighbours where they touch. */
function join(intervals: [number, number][], index: number): [number, number][] {
  for (const left of [index, index - 1]) {
    const a = intervals[left];
    const b = intervals[left + 1];
    if (a === undefined || b?.[0] !== a[1] + 1) continue;
    intervals.splice(left, 2, [a[0], b[1]]);
  }
  return intervals;
}

export function summarise(record: SerialRecord | undefined): SerialSummary {
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
