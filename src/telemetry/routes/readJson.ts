import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import type { Collector, Position } from './collector.ts';
import { columnsOf, columnsRead } from './csvColumns.ts';
import { arrayIn, isJson, keysOf, type Json } from './jsonValues.ts';
import { parsedJson } from './parsedJson.ts';
import type { JsonRows } from './jsonTables.ts';
import { otherJson, type OtherJson } from './otherJson.ts';
import { routeInvalid } from './routeInvalid.ts';
import { TrackRows } from './trackRows.ts';

/**
 * LineString, MultiLineString, collections and features of them (RFC 7946), with the times that programs put beside
 * them, and what `otherJson` knows. Others have their turns except while JSON.parse is at work: about half a second
 * for a million points.
 */
export async function readJson(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  const { turns } = collector;
  const points: { coordinates: unknown; properties: Json; element: string }[] = [];
  const value = featuresOf(await parsedJson(bytes, file, collector.progress));
  const isGeoJson = isJson(value) && typeof value.type === 'string' && GEO_JSON.has(value.type);
  const other = isGeoJson && !hasPaths(value) ? undefined : otherJson(value);
  if (other === undefined) await readGeoJson(value);
  else await readOther(other);
  return 'stated';

  async function readOther(found: OtherJson): Promise<void> {
    if (found.kind === 'refused')
      throw routeInvalid(file, found.problem, {}, undefined, defined({ remedy: found.remedy }));
    if (found.kind === 'rows') {
      await readRows(found.rows);
      return;
    }
    collector.note(l10n.t('Read as an export or answer of {program}.', { program: found.from }));
    for (const { name, lines } of found.routes) {
      for (const { geometry, element, times } of lines) {
        if (Array.isArray(geometry)) {
          const coordinates = geometry.map(([latitude, longitude, third]) => [
            longitude,
            latitude,
            third ?? null,
          ]);
          await line(coordinates, element, times);
        } else await walk(geometry, `${element}.`, times);
      }
      collector.endFeature(name);
    }
  }

  /** A list of objects is a table whose header are their keys. */
  async function readRows({ list, header, element }: JsonRows): Promise<void> {
    const columns = columnsOf(header);
    if (columns === undefined) return;
    const wanted = columnsRead(columns);
    const rows = new TrackRows(file, collector, columns);
    await turns.each(list, (item, index) => {
      const cells: string[] = [];
      for (const column of wanted) cells[column] = cellOf(item[header[column] ?? '']);
      rows.add(cells, { element, index });
    });
    await rows.finish();
  }

  async function readGeoJson(root: unknown): Promise<void> {
    if (isJson(root)) refuseOtherCrs(root);
    await walk(root, '', undefined);
    await endPoints();
  }

  function refuseOtherCrs({ crs }: Json): void {
    const properties = isJson(crs) && isJson(crs.properties) ? crs.properties : {};
    const name = text(properties.name) ?? text(properties.code);
    if (name === undefined || /crs84|4326|4979|4258|4269/i.test(name)) return;
    throw routeInvalid(
      file,
      l10n.t('its coordinates are in {crs}, which is not longitude and latitude', { crs: name.slice(0, 60) }),
      { element: 'crs' },
      undefined,
      { remedy: l10n.t('Export it again in WGS 84 (EPSG:4326).') },
    );
  }

  async function walk(value: unknown, element: string, times: unknown): Promise<void> {
    if (!isJson(value)) throw routeInvalid(file, l10n.t('this is not a GeoJSON object'), at(element));
    switch (value.type) {
      case 'FeatureCollection':
        await each(value.features, `${element}features`, (feature, name) =>
          walk(feature, `${name}.`, undefined),
        );
        return;
      case 'Feature': {
        const properties = isJson(value.properties) ? value.properties : {};
        if (isJson(value.geometry) && value.geometry.type === 'Point') {
          loose(value.geometry.coordinates, properties, `${element}geometry.coordinates`);
          return;
        }
        if (value.geometry !== null) await walk(value.geometry, `${element}geometry.`, timesIn(properties));
        collector.endFeature(text(properties.name) ?? text(properties.title) ?? text(value.id));
        return;
      }
      case 'GeometryCollection': {
        // Times are written for the lines only, one list for each.
        let lines = 0;
        await each(value.geometries, `${element}geometries`, (geometry, name) => {
          const isLine = isJson(geometry) && geometry.type === 'LineString';
          return walk(geometry, `${name}.`, isLine ? timesOfLine(times, lines++) : times);
        });
        return;
      }
      case 'LineString':
        await line(value.coordinates, `${element}coordinates`, times);
        return;
      case 'MultiLineString':
        await each(value.coordinates, `${element}coordinates`, (part, name, index) =>
          line(part, name, timesOfLine(times, index)),
        );
        return;
      case 'Point':
        loose(value.coordinates, {}, `${element}coordinates`);
        return;
      case 'MultiPoint':
        collector.leaveOut('point');
        return;
      case 'Polygon':
      case 'MultiPolygon':
        collector.leaveOut('area');
        return;
      default:
        throw routeInvalid(file, l10n.t('its "type" is not one of GeoJSON'), at(element));
    }
  }

  /** Points with properties are the rows of a table: of several vehicles, perhaps. */
  function loose(coordinates: unknown, properties: Json, element: string): void {
    collector.keep({ element });
    points.push({ coordinates, properties, element });
  }

  async function endPoints(): Promise<void> {
    if (points.length === 0) return;
    if (collector.hasLines || points.length === 1) {
      for (const { coordinates } of points) if (coordinates !== undefined) collector.leaveOut('point');
      return;
    }
    const header = ['longitude', 'latitude', 'altitude'];
    for (const key of keysOf(points.slice(0, 20).map(({ properties }) => properties)))
      if (!/^(?:lat|latitude|lon|lng|longitude|x|y|alt|altitude)$/i.test(key)) header.push(key);
    const columns = columnsOf(header);
    if (columns === undefined) return;
    collector.note(l10n.t('There are no lines, so the points are driven in order.'));
    const wanted = columnsRead(columns);
    const rows = new TrackRows(file, collector, columns);
    await turns.each(points, ({ coordinates, properties, element }) => {
      const [longitude, latitude, altitude] = Array.isArray(coordinates) ? (coordinates as unknown[]) : [];
      const cells = [longitude, latitude, altitude].map(cellOf);
      for (const column of wanted) if (column >= 3) cells[column] = cellOf(properties[header[column] ?? '']);
      rows.add(cells, { element });
    });
    await rows.finish();
  }

  async function line(coordinates: unknown, element: string, times: unknown): Promise<void> {
    collector.beginPart();
    if (
      Array.isArray(times) &&
      Array.isArray(coordinates) &&
      times.length > 0 &&
      times.length !== coordinates.length
    ) {
      collector.findings.count('unpaired', at(element));
    }
    await each(coordinates, element, (position, name, index) => {
      const where = { element, index };
      const isUnknown = Array.isArray(position)
        ? position.length === 0 || position.slice(0, 2).includes(null)
        : position === null;
      if (isUnknown) {
        collector.leaveOutRecord(where);
        return;
      }
      if (!Array.isArray(position) || position.length < 2) {
        throw routeInvalid(file, l10n.t('this is not a position of longitude and latitude'), at(name));
      }
      const [longitude, latitude, altitude, fourth] = position as unknown[];
      const point: Position = { latitude: number(latitude, name), longitude: number(longitude, name) };
      if (altitude !== undefined && altitude !== null) point.altitude = number(altitude, name);
      const time: unknown = Array.isArray(times) ? times[index] : undefined;
      const given = time ?? (isSince1970(fourth) ? fourth : undefined);
      collector.add(
        point,
        where,
        typeof given === 'string' || typeof given === 'number' ? String(given) : undefined,
      );
    });
  }

  async function each(
    list: unknown,
    element: string,
    visit: (item: unknown, name: string, index: number) => unknown,
  ): Promise<void> {
    if (!Array.isArray(list)) throw routeInvalid(file, l10n.t('a list is expected'), at(element));
    await turns.each(list as unknown[], (item, index) => visit(item, `${element}[${index}]`, index));
  }

  function number(value: unknown, element: string): number {
    if (typeof value === 'number') return value;
    const json = JSON.stringify(value ?? null).slice(0, 40);
    throw routeInvalid(file, l10n.t('{json} is not a number', { json }), at(element));
  }
}

