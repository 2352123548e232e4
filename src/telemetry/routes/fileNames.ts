/**
 * What route files are called, in one place: dialogs and lists ask here, and a test holds the menus in package.json
 * to it. A reader looks at what is in a file first, so that others can be read, too.
 */

/** Endings of text that only routes have. */
export const ROUTE_TEXTS = ['gpx', 'kml', 'tcx', 'geojson', 'geojsonl', 'nmea'] as const;
/** Endings of tables, of which many are routes. */
export const ROUTE_TABLES = ['csv', 'tsv'] as const;
/** Endings of which few are routes: answers of routing services, exports of apps. They are not looked for. */
export const ROUTE_PERHAPS = ['json'] as const;

const TEXTS = [...ROUTE_TEXTS, ...ROUTE_TABLES];

/** What an open dialog offers, without dots. It knows the last ending of a name only. */
export const ROUTE_FILE_EXTENSIONS: readonly string[] = [...TEXTS, ...ROUTE_PERHAPS, 'kmz', 'zip', 'gz'];

/** Endings of files in a folder that are likely routes. */
export const LIKELY_ROUTES: readonly string[] = [...TEXTS, 'kmz', ...TEXTS.map((ending) => `${ending}.gz`)];

/** Whether a file in a folder or archive can be a route, by its name. */
export function isRouteName(name: string): boolean {
  return CAN_BE.test(name);
}

const CAN_BE = new RegExp(`\\.(?:(?:${[...TEXTS, ...ROUTE_PERHAPS].join('|')})(?:\\.gz)?|kmz)$`, 'i');
