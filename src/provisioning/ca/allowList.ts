import { parse } from 'csv-parse/sync';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { namesCertificate, type Allowed, type AllowList } from './judge.ts';

export const COLUMNS = [
  'vin',
  'thingName',
  'certificateId',
  'serialNumber',
  'publicKey',
  'notAfter',
] as const;
type Column = (typeof COLUMNS)[number];
/** Those of which a row has at least one when the list has any: a row without would let in any certificate. */
const IDENTIFYING: readonly Column[] = ['certificateId', 'serialNumber', 'publicKey'];
const BY_NAME: ReadonlyMap<string, Column> = new Map(COLUMNS.map((name) => [name.toLowerCase(), name]));

/** Whether a file is such a list; a fleet file has other columns. */
export function isAllowList(text: string): boolean {
  try {
    const [header] = rowsOf(text, 1);
    const columns = columnsIn(header?.cells ?? []);
    return columns.strange.length === 0 && columns.at('vin') !== undefined;
  } catch {
    return false;
  }
}

/**
 * A list of vehicles as `certificates issue` writes it, or one with only the column `vin`.
 * @param thingNameOf for lists without the column; undefined where the CMS alone knows it
 * @throws CmsError MANIFEST_INVALID, naming the line
 */
export function readAllowList(text: string, thingNameOf: (vin: string) => string | undefined): AllowList {
  const [header, ...lines] = rowsOf(text);
  const columns = columnsIn(header?.cells ?? []);
  if (columns.at('vin') === undefined || columns.strange.length > 0) {
    throw invalid(
      header?.line ?? 1,
      l10n.t('its columns are {known}; only vin is needed.', { known: COLUMNS.join(', ') }),
    );
  }
  const identifying = IDENTIFYING.filter((name) => columns.at(name) !== undefined);
  const list = new Map<string, Allowed>();
  /** What no two vehicles have in common, by column and value. */
  const seen = new Map<string, string>();
  for (const { line, cells } of lines) {
    if (cells.length < columns.count || cells.slice(columns.count).some((cell) => cell !== '')) {
      throw invalid(
        line,
        l10n.plural(
          cells.length,
          l10n.t('it has 1 cell, and the header has {columns}.', { columns: columns.count }),
          l10n.t('it has {count} cells, and the header has {columns}.', {
            count: cells.length,
            columns: columns.count,
          }),
        ),
      );
    }
    const cell = (name: Column): string | undefined => {
      const at = columns.at(name);
      const value = at === undefined ? undefined : cells[at];
      return value === '' ? undefined : value;
    };
    const vin = cell('vin');
    if (vin === undefined) throw invalid(line, l10n.t('it has no VIN.'));
    const thingName = thingNameIn(line, { vin, given: cell('thingName') }, thingNameOf);
    if (identifying.length > 0 && identifying.every((name) => cell(name) === undefined)) {
      throw invalid(
        line,
        l10n.t('it does not say which certificate {vin} has ({columns}).', {
          vin,
          columns: l10n.list(identifying, 'or'),
        }),
      );
    }
    if (list.has(thingName)) throw invalid(line, l10n.t('{vin} is in it twice.', { vin }));
    const entry: Allowed = {
      ...{ vin, thingName },
      certificateId: cell('certificateId')?.toLowerCase(),
      serialNumber: cell('serialNumber')?.toLowerCase(),
      publicKey: cell('publicKey')?.toLowerCase(),
    };
    for (const name of identifying) {
      // Two CAs may give one serial number; where it is all that tells vehicles apart, it has to.
      if (name === 'serialNumber' && namesCertificate(entry)) continue;
      const value = cell(name)?.toLowerCase();
      if (value === undefined) continue;
      const other = seen.get(`${name} ${value}`);
      if (other !== undefined)
        throw invalid(line, l10n.t('{vin} has the {column} of {other}.', { vin, column: name, other }));
      seen.set(`${name} ${value}`, vin);
    }
    list.set(thingName, entry);
  }
  return list;
}

/** The name of the thing that a VIN has in this CMS, which the list may repeat but not change. */
function thingNameIn(
  line: number,
  { vin, given }: { vin: string; given: string | undefined },
  thingNameOf: (vin: string) => string | undefined,
): string {
  let known: string | undefined;
  try {
    known = thingNameOf(vin);
  } catch (error) {
    throw isCmsError(error) ? invalid(line, error.sentence) : error;
  }
  if (given !== undefined && known !== undefined && given !== known) {
    throw invalid(
      line,
      l10n.t('the thing of {vin} is {known} in this CMS, not {given}.', { vin, known, given }),
    );
  }
  const name = given ?? known;
  if (name === undefined) throw invalid(line, l10n.t('it has no thingName, which this CMS alone knows.'));
  return name;
}

/** How many vehicles come in with any certificate of the CA that has their name. */
export function allowedByVinAlone(list: AllowList): number {
  let count = 0;
  for (const entry of list.values()) {
    if (!namesCertificate(entry) && entry.serialNumber === undefined) count += 1;
  }
  return count;
}

interface Row {
  line: number;
  cells: string[];
}

/** The columns of a header by their names, in which case does not matter; empty ones at its end do not count. */
function columnsIn(header: readonly string[]): {
  count: number;
  strange: string[];
  at: (name: Column) => number | undefined;
} {
  const count = header.findLastIndex((name) => name !== '') + 1;
  const places = new Map<Column, number>();
  const strange: string[] = [];
  for (const [index, name] of header.slice(0, count).entries()) {
    const column = BY_NAME.get(name.toLowerCase());
    if (name === '') continue;
    if (column === undefined || places.has(column)) strange.push(name);
    else places.set(column, index);
  }
  return { count, strange, at: (name) => places.get(name) };
}

/** @param most how many rows are read; undefined for all */
function rowsOf(text: string, most?: number): Row[] {
  try {
    const rows: unknown = parse(text, {
      ...(most === undefined ? {} : { to: most }),
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: [',', ';', '\t'],
    });
    return (rows as { info: { lines: number }; record: string[] }[]).map(({ info, record }) => ({
      line: info.lines,
      cells: record.map((cell) => cell.trim()),
    }));
  } catch (error) {
    const line =
      error instanceof Error && 'lines' in error && typeof error.lines === 'number' ? error.lines : 1;
    throw invalid(line, l10n.t('it is not a table.'));
  }
}

/**
 * The rows of a list that `certificates issue` wrote, by the names of their things, each as a line.
 * @throws CmsError MANIFEST_INVALID for any other file, so that none is overwritten
 */
export function writtenRows(text: string): ReadonlyMap<string, string> {
  const [header, ...lines] = rowsOf(text);
  if (header?.cells.join() !== COLUMNS.join()) {
    throw invalid(header?.line ?? 1, l10n.t('"certificates issue" did not write it.'));
  }
  const at = COLUMNS.indexOf('thingName');
  return new Map(lines.map(({ cells }) => [cells[at] ?? '', cells.join()]));
}

function invalid(line: number, why: Message): CmsError {
  return new CmsError(
    'MANIFEST_INVALID',
    l10n.t('Line {line} of the list of vehicles: {why}', { line, why }),
    {
      remedy: l10n.t('"certificates issue" writes such a list.'),
    },
  );
}
