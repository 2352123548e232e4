import { l10n, type Message } from '../core/message.ts';
import type { TextRange, ManifestProblem } from './manifestRows.ts';
import type { Columns } from './manifestColumns.ts';

/** Lines among which the header is looked for, to say where it should stand. */
const SEARCHED = 20;

export interface CsvRecord {
  line: number;
  cells: string[];
}

interface Header {
  names: readonly string[];
  /** Of each name, where it is one's. */
  fields: readonly (string | undefined)[];
  placeOf: (column: number) => TextRange | undefined;
  /** Fields that a vehicle has without a column. */
  given: readonly string[];
}

/** What is wrong with the names of the columns, as problems of the first line. */
export function headerProblems(
  columns: Columns,
  { names, fields, given, placeOf }: Header,
  records: readonly CsvRecord[],
): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const about = { line: records[0]?.line ?? 0, field: '' };
  const say = (message: Message, more?: Partial<ManifestProblem>) =>
    problems.push({ ...about, message, ...more });
  const known = fields.filter((field) => field !== undefined);
  if (known.length === 0) {
    const other = records
      .slice(1, SEARCHED)
      .find(({ cells }) => cells.some((cell) => columns.fieldOf(cell) === 'vin'));
    if (other !== undefined) {
      say(
        l10n.t('This is not a header, but line {line} is: delete the lines above it.', { line: other.line }),
      );
      return problems;
    }
  }
  // Spreadsheets write a delimiter more where a column was once.
  const filled = new Set<number>();
  for (const { cells } of records) {
    for (const [i, cell] of cells.entries()) {
      if (i >= names.length) break;
      if (names[i] === '' && cell.trim() !== '') filled.add(i);
    }
  }
  const isEmpty = (i: number) => names[i] === '' && !filled.has(i);
  const unknown = [...names.entries()].filter(([i]) => fields[i] === undefined && !isEmpty(i));
  if (unknown.length > 0) {
    const parts = unknown.map(([i, name]) => ({
      ...about,
      message: columns.unknown([name]),
      range: placeOf(i),
      instead: columns.meant(name).filter((field) => !known.includes(field)),
    }));
    say(columns.unknown(unknown.map(([, name]) => name)), { parts });
  }
  const twice = [...fields.entries()].filter(
    ([i, field]) => field !== undefined && fields.indexOf(field) !== i,
  );
  const [first] = twice;
  if (first !== undefined) {
    const [again] = first;
    const several = [...new Set(twice.map(([, field]) => field))];
    say(l10n.t('More than one column is named {names}.', { names: several.join(', ') }), {
      range: placeOf(again),
    });
  }
  const absent = columns.required.filter((field) => !known.includes(field) && !given.includes(field));
  if (absent.length > 0) {
    say(
      l10n.plural(
        absent.length,
        l10n.t('The column {names} is missing.', { names: absent.join(', ') }),
        l10n.t('The columns {names} are missing.', { names: absent.join(', ') }),
      ),
    );
  }
  return problems;
}
