import { messageOf } from '../../core/errors.ts';
import type { RoutePoint } from '../drive.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector } from './collectRoutes.ts';
import { decoded } from './decoded.ts';
import { timeOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';

type Json = Readonly<Record<string, unknown>>;

/** LineString, MultiLineString, collections and features of them. Source: RFC 7946. */
export function readGeoJson(bytes: Uint8Array, file: string, collector: Collector): 'stated' {
  const json = [...decoded(bytes, file)].join('');
  checkStructure(json, file);
  walk(parsed(json, file), '', undefined);
  return 'stated';

  function walk(value: unknown, element: string, times: unknown): void {
    if (!isObject(value)) throw routeInvalid(file, 'this is no GeoJSON object', at(element));
    switch (value.type) {
      case 'FeatureCollection':
        each(value.features, `${element}features`, (feature, name) => walk(feature, `${name}.`, undefined));
        return;
      case 'Feature': {
        const properties = isObject(value.properties) ? value.properties : {};
        if (value.geometry !== null) {
          walk(value.geometry, `${element}geometry.`, properties.coordTimes ?? properties.times);
        }
        collector.endFeature(text(properties.name) ?? text(properties.title) ?? text(value.id));
        return;
      }
      case 'GeometryCollection':
        each(value.geometries, `${element}geometries`, (geometry, name) =>
          walk(geometry, `${name}.`, undefined),
        );
        return;
      case 'LineString':
        line(value.coordinates, `${element}coordinates`, times);
        return;
      case 'MultiLineString':
        each(value.coordinates, `${element}coordinates`, (part, name, index) =>
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
        throw routeInvalid(file, 'this has no "type" that GeoJSON knows', at(element));
    }
  }

  function line(coordinates: unknown, element: string, times: unknown): void {
    collector.beginPart();
    each(coordinates, element, (position, name, index) => {
      if (!Array.isArray(position) || position.length < 2) {
        throw routeInvalid(file, 'this is no position of longitude and latitude', at(name));
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

  function each(
    list: unknown,
    element: string,
    visit: (item: unknown, name: string, index: number) => void,
  ): void {
    if (!Array.isArray(list)) throw routeInvalid(file, 'there should be a list', at(element));
    for (const [index, item] of list.entries()) visit(item, `${element}[${index}]`, index);
  }

  function number(value: unknown, element: string): number {
    if (typeof value === 'number') return value;
    throw routeInvalid(file, `${JSON.stringify(value ?? null).slice(0, 40)} is no number`, at(element));
  }
}

const [QUOTE, BACKSLASH, NEWLINE, COMMA] = [0x22, 0x5c, 0x0a, 0x2c];
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * A look at brackets and commas before the text becomes objects: a file of empty lists or of ones would otherwise
 * fill the memory, and a deep one the stack.
 */
function checkStructure(text: string, file: string): void {
  let depth = 0;
  let brackets = 0;
  let commas = 0;
  let inString = false;
  let line = 1;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === NEWLINE) line++;
    if (inString) {
      if (char === BACKSLASH) i++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === COMMA) commas++;
    else if (char === LIST || char === OBJECT) {
      depth++;
      brackets++;
    } else if (char === END_OF_LIST || char === END_OF_OBJECT) depth--;
    if (depth > BOUNDS.nesting) throw routeInvalid(file, `nested deeper than ${BOUNDS.nesting}`, { line });
    // A point is one list of two to four numbers; features, properties and times are some more.
    if (brackets > 2 * BOUNDS.points || commas > 8 * BOUNDS.points) {
      throw routeInvalid(file, `there are more than ${BOUNDS.points} points`, { line });
    }
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const line = lineOfMistake(text);
    throw routeInvalid(file, 'this is no well-formed JSON', line === undefined ? {} : { line }, error);
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
