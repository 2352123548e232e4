import { l10n, type Message } from '../../core/message.ts';
import { roughDistance } from '../drive/position.ts';
import type { Collector, Position } from './collector.ts';
import { coordinateOf, hasLetterO, isSplitNumber, pairOf, type LetterO } from './coordinate.ts';
import type { Columns } from './csvColumns.ts';
import { scaleIn, withHemispheres, withoutCourse } from './columnContents.ts';
import { placeOf } from './findings.ts';
import { isNoNumber, isNothing, numberOf, withPoint } from './numbers.ts';
import { routeInvalid, type Where } from './routeInvalid.ts';
import { TimeColumns, type RowTime } from './timeColumns.ts';
import { TrackGuess } from './trackGuess.ts';

/** Why a cell cannot be read. */
const NO_COORDINATE: Readonly<Record<'latitude' | 'longitude', (cell: string) => Message>> = {
  latitude: (cell) => l10n.t('"{cell}" isn’t a valid latitude', { cell }),
  longitude: (cell) => l10n.t('"{cell}" isn’t a valid longitude', { cell }),
};
/** Vehicles or trips in one file; more names than that number the rows. */
const MOST_TRACKS = 10_000;
const NOT_VALID = /^(?:0|v|false|no|nein|non|invalid|ungültig|no[ _-]?fix|not valid)$/i;

/** Meters; no vehicle reports so seldom that most of its points are farther apart. */
const LEG_OF_METERS = 5_000;
const MOST_LEGS = 1_000;
/** Rows at the top that show what stands in the columns. */
const FIRST_ROWS = 30;

interface Row {
  position: Position;
  where: Where;
  time: RowTime | undefined;
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
  #columns: Columns;
  readonly #times: TimeColumns;
  readonly #tracks = new Map<string, Row[]>();
  #rows = 0;
  /** The first rows, until they have shown what stands in the columns. */
  #first: { cells: readonly string[]; where: Where }[] | undefined = [];
  #guess: TrackGuess | undefined;
  #isSwapped: boolean | undefined;
  /** The way from row to row, in a table of x and y. */
  #legs: number[] = [];
  #before: Position | undefined;

  constructor(file: string, collector: Collector, columns: Columns) {
    this.#file = file;
    this.#collector = collector;
    this.#columns = columns;
    this.#times = new TimeColumns(columns);
  }

