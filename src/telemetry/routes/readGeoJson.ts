import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import type { RoutePoint } from '../drive.ts';
import { l10n } from '../../core/message.ts';
import { BOUNDS, tooDeep, tooManyPoints } from './bounds.ts';
import type { Collector } from './collectRoutes.ts';
import { decoded, inTurns } from './decoded.ts';
import { timeOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';
import { Turns } from './turns.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * LineString, MultiLineString, collections and features of them. Source: RFC 7946. Others have their turns except
 * while JSON.parse is at work: about half a second for a million points.
 */
export async function readGeoJson(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  const turns = new Turns();
  const structure = structureOf(file);
  const pieces: string[] = [];
  for await (const piece of inTurns(decoded(bytes, file))) {
    structure.check(piece);
    pieces.push(piece);
  }
  await walk(parsed(pieces.join(''), file), '', undefined);
  return 'stated';

  async function walk(value: unknown, element: string, times: unknown): Promise<void> {
    if (!isObject(value)) throw routeInvalid(file, l10n.t('this is not a GeoJSON object'), at(element));
    switch (value.type) {
      case 'FeatureCollection':
        await each(value.features, `${element}features`, (feature, name) =>
          walk(feature, `${name}.`, undefined),
        );
        return;
      case 'Feature': {
        const properties = isObject(value.properties) ? value.properties : {};
        if (value.geometry !== null) {
          await walk(value.geometry, `${element}geometry.`, properties.coordTimes ?? properties.times);
        }
        collector.endFeature(text(properties.name) ?? text(properties.title) ?? text(value.id));
        return;
      }
      case 'GeometryCollection':
        await each(value.geometries, `${element}geometries`, (geometry, name) =>
          walk(geometry, `${name}.`, undefined),
        );
        return;
      case 'LineString':
        await line(value.coordinates, `${element}coordinates`, times);
        return;
      case 'MultiLineString':
        await each(value.coordinates, `${element}coordinates`, (part, name, index) =>
          line(part, name, Array.isArray(times) ? times[index] : undefined),
        );
        return;
      case 'Point':
      case 'MultiPoint':
        collector.leaveOut('point');
        return;
      case 'Polygon':
      case 'MultiPolygon':
        collector.leaveOut('area');
        return;
      default:
        throw routeInvalid(file, l10n.t('this has no "type" that GeoJSON knows'), at(element));
    }
  }

  async function line(coordinates: unknown, element: string, times: unknown): Promise<void> {
    collector.beginPart();
    await each(coordinates, element, (position, name, index) => {
      if (!Array.isArray(position) || position.length < 2) {
        throw routeInvalid(file, l10n.t('this is not a position of longitude and latitude'), at(name));
      }
      const [longitude, latitude, altitude] = position as unknown[];
      const point: RoutePoint = { latitude: number(latitude, name), longitude: number(longitude, name) };
      if (altitude !== undefined && altitude !== null) point.altitude = number(altitude, name);
      const time: unknown = Array.isArray(times) ? times[index] : undefined;
      const when = typeof time === 'string' || typeof time === 'number' ? timeOf(String(time)) : undefined;
      if (when !== undefined) point.time = when;
      collector.add(point, at(name));
    });
  }

  async function each(
    list: unknown,
    element: string,
    visit: (item: unknown, name: string, index: number) => unknown,
  ): Promise<void> {
    if (!Array.isArray(list)) throw routeInvalid(file, l10n.t('there should be a list'), at(element));
    await turns.each(list as unknown[], (item, index) => visit(item, `${element}[${index}]`, index));
  }

  function number(value: unknown, element: string): number {
    if (typeof value === 'number') return value;
    const json = JSON.stringify(value ?? null).slice(0, 40);
    throw routeInvalid(file, l10n.t('{json} is not a number', { json }), at(element));
  }
}

const [QUOTE, BACKSLASH, NEWLINE, COMMA] = [0x22, 0x5c, 0x0a, 0x2c];
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * A look at brackets and commas before the text becomes objects: a file of empty lists or of ones would otherwise
 * fill the memory, and a deep one the stack.
 */
function structureOf(file: string): { check(piece: string): void } {
  let depth = 0;
  let brackets = 0;
  let commas = 0;
  let inString = false;
  let escaped = false;
  let line = 1;
  return {
    check(piece) {
      for (let i = 0; i < piece.length; i++) {
        const char = piece.charCodeAt(i);
        if (char === NEWLINE) line++;
        if (escaped) escaped = false;
        else if (inString) {
          if (char === BACKSLASH) escaped = true;
          else if (char === QUOTE) inString = false;
        } else if (char === QUOTE) inString = true;
        else if (char === COMMA) commas++;
        else if (char === LIST || char === OBJECT) {
          depth++;
          brackets++;
        } else if (char === END_OF_LIST || char === END_OF_OBJECT) depth--;
        if (depth > BOUNDS.nesting) throw routeInvalid(file, tooDeep(), { line });
        // A point is one list of two to four numbers; features, properties and times are some more.
        if (brackets > 2 * BOUNDS.points || commas > 8 * BOUNDS.points) {
          throw routeInvalid(file, tooManyPoints(), { line });
        }
      }
    },
  };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const line = lineOfMistake(text);
    throw routeInvalid(file, l10n.t('this is not well-formed JSON'), defined({ line }), error);
  }
}

/** Larger files are not parsed again and again to find their mistake. */
const SEARCHED = 4 * 2 ** 20;

/** JSON.parse does not always say where it stopped: the mistake is in the first line with which the text is broken. */
function lineOfMistake(text: string): number | undefined {
  if (text.length > SEARCHED) return undefined;
  const lines = text.split('\n');
  let whole = 0;
  let broken = lines.length;
  while (broken - whole > 1) {
    const middle = (whole + broken) >> 1;
    if (isBeginning(lines.slice(0, middle).join('\n'))) whole = middle;
    else broken = middle;
  }
  return broken;
}

/** Whether a text is JSON as far as it goes. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = messageOf(error);
    const [, position] = /position (\d+)/.exec(message) ?? [];
    if (position !== undefined) return Number(position) >= text.length || message.startsWith('Unterminated');
    return message.startsWith('Unexpected end');
  }
}

function at(element: string): { element: string } | Record<string, never> {
  const name = element.replace(/\.$/, '');
  return name === '' ? {} : { element: name };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
