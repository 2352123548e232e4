import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';

/** What is known of the place in a file where something is wrong. */
export interface Where {
  /** Counted from 1. */
  line?: number;
  /** Such as `trkpt` or `features[2].geometry`. */
  element?: string;
  /** In the list that `element` is, from 0. */
  index?: number;
}

/**
 * A route file is refused: `problem` goes on where "atlanta.csv, line 3: " ends.
 * @param notes whole sentences that help to see why
 * @param remedy what to do, if correcting the file is not it
 */
export function routeInvalid(
  file: string,
  problem: Message,
  { line, element, index }: Where = {},
  cause?: unknown,
  { notes = [], remedy }: { notes?: readonly Message[]; remedy?: Message } = {},
): CmsError {
  const name = index === undefined ? element : `${element ?? ''}[${index}]`;
  const place = l10n.list(
    [file, line === undefined ? [] : l10n.t('line {line}', { line }), name ?? []].flat(),
    'comma',
  );
  const sentence = l10n.t('{place}: {problem}.', { place, problem });
  return new CmsError(
    'ROUTE_INVALID',
    notes.length === 0 ? sentence : l10n.list([sentence, ...notes], 'sentences'),
    {
      remedy:
        remedy ??
        l10n.t(
          'Correct the file, or export it again as CSV (longitude,latitude[,altitude]), KML, KMZ, GPX or GeoJSON.',
        ),
      details: defined({ file, line, element: name }),
      cause,
    },
  );
}

/** Of a position that is nowhere on the earth. */
export function noPlace(file: string, at: { latitude: number; longitude: number; where: Where }): CmsError {
  if (!(Math.abs(at.latitude) <= 180)) return noLatitude(file, at);
  return routeInvalid(
    file,
    l10n.t('{longitude} isn’t a valid longitude', { longitude: at.longitude }),
    at.where,
  );
}

export function noLatitude(file: string, { latitude, where }: { latitude: number; where: Where }): CmsError {
  return routeInvalid(file, l10n.t('{latitude} isn’t a valid latitude', { latitude }), where);
}
