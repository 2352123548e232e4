import { l10n, type Message } from '../../core/message.ts';

/** What a file may hold besides lines. */
export type LeftOut = 'point' | 'area' | 'model' | 'waypoint';

/** Why a file holds no route. */
export function nothing(points: number): Message {
  if (points === 0) return l10n.t('it contains no track');
  if (points === 1) return l10n.t('a route needs two points, and there is only one');
  return l10n.t('no line in it has two different points');
}

export function lineCount(count: number): Message {
  return l10n.plural(count, l10n.t('1 line'), l10n.t('{count} lines', { count }));
}

export const COUNTED: Readonly<Record<LeftOut, (count: number) => Message>> = {
  point: (count) => l10n.plural(count, l10n.t('1 point'), l10n.t('{count} points', { count })),
  area: (count) => l10n.plural(count, l10n.t('1 area'), l10n.t('{count} areas', { count })),
  model: (count) => l10n.plural(count, l10n.t('1 model'), l10n.t('{count} models', { count })),
  waypoint: (count) => l10n.plural(count, l10n.t('1 waypoint'), l10n.t('{count} waypoints', { count })),
};
