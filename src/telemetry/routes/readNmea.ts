import { l10n } from '../../core/message.ts';
import { BOUNDS } from './bounds.ts';
import type { Collector, Position } from './collectRoutes.ts';
import { decoded, inTurns } from './decoded.ts';
import { isNothing, numberOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';
import { joinTime, readTime } from './timeText.ts';

/** `$GPRMC,…*5A`, with whatever a logger put before it. */
const SENTENCE = /\$G[A-Z](RMC|GGA),([^*\r\n]{1,200})(?:\*([0-9A-F]{2}))?/i;

/**
 * Sentences of a receiver: RMC has date, time and position, GGA the height at that time. Files with GGA alone have
 * times of day. Source: NMEA 0183, as gpsd documents it.
 */
export async function readNmea(bytes: Uint8Array, file: string, collector: Collector): Promise<'stated'> {
  /** Heights by time of day, of the second that is just read. */
  let height: { clock: string; altitude: number } | undefined;
  let onlyGga: { position: Position; clock: string; line: number }[] = [];
  let hasRmc = false;
  let broken = 0;
  let firstBroken = 0;
  let line = 0;
  let rest = '';

  function read(text: string): void {
    line++;
    const [, kind, fields = '', sum] = SENTENCE.exec(text) ?? [];
    if (kind === undefined) return;
    if (sum !== undefined && checksum(text) !== parseInt(sum, 16)) {
      broken++;
      firstBroken ||= line;
      return;
    }
    const cells = fields.split(',');
    if (kind.toUpperCase() === 'RMC') readRmc(cells);
    else readGga(cells);
  }

  function readRmc([clock = '', status, lat, ns, lon, ew, , , date = '']: readonly string[]): void {
    const where = { line };
    hasRmc = true;
    onlyGga = [];
    if (status?.toUpperCase() !== 'A' || isNothing(lat) || isNothing(lon)) {
      collector.leaveOutRecord(where);
      return;
    }
    const position = positionOf(lat, ns, lon, ew);
    if (height?.clock === clock) position.altitude = height.altitude;
    const day = /^\d{6}$/.test(date) ? `20${date.slice(4)}-${date.slice(2, 4)}-${date.slice(0, 2)}` : '';
    const text = `${date} ${clock}`;
    collector.add(position, where, clock === '' ? undefined : { text, stamp: joinTime(day, clock) });
  }

  function readGga([clock = '', lat, ns, lon, ew, quality, , , altitude]: readonly string[]): void {
    const hasPlace = quality !== '0' && !isNothing(lat) && !isNothing(lon);
    const metres = numberOf(altitude);
    if (!Number.isNaN(metres)) height = { clock, altitude: metres };
    if (hasRmc || !hasPlace || onlyGga.length > BOUNDS.points) return;
    onlyGga.push({
      position: { ...positionOf(lat, ns, lon, ew), ...(Number.isNaN(metres) ? {} : { altitude: metres }) },
      clock,
      line,
    });
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
  for (const { position, clock, line: at } of onlyGga) {
    const stamp = readTime(clock.replace(/^(\d{2})(\d{2})(\d{2})/, '$1:$2:$3'));
    collector.add(position, { line: at }, clock === '' ? undefined : { text: clock, stamp });
  }
  if (broken > 0) {
    collector.note(
      l10n.t('Left out because their checksums are wrong: {count} sentences, the first in line {line}.', {
        count: broken,
        line: firstBroken,
      }),
    );
  }
  return 'stated';
}

/** All bytes between `$` and `*`, by exclusive or. */
function checksum(text: string): number {
  const from = text.indexOf('$') + 1;
  let sum = 0;
  for (let i = from; i < text.indexOf('*', from); i++) sum ^= text.charCodeAt(i);
  return sum;
}
