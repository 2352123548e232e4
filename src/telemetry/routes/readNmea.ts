import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector, Position } from './collector.ts';
import { decoded, inTurns } from './decoded.ts';
import { isNoNumber, numberOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';
import { joinTime, readTime } from './timeText.ts';

/** `$GPRMC,…*5A`, with whatever a logger put before it. */
const SENTENCE = /\$G[A-Z](RMC|GGA),([^*\r\n]{1,200})(?:\*([0-9A-F]{2}))?/i;

const DAY_MS = 86_400_000;
/** Seconds. */
const HALF_A_DAY = 43_200;

/** What is known of one time of day. */
interface Moment {
  /** Since midnight; -1 without a time. */
  seconds: number;
  rmc?: { clock: string; line: number; position: Position | undefined; date: string };
  gga?: { clock: string; line: number; position: Position | undefined; altitude: number };
}

/** `063000.25` in seconds since midnight; -1 if there is none. */
function secondsOf(clock: string): number {
  const digits = numberOf(clock);
  if (Number.isNaN(digits)) return -1;
  return Math.floor(digits / 10_000) * 3600 + (Math.floor(digits / 100) % 100) * 60 + (digits % 100);
}

/**
 * Sentences of a receiver: RMC has date, time and position, GGA the height at that time. Files with GGA alone have
 * times of day. Source: NMEA 0183, as gpsd documents it.
 */
export async function readNmea(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  /** What the sentences of one moment say; they come in any order. */
  let moment: Moment | undefined;
  /** Of GGA before the first RMC, which has the date. */
  let undated: Required<Moment>['gga'][] = [];
  let hasRmc = false;
  let today: { date: string; seconds: number } | undefined;
  let broken = 0;
  let firstBroken = 0;
  let line = 0;
  let rest = '';

  function read(text: string): void {
    line++;
    const [sentence = '', kind, fields = '', sum] = SENTENCE.exec(text) ?? [];
    if (kind === undefined) return;
    if (sum !== undefined && checksum(sentence) !== parseInt(sum, 16)) {
      broken++;
      firstBroken ||= line;
      return;
    }
    const cells = fields.split(',');
    if (kind.toUpperCase() === 'RMC') readRmc(cells);
    else readGga(cells);
  }

  function readRmc([clock = '', status, lat, ns, lon, ew, , , date = '']: readonly string[]): void {
    const isValid = status?.toUpperCase() === 'A' && !isNoNumber(lat) && !isNoNumber(lon);
    const position = isValid ? positionOf(lat, ns, lon, ew) : undefined;
    momentOf(clock, 'rmc').rmc = { clock, line, position, date };
  }

  function readGga([clock = '', lat, ns, lon, ew, quality, , , altitude]: readonly string[]): void {
    const hasPlace = quality !== '0' && !isNoNumber(lat) && !isNoNumber(lon);
    const position = hasPlace ? positionOf(lat, ns, lon, ew) : undefined;
    momentOf(clock, 'gga').gga = { clock, line, position, altitude: numberOf(altitude) };
  }

  /** The moment of a sentence; another time of day, or a second sentence of its kind, ends the one before. */
  function momentOf(clock: string, kind: 'rmc' | 'gga'): Moment {
    if (moment?.[kind] !== undefined || moment?.seconds !== secondsOf(clock)) {
      endMoment();
      moment = { seconds: secondsOf(clock) };
    }
    return moment;
  }

  function endMoment(): void {
    const { rmc, gga } = moment ?? {};
    moment = undefined;
    const height = gga === undefined || Number.isNaN(gga.altitude) ? {} : { altitude: gga.altitude };
    if (rmc === undefined) {
      if (gga?.position === undefined) return;
      if (hasRmc) addGga(gga);
      else if (undated.length <= BOUNDS.points) undated.push(gga);
      return;
    }
    if (/^\d{6}$/.test(rmc.date)) {
      const date = `20${rmc.date.slice(4)}-${rmc.date.slice(2, 4)}-${rmc.date.slice(0, 2)}`;
      today = { date, seconds: secondsOf(rmc.clock) };
    }
    if (!hasRmc) for (const before of undated) addGga(before);
    undated = [];
    hasRmc = true;
    if (rmc.position === undefined) {
      collector.leaveOutRecord({ line: rmc.line });
      return;
    }
    const text = `${rmc.date} ${rmc.clock}`;
    const day = /^\d{6}$/.test(rmc.date) ? (today?.date ?? '') : '';
    const stamp = rmc.clock === '' ? undefined : { text, stamp: joinTime(day, rmc.clock) };
    collector.add({ ...rmc.position, ...height }, { line: rmc.line }, stamp);
  }

  /** A position without RMC at its moment is of the day of the RMC before it, or of the first one. */
  function addGga({ clock, line: at, position, altitude }: Required<Moment>['gga']): void {
    if (position === undefined) return;
    const height = Number.isNaN(altitude) ? {} : { altitude };
    const stamp =
      today === undefined
        ? readTime(clock.replace(/^(\d{2})(\d{2})(\d{2})/, '$1:$2:$3'))
        : joinTime(today.date, clock);
    if (today !== undefined && stamp !== undefined) {
      const apart = secondsOf(clock) - today.seconds;
      stamp.ms += apart > HALF_A_DAY ? -DAY_MS : apart < -HALF_A_DAY ? DAY_MS : 0;
    }
    collector.add(
      { ...position, ...height },
      { line: at },
      clock === '' ? undefined : { text: clock, stamp },
    );
  }

  function positionOf(lat = '', ns = '', lon = '', ew = ''): Position {
    return { latitude: degrees(lat, ns), longitude: degrees(lon, ew) };
  }

  /** `4807.038` is 48° 7.038′. */
  function degrees(text: string, hemisphere: string): number {
    const number = numberOf(text);
    if (Number.isNaN(number))
      throw routeInvalid(file, l10n.t('"{value}" is not a number', { value: text.slice(0, 40) }), { line });
    const whole = Math.floor(number / 100);
    const value = whole + (number - whole * 100) / 60;
    return /^[sw]/i.test(hemisphere) ? -value : value;
  }

  for await (const piece of inTurns(decoded(bytes, file, collector.progress))) {
    const lines = (rest + piece).split('\n');
    rest = (lines.pop() ?? '').slice(0, BOUNDS.record);
    for (const text of lines) read(text);
  }
  read(rest);
  endMoment();
  for (const gga of undated) addGga(gga);
  if (broken > 0) {
    collector.note(
      l10n.plural(
        broken,
        l10n.t('Left out because its checksum is wrong: the sentence in line {line}.', { line: firstBroken }),
        l10n.t('Left out because their checksums are wrong: {count} sentences, the first in line {line}.', {
          count: broken,
          line: firstBroken,
        }),
      ),
    );
  }
  return 'stated';
}

/** All bytes between `$` and `*` of a sentence, by exclusive or. */
function checksum(sentence: string): number {
  const end = sentence.indexOf('*');
  let sum = 0;
  for (let i = 1; i < end; i++) sum ^= sentence.charCodeAt(i);
  return sum;
}