/** A bare list of features, or one on each line, is a collection. */
function featuresOf(value: unknown): unknown {
  const isFeature = (item: unknown) =>
    isJson(item) && typeof item.type === 'string' && GEO_JSON.has(item.type);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isFeature)) return value;
  return { type: 'FeatureCollection', features: value as unknown[] };
}

const GEO_JSON = new Set(['FeatureCollection', 'Feature', 'GeometryCollection', 'LineString', 'MultiLineString', 'Point', 'MultiPoint', 'Polygon', 'MultiPolygon']); // prettier-ignore

/** Esri's collections of features have geometries without a type. */
function hasPaths(value: Json): boolean {
  const [first] = arrayIn(value, 'features');
  return isJson(first) && isJson(first.geometry) && 'paths' in first.geometry;
}

/** Where programs write the times of a line: togeojson in two ways, and others. */
function timesIn(properties: Json): unknown {
  const nested = isJson(properties.coordinateProperties) ? properties.coordinateProperties : {};
  const names = ['coordTimes', 'times', 'timestamps', 'time', 'linestringTimestamps'];
  return [...names.map((name) => nested[name]), ...names.map((name) => properties[name])].find(Array.isArray);
}

/** The times of one of several lines: a list of lists, or one list for the only line. */
function timesOfLine(times: unknown, index: number): unknown {
  if (!Array.isArray(times)) return undefined;
  if (Array.isArray(times[index])) return times[index];
  return index === 0 && !times.some(Array.isArray) ? times : undefined;
}

/** A fourth number is a time where it counts from 1970. */
function isSince1970(value: unknown): boolean {
  return typeof value === 'number' && value >= 1e9 && value < 1e14;
}

function cellOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

function at(element: string): { element: string } | Record<string, never> {
  const name = element.replace(/\.$/, '');
  return name === '' ? {} : { element: name };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
