import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector, Position } from './collector.ts';
import type { LeftOut } from './leftOut.ts';
import { CoordinatesText } from './coordinatesText.ts';
import { isNoNumber, numberOf } from './numbers.ts';
import { readXml } from './readXml.ts';
import { routeInvalid } from './routeInvalid.ts';

/** Elements of a placemark that hold coordinates, and what is left out of those that are no lines. */
const LEFT_OUT: Readonly<Record<string, LeftOut>> = { Polygon: 'area', Model: 'model' };
/** Links that are kept: who has more has none that matter. */
const MOST_LINKS = 1000;
/** Characters of a text that are read in one go. */
const PIECE = 65_536;

/**
 * The lines of placemarks (LineString, LinearRing, gx:Track with its times), also several in a MultiGeometry, and
 * their points. Source: OGC KML 2.3.
 * @returns where its links to other files lead
 */
export async function readKml(bytes: Uint8Array, file: string, collector: Collector): Promise<string[]> {
  let name = '';
  let value = '';
  let coordinates: CoordinatesText | undefined;
  const links: string[] = [];
  let times: string[] = [];
  let places: { position: Position | undefined; line: number }[] = [];
  let points: { text: string; line: number }[] = [];
  let pointTime = '';
  /** What waits for a long text before it. */
  const waiting: (() => unknown)[] = [];

  /** Does it at once, or after what waits. */
  function inOrder(work: () => void): void {
    if (waiting.length > 0) waiting.push(work);
    else work();
  }

  /** Coordinates come as one text, of a million of them: others have their turns while it is read. */
  function readText(into: CoordinatesText, text: string): void {
    for (let from = 0; from < text.length; from += PIECE) {
      const piece = text.slice(from, from + PIECE);
      if (from === 0 && text.length <= PIECE) inOrder(() => into.add(piece));
      else
        waiting.push(
          () => into.add(piece),
          () => collector.turns.take(),
        );
    }
  }

  function positionOf(text: string, between: RegExp, line: number, element: string): Position | undefined {
    const [longitude, latitude, altitude] = text.trim().split(between, 3);
    // A position that is not known is empty. Source: OGC KML 2.3, 15.4 gx:coord.
    if (isNoNumber(longitude) || (latitude !== undefined && isNoNumber(latitude))) return undefined;
    const position: Position = { latitude: numberOf(latitude), longitude: numberOf(longitude) };
    if (altitude !== undefined && altitude.trim() !== '') position.altitude = numberOf(altitude);
    if (Number.isNaN(position.latitude) || Number.isNaN(position.longitude)) {
      const problem = l10n.t('"{text}" is not a longitude and latitude pair', {
        text: text.trim().slice(0, 40),
      });
      throw routeInvalid(file, problem, { line, element });
    }
    return position;
  }

  function endTrackOf(coords: typeof places, whens: readonly string[]): () => void {
    return () => {
      collector.beginPart();
      for (const [index, { position, line }] of coords.entries()) {
        const where = { line, element: 'gx:coord' };
        if (position === undefined) collector.leaveOutRecord(where);
        else collector.add(position, where, whens[index]);
      }
      if (whens.length === 0 || whens.length === coords.length) return;
      collector.findings.count('unpaired', { line: coords[0]?.line ?? 1 });
    };
  }

  function endPlacemarkOf(title: string, alone: typeof points, time: string): () => void {
    return () => {
      for (const { text, line } of alone) {
        const where = { line, element: 'coordinates' };
        const position = positionOf(text, /\s*,\s*/, line, where.element);
        if (position === undefined) collector.leaveOutRecord(where);
        else collector.addLoose('point', position, where, time);
      }
      collector.endFeature(title);
    };
  }

  await readXml(bytes, file, collector.progress, {
    open(path, _attributes, line) {
      const element = path.at(-1) ?? '';
      value = '';
      if (element === 'coordinates' && isLine(path)) {
        inOrder(() => collector.beginPart());
        coordinates = new CoordinatesText({ file, line, element }, collector);
      }
      if (element === 'Placemark') name = '';
      const kind = LEFT_OUT[element];
      if (kind !== undefined) collector.leaveOut(kind);
    },
    text(path, text) {
      if (coordinates !== undefined && path.at(-1) === 'coordinates') readText(coordinates, text);
      else if (value.length < 4 * BOUNDS.name) value += text;
    },
    close(path, line) {
      const [parent, element] = [path.at(-2), path.at(-1)];
      switch (element) {
        case 'name':
          if (parent === 'Placemark') name = value;
          break;
        case 'coordinates':
          if (coordinates !== undefined) {
            const ended = coordinates;
            inOrder(() => ended.end());
          } else if (parent === 'Point') {
            collector.keep({ line });
            points.push({ text: value, line });
          }
          coordinates = undefined;
          break;
        case 'when':
          if (parent === 'Track' && times.length < BOUNDS.points) times.push(value);
          if (parent === 'TimeStamp') pointTime = value;
          break;
        case 'begin':
          if (parent === 'TimeSpan') pointTime = value;
          break;
        case 'href':
          if (path.includes('NetworkLink') && links.length < MOST_LINKS) links.push(value.trim());
          break;
        case 'coord':
          if (parent === 'Track') {
            collector.keep({ line });
            places.push({ position: positionOf(value, /\s+/, line, 'gx:coord'), line });
          }
          break;
        case 'Track':
          inOrder(endTrackOf(places, times));
          places = [];
          times = [];
          break;
        case 'Placemark':
          inOrder(endPlacemarkOf(name, points, pointTime));
          points = [];
          pointTime = '';
          break;
        default:
          break;
      }
      value = '';
    },
    async settle() {
      for (const work of waiting) await work();
      waiting.length = 0;
    },
  });
  return links;
}

/** Says of a file that only links to others hold what is missing. */
export function noteLinks(links: readonly string[], collector: Collector): void {
  const [first] = links;
  if (first === undefined) return;
  collector.note(
    l10n.t(
      'Links to other files are not followed (the first: {link}). To get what they lead to, open the file in Google Earth or My Maps and export it without "keep data up to date".',
      { link: first.slice(0, 200) },
    ),
  );
}

/** Whether `coordinates` at this path are something to drive along. */
function isLine(path: readonly string[]): boolean {
  const parent = path.at(-2);
  return (parent === 'LineString' || parent === 'LinearRing') && !path.includes('Polygon');
}
