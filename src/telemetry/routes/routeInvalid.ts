import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';

/** What is known of the place in a file where something is wrong. */
export interface Where {
  /** Counted from 1. */
  line?: number;
  /** Such as `trkpt` or `features[2].geometry`. */
  element?: string;
}

/** A route file is refused: `problem` goes on where "atlanta.csv, line 3: " ends. */
export function routeInvalid(file: string, problem: Message, where: Where = {}, cause?: unknown): CmsError {
  const { line, element } = where;
  const place = l10n.list(
    [file, line === undefined ? [] : l10n.t('line {line}', { line }), element ?? []].flat(),
    'comma',
  );
  return new CmsError('ROUTE_INVALID', l10n.t('{place}: {problem}.', { place, problem }), {
    remedy: l10n.t(
      'Correct the file, or export it again as CSV (longitude,latitude[,altitude]), KML, KMZ, GPX or GeoJSON.',
    ),
    details: { file, ...where },
    cause,
  });
}
