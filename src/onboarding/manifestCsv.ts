import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { vehicleRequestSchema } from './request.ts';

export interface ManifestRow {
  line: number;
  fields: Record<string, unknown>;
}

export interface ManifestProblem {
  /** From 1; 0 is about the whole file. */
  line: number;
  message: string;
}

/** What JSON type each field has, so that the text of a cell becomes it. */
const types = fieldTypes();

/**
 * Reads a CSV with a header line (RFC 4180; comma, semicolon or tab, as the header shows). A column is a field of
 * the request; case, spaces, `-` and `_` in its name do not count. An empty cell is an absent field; a cell of a list
 * has blanks, `;`, `,` or `|` between its words.
 */
export function readCsv(text: string): { rows: ManifestRow[]; problems: ManifestProblem[] } {
  const problems: ManifestProblem[] = [];
  const header = /^\uFEFF?([^\r\n]*)/.exec(text)?.[1] ?? '';
  const columns = (names: string[]): string[] => {
    const fields = names.map((name) => fieldOf(name) ?? name);
    const unknown = names.filter((name) => fieldOf(name) === undefined);
    if (unknown.length > 0) {
      problems.push({
        line: 1,
        message: `There is no field for ${unknown.map((n) => `"${n}"`).join(', ')}.`,
      });
    }
    const twice = fields.filter((field, i) => fields.indexOf(field) !== i);
    if (twice.length > 0) {
      problems.push({ line: 1, message: `More than one column is ${[...new Set(twice)].join(', ')}.` });
    }
    return fields;
  };
  try {
    const records = parse<Record<string, string>>(text, {
      bom: true,
      columns,
      delimiter: delimiterOf(header),
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
    const rows = (records as unknown as { record: Record<string, string>; info: { lines: number } }[]).map(
      ({ record, info }) => ({ line: info.lines, fields: typed(record) }),
    );
    return { rows, problems };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 0;
    return { rows: [], problems: [...problems, { line, message: error.message }] };
  }
}

function delimiterOf(header: string): string {
  const count = (c: string): number => header.split(c).length;
  return [',', ';', '\t'].reduce((best, c) => (count(c) > count(best) ? c : best));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

function fieldOf(column: string): string | undefined {
  return Object.keys(types).find((field) => plain(field) === plain(column));
}

function typed(record: Record<string, string>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [field, cell] of Object.entries(record)) {
    if (cell !== '' && field in types) fields[field] = valueOf(cell, types[field]);
  }
  return fields;
}

/** What cannot be read as the wanted type stays text, and the schema then says what it expects. */
function valueOf(cell: string, type: string | undefined): unknown {
  if (type === 'number' || type === 'integer') {
    const value = Number(cell);
    return Number.isNaN(value) ? cell : value;
  }
  if (type === 'boolean') {
    if (/^(true|yes|1)$/i.test(cell)) return true;
    if (/^(false|no|0)$/i.test(cell)) return false;
  }
  // Several words in one cell: blanks between them, or what is no delimiter of this file.
  if (type === 'array') return cell.split(/[\s;,|]+/).filter((word) => word !== '');
  return cell;
}

function fieldTypes(): Record<string, string | undefined> {
  const { properties = {} } = z.toJSONSchema(vehicleRequestSchema, { io: 'input' });
  return Object.fromEntries(
    Object.entries(properties).map(([field, schema]) => [
      field,
      typeof schema === 'object' && typeof schema.type === 'string' ? schema.type : undefined,
    ]),
  );
}
