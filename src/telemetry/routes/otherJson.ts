import { l10n, type Message } from '../../core/message.ts';
import { esri, stravaActivity, stravaStreams, timeline } from './appExports.ts';
import { EncodedLines } from './encodedLines.ts';
import { errorOfServer } from './formats.ts';
import type { JsonRoute, ReadFormat } from './jsonRoute.ts';
import { rowsIn, type JsonRows } from './jsonTables.ts';
import { isJson, textIn, type Json } from './jsonValues.ts';
import {
  bing,
  googleDirections,
  googleRoutes,
  graphHopper,
  here,
  legsOfPoints,
  osrm,
  valhalla,
} from './routingAnswers.ts';

export type OtherJson =
  | { kind: 'routes'; from: string; routes: JsonRoute[] }
  | { kind: 'rows'; rows: JsonRows }
  | { kind: 'refused'; problem: Message; remedy?: Message };

/**
 * What is known of JSON that is not GeoJSON: answers of routing services, exports of apps, lists of positions. Throws
 * TooManyPoints.
 */
export function otherJson(value: unknown): OtherJson | undefined {
  if (isJson(value)) {
    if (value.type === 'Topology')
      return {
        kind: 'refused',
        problem: l10n.t('this is TopoJSON, which is not supported; export GeoJSON'),
      };
    for (const [from, read] of FORMATS) {
      const routes = read(value, new EncodedLines())?.filter(({ lines }) => lines.length > 0);
      if (routes !== undefined && routes.length > 0) return { kind: 'routes', from, routes };
    }
  }
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    if (isJson(first) && 'payload' in first && 'serial' in first)
      return {
        kind: 'refused',
        problem: l10n.t('this is a recording of a simulation'),
        remedy: l10n.t('Replay it with: cms-enablement replay --file.'),
      };
    const streams = stravaStreams(
      Object.fromEntries((value as unknown[]).filter(isJson).map((it) => [String(it.type), it])),
    );
    if (streams !== undefined) return { kind: 'routes', from: 'Strava', routes: streams };
    const segments = timeline({ semanticSegments: value });
    if (segments !== undefined) return { kind: 'routes', from: 'Google Timeline', routes: segments };
  }
  const rows = rowsIn(value, '', 0);
  if (rows !== undefined) return { kind: 'rows', rows };
  // Good answers say "OK" and name no errors in the same words: only where they hold nothing else do those count.
  return isJson(value) ? refusal(value) : undefined;
}

/** Answers that hold no route but an error. */
function refusal(value: Json): OtherJson | undefined {
  if (
    typeof value.code === 'string' &&
    typeof value.message === 'string' &&
    !isGood(value.code) &&
    !('routes' in value)
  ) {
    const problem = l10n.t('this is the error of a routing service ({code}: {text})', {
      code: value.code,
      text: value.message.slice(0, 80),
    });
    return { kind: 'refused', problem };
  }
  const why = errorIn(value);
  return why === undefined ? undefined : { kind: 'refused', ...errorOfServer(why) };
}

/** Whether a status or a code says that all went well. */
function isGood(status: unknown): boolean {
  const text = typeof status === 'string' || typeof status === 'number' ? String(status) : '';
  return status === true || /^(?:0|2\d\d|ok|success)$/i.test(text);
}

function isNoError(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === false || value === 0 || value === '';
}

const ERRORS = ['error', 'errors', 'Error', 'fault', 'detail'];

/** What a server says of an error where nothing else is in its answer. */
function errorIn(value: Json): string | undefined {
  const error = ERRORS.find((key) => !isNoError(value[key]));
  const isStatus =
    typeof value.message === 'string' &&
    ['status', 'statusCode'].some((key) => key in value && !isGood(value[key]));
  if (error === undefined && !isStatus) return undefined;
  const isRows = ([key, it]: [string, unknown]) =>
    !ERRORS.includes(key) && Array.isArray(it) && it.some(isJson);
  if (Object.entries(value).some(isRows)) return undefined;
  const said = textIn(value, 'error_description') ?? textIn(value, 'message');
  const inner = error === undefined ? undefined : value[error];
  const first: unknown = Array.isArray(inner) ? inner[0] : inner;
  if (said !== undefined) return said;
  if (isJson(first)) return textIn(first, 'message') ?? textIn(first, 'detail') ?? '';
  return typeof first === 'string' ? first : '';
}

const FORMATS: readonly (readonly [from: string, read: ReadFormat])[] = [
  ['Google Directions', googleDirections],
  ['Google Routes', googleRoutes],
  ['HERE', here],
  ['TomTom', legsOfPoints],
  ['OSRM', osrm],
  ['GraphHopper', graphHopper],
  ['Valhalla', valhalla],
  ['Bing Maps', bing],
  ['Esri', esri],
  ['Google Timeline', timeline],
  ['Strava', stravaStreams],
  ['Strava', stravaActivity],
];