  add(row: readonly string[], where: Where): void {
    // What a sheet writes before a text, to keep it one.
    const isText = row[this.#columns.latitude]?.startsWith("'") === true;
    const cells = isText ? row.map((cell) => cell.replace(/^'([^]*?)'?$/, '$1')) : row;
    if (this.#first === undefined) {
      this.#add(cells, where);
      return;
    }
    this.#first.push({ cells, where });
    if (this.#first.length >= FIRST_ROWS) this.#begin();
  }

  /** Looks at the first rows together, and hands them on. */
  #begin(): void {
    const first = this.#first ?? [];
    this.#first = undefined;
    const rows = first.map(({ cells }) => cells);
    this.#columns = withHemispheres(withoutCourse(this.#columns, rows), rows);
    const scale = scaleIn(this.#columns, rows);
    if (scale !== undefined) {
      this.#columns = { ...this.#columns, perDegree: scale.perDegree };
      this.#collector.findings.count(scale.unit, first[0]?.where ?? {});
    }
    this.#times.passOver(rows);
    if (!this.#times.isNamed || rows.every((cells) => this.#times.of(cells) === undefined))
      this.#times.guess(rows);
    const { guessed } = this.#times;
    if (guessed !== undefined)
      this.#collector.findings.count('timeColumn', first[0]?.where ?? {}, { text: guessed });
    const { perhaps } = this.#times;
    if (perhaps !== undefined)
      this.#collector.findings.count('perhapsTimes', first[0]?.where ?? {}, { text: perhaps });
    const { tracks, id, others } = this.#columns;
    if (tracks.length === 0 && id === undefined && others.length > 0) this.#guess = new TrackGuess(others);
    for (const { cells, where } of first) this.#add(cells, where);
  }

  #add(cells: readonly string[], where: Where): void {
    const position = this.#position(cells, where);
    if (position === undefined) return;
    const time = this.#times.of(cells);
    const { tracks, id } = this.#columns;
    const named = tracks.length > 0 ? tracks : id === undefined ? [] : [id];
    if (named.length === 0) {
      if (this.#collector.add(position, where, time))
        this.#guess?.add(cells, this.#hasFix(position) ? position : undefined, time?.stamp, where);
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
    this.#collector.keep(where);
    rows.push({ position, where, time, order: this.#rows++ });
  }

  /** Whether a position is none of those that devices write without a fix. They are left out when the file is complete. */
  #hasFix({ latitude, longitude }: Position): boolean {
    if (latitude === 0 || longitude === 0 || latitude === longitude) return false;
    // Where latitude and longitude are swapped, all rows show it.
    const isBeyond = Math.abs(latitude) > 90;
    this.#isSwapped ??= isBeyond;
    return isBeyond === this.#isSwapped;
  }

  /** Hands on what waits for the rows to be complete. */
  async finish(): Promise<void> {
    if (this.#first !== undefined) this.#begin();
    this.#sayMeters();
    if (this.#tracks.size === 0) {
      this.#useGuess();
      return;
    }
    const names = [...this.#tracks.keys()];
    const { tracks } = this.#columns;
    // A column "id" may number the points; then it has about as many names as there are rows.
    const mostNames = tracks.length > 0 ? this.#rows - 1 : this.#rows / 2;
    const isNumbering = names.length >= MOST_TRACKS || names.length > mostNames;
    if (isNumbering && tracks.length > 0 && this.#rows > 1)
      this.#collector.findings.count('eachRowNamed', {}, { text: this.#columnName(tracks[0]) });
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

  #columnName(index: number | undefined): string {
    return index === undefined ? '' : (this.#columns.header?.[index] ?? '');
  }

  /** Where a column shows by its content that it tells vehicles or trips apart. */
  #useGuess(): void {
    const found = this.#guess?.best();
    if (found === undefined) return;
    const { index, names, groups, changed, isSure } = found;
    const shown = [
      ...names.slice(0, 5).map((name) => name.slice(0, 40) || '?'),
      ...(names.length > 5 ? ['…'] : []),
    ];
    const values = {
      column: this.#columnName(index).slice(0, 40),
      count: names.length,
      names: l10n.list(shown, 'comma'),
    };
    if (!isSure) {
      this.#collector.note(
        l10n.t(
          'The column "{column}" has {count} values that repeat ({names}), the second one in {place}. If they identify vehicles or trips, rename it vehicle_id: each one then becomes a route.',
          { ...values, place: placeOf(changed) },
        ),
      );
      return;
    }
    this.#collector.regroup((at) => names[groups[at] ?? 0] ?? '');
    this.#collector.note(
      l10n.t(
        'The rows belong to {count} vehicles or trips ({names}), as the column "{column}" shows: each is a route.',
        values,
      ),
    );
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
    const nowhere = (['latitude', 'longitude'] as const).find((axis) =>
      isNoNumber(cell(this.#columns[axis])),
    );
    if (nowhere !== undefined) {
      const text = cell(this.#columns[nowhere]).slice(0, 40);
      this.#collector.leaveOutRecord(where, isNothing(text) ? undefined : NO_COORDINATE[nowhere](text));
      return undefined;
    }
    if (valid !== undefined && NOT_VALID.test(cell(valid).trim())) {
      this.#collector.findings.count('invalidFix', where, { text: cell(valid).trim() });
      return undefined;
    }
    let position: Position;
    const letterO = this.#letterO(eastWest === undefined ? cell(longitude) : cell(eastWest), where);
    if (pair === undefined) {
      position = {
        latitude: coordinateOf(cell(latitude), cell(northSouth)) / perDegree,
        longitude: coordinateOf(cell(longitude), cell(eastWest), letterO) / perDegree,
      };
    } else {
      position = pairOf(cell(latitude), pair === 'longitudeFirst', letterO) ?? {
        latitude: NaN,
        longitude: NaN,
      };
    }
    for (const axis of ['latitude', 'longitude'] as const) {
      if (!Number.isNaN(position[axis])) continue;
      const text = cell(this.#columns[axis]).slice(0, 40);
      const said = isSplitNumber(text) ? { remedy: splitNumber() } : {};
      throw routeInvalid(this.#file, NO_COORDINATE[axis](text), where, undefined, said);
    }
    this.#measure(position);
    const height = cell(altitude);
    if (!isNothing(height)) position.altitude = numberOf(withPoint(height)) * altitudeUnit;
    else if (height.trim().toLowerCase() === 'nan') position.altitude = NaN;
    return position;
  }

  /** What the letter O means, and a note that it could mean the other. */
  #letterO(text: string, where: Where): LetterO {
    const { letterO } = this.#columns;
    if (!hasLetterO(text)) return letterO ?? 'east';
    this.#collector.findings.count(letterO === 'west' ? 'letterOWest' : 'letterOEast', where, {
      text: text.trim(),
    });
    return letterO ?? 'east';
  }

  #measure(position: Position): void {
    if (this.#columns.isXy !== true) return;
    if (this.#before !== undefined && this.#legs.length < MOST_LEGS)
      this.#legs.push(roughDistance(this.#before, position));
    this.#before = position;
  }

  /** x and y are meters in some coordinate system more often than degrees. */
  #sayMeters(): void {
    const usual = this.#legs.toSorted((a, b) => a - b)[this.#legs.length >> 1] ?? 0;
    if (usual < LEG_OF_METERS) return;
    const { longitude, latitude } = this.#columns;
    this.#collector.note(
      l10n.t(
        'The columns {x} and {y} are read as degrees, and most points are more than {distance} km ({miles} mi) apart: they may be meters, which do not say where on the earth they are.',
        {
          x: this.#columnName(longitude),
          y: this.#columnName(latitude),
          distance: LEG_OF_METERS / 1000,
          miles: Math.round(LEG_OF_METERS / 1609.344),
        },
      ),
    );
  }
}

function splitNumber(): Message {
  return l10n.t(
    'A spreadsheet has added thousands separators to the numbers. Format the columns as text before you open or import the file, and save it again.',
  );
}
