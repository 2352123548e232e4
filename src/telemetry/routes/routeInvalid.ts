import { CmsError } from '../../core/errors.ts';

/** What can be said of the place in a file where something is wrong. */
export interface Where {
  /** Counted from 1. */
  line?: number;
  /** Such as `trkpt` or `features[2].geometry`. */
  element?: string;
}

/** A route file is refused: `problem` goes on where "atlanta.csv, line 3: " ends. */
export function routeInvalid(file: string, problem: string, where: Where = {}, cause?: unknown): CmsError {
  const places = [
    file,
    ...(where.line === undefined ? [] : [`line ${where.line}`]),
    ...(where.element === undefined ? [] : [where.element]),
  ];
  return new CmsError('ROUTE_INVALID', `${places.join(', ')}: ${problem}.`, {
    remedy:
      'Correct the file, or export it again as CSV (longitude,latitude[,altitude]), KML, KMZ, GPX or GeoJSON.',
    details: { file, ...where },
    cause,
  });
}
