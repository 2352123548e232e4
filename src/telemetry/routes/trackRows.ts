import { l10n, type Message } from '../../core/message.ts';
import type { Collector, Position } from './collectRoutes.ts';
import { coordinateOf, pairOf } from './coordinate.ts';
import type { Columns } from './csvColumns.ts';
import { isNothing, numberOf } from './numbers.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';
import { joinTime, readTime, type Stamp } from './timeText.ts';

/** Why a cell cannot be read. */
const NO_COORDINATE: Readonly<Record<'latitude' | 'longitude', (cell: string) => Message>> = {
  latitude: (cell) => l10n.t('"{cell}" is not a latitude', { cell }),
  longitude: (cell) => l10n.t('"{cell}" is not a longitude', { cell }),
};
/** Vehicles or trips in one file; more names than that number the rows. */
const MOST_TRACKS = 10_000;
const NOT_VALID = /^(?:0|v|false|no|nein|non|invalid|ungültig|no[ _-]?fix|not valid)$/i;

interface Row {
  position: Position;
  where: Where;
  time: { text: string; stamp: Stamp | undefined } | undefined;
  /** In the order of the file. */
  order: number;
}

/**
 * Rows of a table with a position each, such as lines of a CSV or objects in a list. A column that names the vehicle
 * or the trip makes a route of each.
 */
export class TrackRows {
  readonly #file: string;
  readonly #collector: Collector;
  readonly #columns: Columns;
  readonly #tracks = new Map<string, Row[]>();
  #rows = 0;
  /** Columns of the time, once a row has shown what is in them. */
  #timeAt: { time: number; date?: number } | undefined;

  constructor(file: string, collector: Collector, columns: Columns) {
    this.#file = file;
    this.#collector = collector;
    this.#columns = columns;
  }

  add(cells: readonly string[], where: Where): void {
    const position = this.#position(cells, where);
    if (position === undefined) return;
    const time = this.#time(cells);
    const { tracks, id } = this.#columns;
    const named = tracks.length > 0 ? tracks : id === undefined ? [] : [id];
    if (named.length === 0) {
      this.#collector.add(position, where, time);
      return;
    }
    const name = named
      .map((index) => cells[index]?.trim() ?? '')
      .filter((part) => part !== '')
      .join(' ');
    // Rows that are numbered are one track; nothing is gained by keeping a list for each number.
    const key = this.#tracks.has(name) || this.#tracks.size < MOST_TRACKS ? name : '';
    const rows = this.#tracks.get(key) ?? [];
    this.#tracks.set(key, rows);
    rows.push({ position, where, time, order: this.#rows++ });
  }

  /** Hands on what waits for the rows to be complete. */
  async finish(): Promise<void> {
    if (this.#tracks.size === 0) return;
    const names = [...this.#tracks.keys()];
    // A column "id" or "name" may number the points; then it has about as many names as there are rows.
    const isNumbering = names.length * 2 > this.#rows || names.length >= MOST_TRACKS;
    if (names.length === 1 || isNumbering) {
      const all = [...this.#tracks.values()].flat().toSorted((a, b) => a.order - b.order);
      await this.#emit(all, names.length === 1 ? names[0] : undefined);
      return;
    }
    this.#collector.note(
      l10n.t('The rows belong to {count} vehicles or trips ({names}): each is a route.', {
        count: names.length,
        names: l10n.list(
          [...names.slice(0, 5).map((name) => name.slice(0, 40) || '?'), ...(names.length > 5 ? ['…'] : [])],
          'comma',
        ),
      }),
    );
    for (const [name, rows] of this.#tracks) await this.#emit(rows, name);
  }

  async #emit(rows: readonly Row[], name: string | undefined): Promise<void> {
    this.#collector.beginPart();
    await this.#collector.turns.each(rows, ({ position, where, time }) =>
      this.#collector.add(position, where, time),
    );
    this.#collector.endFeature(name);
  }

  #position(cells: readonly string[], where: Where): Position | undefined {
    const {
      latitude,
      longitude,
      altitude,
      altitudeUnit = 1,
      perDegree,
      valid,
      northSouth,
      eastWest,
      pair,
    } = this.#columns;
    const cell = (index: number | undefined) => (index === undefined ? '' : (cells[index] ?? ''));
    if (isNothing(cell(latitude)) || isNothing(cell(longitude))) {
      this.#collector.leaveOutRecord(where);
      return undefined;
    }
    if (valid !== undefined && NOT_VALID.test(cell(valid).trim())) {
      this.#collector.findings.count('invalidFix', where, { text: cell(valid).trim() });
      return undefined;
    }
    let position: Position;
    if (pair === undefined) {
      position = {
        latitude: coordinateOf(cell(latitude), cell(northSouth)) / perDegree,
        longitude: coordinateOf(cell(longitude), cell(eastWest)) / perDegree,
      };
    } else {
      position = pairOf(cell(latitude), pair === 'longitudeFirst') ?? { latitude: NaN, longitude: NaN };
    }
    for (const axis of ['latitude', 'longitude'] as const) {
      if (!Number.isNaN(position[axis])) continue;
      const text = cell(this.#columns[axis]).slice(0, 40);
      throw routeInvalid(this.#file, NO_COORDINATE[axis](text), where);
    }
    const height = cell(altitude);
    if (!isNothing(height)) position.altitude = numberOf(withPoint(height)) * altitudeUnit;
    else if (height.trim().toLowerCase() === 'nan') position.altitude = NaN;
    return position;
  }

  #time(cells: readonly string[]): { text: string; stamp: Stamp | undefined } | undefined {
    this.#timeAt ??= this.#timeColumns(cells);
    if (this.#timeAt === undefined) return undefined;
    const { time, date } = this.#timeAt;
    const clock = cells[time]?.trim() ?? '';
    if (date === undefined) return isNothing(clock) ? undefined : { text: clock, stamp: readTime(clock) };
    const day = cells[date]?.trim() ?? '';
    if (isNothing(clock) && isNothing(day)) return undefined;
    return { text: `${day} ${clock}`, stamp: joinTime(day, clock) };
  }

  /** What stands in the columns decides, not their names alone: TIME may be a time of day, and DATE all of it. */
  #timeColumns(cells: readonly string[]): { time: number; date?: number } | undefined {
    const { times, dates } = this.#columns;
    const filled = [...times, ...dates].filter((index) => !isNothing(cells[index]));
    const kindOf = (index: number) => readTime(cells[index] ?? '')?.kind;
    const whole = filled.find((index) => kindOf(index) === 'time');
    if (whole !== undefined) return { time: whole };
    for (const time of times.filter((index) => filled.includes(index))) {
      const date = dates.find(
        (index) => index !== time && joinTime(cells[index] ?? '', cells[time] ?? '')?.kind === 'time',
      );
      if (date !== undefined) return { time, date };
    }
    const next =
      filled.find((index) => kindOf(index) === 'clock') ?? filled.find((index) => kindOf(index) === 'number');
    const rest = next ?? filled[0];
    return rest === undefined ? undefined : { time: rest };
  }
}

/** `1.234,5` and `62,0` as spreadsheets of many countries write them. */
function withPoint(text: string): string {
  return /^\s*[-+]?\d+,\d*\s*$/.test(text) ? text.replace(',', '.') : text;
}
