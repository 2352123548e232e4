import { roughDistance } from '../drive/position.ts';
import type { ReadPoint } from './readPoint.ts';
import type { EachPoint } from './stamps.ts';

/** Meters. On shorter ways a vehicle that is parked seems to move. */
const SHORTEST_WAY = 100;
/** Meters per second that a drive has where it is fast. */
const DRIVES = { from: 1, to: 60 };
/** Meters per second; nothing that is driven is faster. */
const FASTEST = 250;

/** Meters per second. */
export interface Speeds {
  /** On nine ways of ten it is slower. */
  fast: number;
  /** All but single ways are slower. */
  fastest: number;
}

/** How fast a vehicle is where it moves: on the ways to the next point that is 100 m away. 0 if it never gets so far. */
export async function driveSpeeds(eachPoint: EachPoint): Promise<Speeds> {
  const speeds: number[] = [];
  let from: ReadPoint | undefined;
  let fromTime = 0;
  await eachPoint((point) => {
    if (point.time === undefined) return;
    if (from === undefined) {
      from = point;
      fromTime = point.time;
      return;
    }
    const way = roughDistance(from, point);
    if (way <= SHORTEST_WAY) return;
    const seconds = Math.abs(point.time - fromTime) / 1000;
    if (seconds > 0) speeds.push(way / seconds);
    from = point;
    fromTime = point.time;
  });
  const sorted = speeds.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  return { fast: at(0.9), fastest: at(0.98) };
}

export function isDriven(metersPerSecond: number): boolean {
  return metersPerSecond >= DRIVES.from && metersPerSecond <= DRIVES.to;
}

/** Whether a vehicle drives if its times are so much shorter, and nothing in them is too fast then. */
export function isDrivenSurely({ fast, fastest }: Speeds, times: number): boolean {
  return isDriven(times * fast) && times * fastest <= FASTEST;
}
