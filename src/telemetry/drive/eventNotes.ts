import { l10n, type Message } from '../../core/message.ts';
import type { Route, ScriptedEvent } from '../drive.ts';
import { geodesic } from './geodesy.ts';

/** An event as a request contains it. */
type Scripted = Omit<ScriptedEvent, 'code'> & { code?: string | undefined };

/** How events are told. */
interface EventWords {
  /** How a place on a route is written, from meters. */
  place?: (metres: number) => string;
  /** Whether vehicles start all along the route, and drive it once: those that start past an event never have it. */
  spreadOnce?: boolean;
}

/** Notes about a drive's script: events that lie beyond the end of its routes, and those that vehicles start past. */
export function eventNotes(
  events: readonly Scripted[],
  routes: readonly Route[],
  { place: placeOf = kilometres, spreadOnce = false }: EventWords = {},
): Message[] {
  const farthest = Math.max(...events.map(({ at }) => at));
  const lengths = events.length === 0 ? [] : routes.map((route) => lengthUpTo(route, farthest));
  if (lengths.length === 0) return [];
  const end = placeOf(Math.max(...lengths));
  return events.flatMap((event) => {
    const happens = lengths.filter((length) => event.at <= length).length;
    const what = { event: nameOf(event), place: placeOf(event.at) };
    if (happens === lengths.length) {
      return spreadOnce
        ? [
            l10n.t(
              '{event} at {place} happens only for vehicles that start before it: they are spread out.',
              what,
            ),
          ]
        : [];
    }
    if (happens > 0) {
      const values = { ...what, count: happens, all: lengths.length };
      return [
        l10n.plural(
          lengths.length - happens,
          l10n.t('{event} at {place} happens on {count} of {all} routes: the other one ends before.', values),
          l10n.t('{event} at {place} happens on {count} of {all} routes: the others end before.', values),
        ),
      ];
    }
    return [
      lengths.length === 1
        ? l10n.t('{event} at {place} will not happen: the route ends at {end}.', {
            ...what,
            end,
          })
        : l10n.t('{event} at {place} will not happen: the longest route ends at {end}.', {
            ...what,
            end,
          }),
    ];
  });
}

/** Rounded to a meter, without trailing zeros. */
function kilometres(metres: number): string {
  return `${Number((metres / 1000).toFixed(3))} km`;
}

/** The length in meters. Stops measuring at `enough`, because a route may have a million points. */
function lengthUpTo({ points }: Route, enough: number): number {
  let length = 0;
  for (let i = 1; i < points.length && length < enough; i++) {
    const [from, to] = [points[i - 1], points[i]];
    if (from !== undefined && to !== undefined) length += geodesic(from, to)?.distance ?? 0;
  }
  return length;
}

function nameOf({ kind, code }: Scripted): Message | string {
  switch (kind) {
    case 'dtc':
      return code ?? l10n.t('The trouble code');
    case 'braking':
      return l10n.t('Hard braking');
    case 'oil-temperature':
      return l10n.t('Hot oil');
  }
}
