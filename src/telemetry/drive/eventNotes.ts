import type { Route, ScriptedEvent } from '../drive.ts';
import { geodesic } from './geodesy.ts';

/** As a request has it. */
type Scripted = Omit<ScriptedEvent, 'code'> & { code?: string | undefined };

/** What people should know of the script of a drive: events beyond the end of its routes. Sentences. */
export function eventNotes(events: readonly Scripted[], routes: readonly Route[]): string[] {
  const farthest = Math.max(...events.map(({ at }) => at));
  const lengths = events.length === 0 ? [] : routes.map((route) => lengthUpTo(route, farthest));
  if (lengths.length === 0) return [];
  const longest = Math.max(...lengths);
  return events.flatMap((event) => {
    const { at } = event;
    const happens = lengths.filter((length) => at <= length).length;
    if (happens === lengths.length) return [];
    const what = `${nameOf(event)} at kilometre ${Number((at / 1000).toFixed(3))}`;
    if (happens > 0)
      return [`${what} happens on ${happens} of ${lengths.length} routes: the others end before.`];
    const ends = lengths.length === 1 ? 'the route ends' : 'the longest route ends';
    return [`${what} will not happen: ${ends} at kilometre ${Number((longest / 1000).toFixed(3))}.`];
  });
}

/** Metres; a longer route is not measured to its end, for it may have a million points. */
function lengthUpTo({ points }: Route, enough: number): number {
  let length = 0;
  for (let i = 1; i < points.length && length < enough; i++) {
    const [from, to] = [points[i - 1], points[i]];
    if (from !== undefined && to !== undefined) length += geodesic(from, to)?.distance ?? 0;
  }
  return length;
}

function nameOf({ kind, code }: Scripted): string {
  if (kind === 'dtc') return code ?? 'The trouble code';
  return kind === 'braking' ? 'Hard braking' : 'Hot oil';
}
