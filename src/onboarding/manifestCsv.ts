import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { l10n } from '../core/message.ts';
import type { ManifestProblem, ManifestRows } from './manifestRows.ts';
import { vehicleRequestSchema } from './request.ts';

/** Of one vehicle; a quotation mark that is never closed ends here. */
const MOST_RECORD_BYTES = 2 ** 20;

/** What JSON type each field has, so that the text of a cell becomes it. */
const types = fieldTypes();

/**
 * Reads a CSV with a header line (RFC 4180; comma, semicolon or tab, as the header shows). A column is a field of
 * the request; case, spaces, `-` and `_` in its name do not count. An empty cell is an absent field; a cell of a list
 * has blanks, `;`, `,` or `|` between its words.
 */
export function readCsv(text: string): ManifestRows {
  const problems: ManifestProblem[] = [];
  const firstLine = /^\uFEFF?([^\r\n]*)/.exec(text)?.[1] ?? '';
  const columns = (header: string[]): string[] => {
    const fields = header.map((name) => fieldOf(name) ?? name);
    const unknown = header.filter((name) => fieldOf(name) === undefined);
    if (unknown.length > 0) {
      const names = unknown.map((name) => `"${name}"`).join(', ');
      problems.push({ line: 1, field: '', message: l10n.t('There is no field for {names}.', { names }) });
    }
    const twice = fields.filter((field, i) => fields.indexOf(field) !== i);
    if (twice.length > 0) {
      const names = [...new Set(twice)].join(', ');
      problems.push({ line: 1, field: '', message: l10n.t('More than one column is {names}.', { names }) });
    }
    return fields;
  };
  try {
    const records = parse<Record<string, string>>(text, {
      bom: true,
      columns,
      delimiter: delimiterOf(firstLine),
      info: true,
      max_record_size: MOST_RECORD_BYTES,
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
    return { rows: [], problems: [...problems, { line, field: '', message: l10n.verbatim(error.message) }] };
  }
}

function delimiterOf(firstLine: string): string {
  const count = (c: string): number => firstLine.split(c).length;
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
