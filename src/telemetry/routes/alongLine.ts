import { roughDistance } from '../drive/position.ts';
import type { ReadPoint } from './readPoint.ts';

export function hasNoTime({ time }: ReadPoint): boolean {
  return time === undefined;
}

/** Part of the length of a line that the points along it may be shorter or longer by. */
const SAME_WAY = 0.02;
/** Meters. */
const SAME_END = 50;

/** Whether points are the corners of a line, or most of them. */
export function isAlong(points: readonly ReadPoint[], line: readonly ReadPoint[]): boolean {
  const [way, whole] = [wayOf(points), wayOf(line)];
  const near = (a: ReadPoint | undefined, b: ReadPoint | undefined) =>
    a !== undefined && b !== undefined && roughDistance(a, b) < SAME_END;
  return (
    Math.abs(way - whole) <= SAME_WAY * whole && near(points[0], line[0]) && near(points.at(-1), line.at(-1))
  );
}

function wayOf(points: readonly ReadPoint[]): number {
  return points.reduce((sum, point, i) => {
    const before = points[i - 1];
    return before === undefined ? 0 : sum + roughDistance(before, point);
  }, 0);
}
