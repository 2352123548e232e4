import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { type OnboardingFields, type OnboardRequest, schemaOf } from '../cms/contract/fields.ts';
import { type FieldProblem, problemLine } from '../cms/contract/problems.ts';
import { columnsOf } from './manifestColumns.ts';
import { strangeKeys } from './strangeKeys.ts';
import { createMeant, type Meant } from './meantValues.ts';
import { type CsvCell, csvCellAt, readCsv } from './manifestCsv.ts';
import { readJson } from './manifestJson.ts';
import { type ManifestProblem, type ManifestRow, notChecked, type TextRange } from './manifestRows.ts';

/** A mistake in one column is a problem in every line: nobody reads thousands. */
const MOST_SHOWN = 100;
/** Nor does anybody need them all: what comes after so many is not checked. */
const MOST_PROBLEMS = 20_000;
/** Nobody looks through more words to choose one. */
const MOST_WORDS = 200;

export interface ManifestVehicle<R extends OnboardRequest = OnboardRequest> {
  /** Where it stands in the file, from 1. */
  line: number;
  request: R;
  warnings: Message[];
}

export type ManifestFormat = 'csv' | 'json';

/** By the end of the file's name: everything that is not `.json` is CSV. */
export function manifestFormatOf(fileName: string): ManifestFormat {
  return /\.json$/i.test(fileName) ? 'json' : 'csv';
}

export interface ManifestOptions<R extends OnboardRequest = OnboardRequest> {
  /** What a vehicle may have: one file holds vehicles of one generation. */
  fields: OnboardingFields<R>;
  format: ManifestFormat;
  /** Fields for vehicles that do not have them; the file's own defaults win. */
  defaults?: Record<string, unknown>;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * Reads and checks a whole manifest before anything is done.
 * @throws CmsError MANIFEST_INVALID, whose sentence lists the problems (the first hundred) with their lines
 */
export function readManifest<R extends OnboardRequest>(
  text: string,
  options: ManifestOptions<R>,
): ManifestVehicle<R>[] {
  const { vehicles, problems, unusualVin } = checkManifest(text, options);
  if (problems.length > 0) throw invalid(problems, unusualVin);
  return vehicles;
}

/**
 * The VINs in a manifest, for work that does not need to know the owners.
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestVins(
  text: string,
  fileName: string,
  fields: readonly OnboardingFields[],
  now: number,
): string[] {
  return manifestRequests(text, fileName, fields, now).map(({ vin }) => vin);
}

/**
 * The requests in a manifest, of whichever generation it is; what only onboarding needs may be absent.
 * @param given what counts for a vehicle whose line does not say it
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestRequests(
  text: string,
  fileName: string,
  fields: readonly OnboardingFields[],
  now: number,
  given: Readonly<Record<string, unknown>> = {},
): OnboardRequest[] {
  const format = manifestFormatOf(fileName);
  const read = fields.map((each) =>
    checkManifest(text, { format, fields: each, defaults: { ...given, ...each.unasked }, now }),
  );
  // Each file is of one generation. If it is of none, the one with the fewest problems was meant.
  const [best] = read.toSorted((a, b) => a.problems.length - b.problems.length);
  if (best === undefined) return [];
  if (best.problems.length > 0) throw invalid(best.problems, best.unusualVin);
  return best.vehicles.map(({ request }) => request);
}

/**
 * What is wrong with a manifest, by line and place, and what only looks mistyped; without a problem that is more than a
 * warning, `readManifest` takes it. For editors.
 */
export function manifestProblems(text: string, options: ManifestOptions): ManifestProblem[] {
  const { problems, warnings } = checkManifest(text, options);
  return [...problems, ...warnings].flatMap((problem) => problem.parts ?? [problem]);
}

/** A vehicle of a manifest by what it is called there. */
export interface ManifestName {
  /** Where it stands in the file, from 1. */
  line: number;
  /** In capitals, as a request has it. */
  vin: string;
}

/** Which vehicle stands where, whatever else is wrong in the file. For editors. */
export function manifestNames(
  text: string,
  fileName: string,
  fields: readonly OnboardingFields[],
): ManifestName[] {
  const [any] = fields;
  if (any === undefined) return [];
  // The column of the VIN is the same in every generation.
  const { rows } = manifestFormatOf(fileName) === 'json' ? readJson(text) : readCsv(text, columnsOf(any));
  return rows.flatMap(({ line, fields: { vin } }) =>
    typeof vin === 'string' ? [{ line, vin: vin.toUpperCase() }] : [],
  );
}

/** What can stand at an offset of a CSV manifest. */
export interface Completions {
  /** What of the text is there now. */
  range: TextRange;
  /** Of the header names of columns; else values of the field: those it takes, or those of the other vehicles. */
  field: string | undefined;
  words: { word: string; help: string | undefined }[];
  /** A word as it stands in the file. */
  write: (word: string) => string;
}

/** What can stand at an offset of a CSV manifest, of whichever generation it is. For editors. */
export function manifestCompletions(
  text: string,
  offset: number,
  generations: readonly OnboardingFields[],
): Completions | undefined {
  const words = new Map<string, string | undefined>();
  let found: CsvCell | undefined;
  for (const fields of generations) {
    const columns = columnsOf(fields);
    const { properties } = schemaOf(fields);
    const cell = csvCellAt(text, columns, offset);
    if (cell === undefined) continue;
    found ??= cell;
    if (cell.of === 'header') {
      const present = cell.others.map((name) => columns.fieldOf(name));
      for (const [name, { description }] of Object.entries(properties))
        if (!present.includes(name)) words.set(name, description);
    } else {
      const { enum: values, type } = properties[cell.of.field] ?? {};
      const taken =
        values ?? (type === 'boolean' ? [true, false] : cell.of.field === 'vin' ? [] : cell.others);
      for (const value of taken) if (value !== '') words.set(String(value), undefined);
    }
  }
  if (found === undefined) return undefined;
  return {
    range: found.range,
    field: found.of === 'header' ? undefined : found.of.field,
    words: [...words].slice(0, MOST_WORDS).map(([word, help]) => ({ word, help })),
    write: found.write,
  };
}

interface CheckedManifest<R extends OnboardRequest> {
  vehicles: ManifestVehicle<R>[];
  problems: ManifestProblem[];
  warnings: ManifestProblem[];
  /** Whether a VIN was refused that could be taken if one asked for it. */
  unusualVin: boolean;
}

function checkManifest<R extends OnboardRequest>(
  text: string,
  options: ManifestOptions<R>,
): CheckedManifest<R> {
  const { fields: of, format } = options;
  const columns = columnsOf(of);
  const { rows, problems } =
    format === 'json' ? readJson(text) : readCsv(text, columns, Object.keys(options.defaults ?? {}));
  if (rows.length === 0 && problems.length === 0) {
    problems.push({ line: 0, field: '', message: l10n.t('It lists no vehicles.') });
  }
  const vehicles: ManifestVehicle<R>[] = [];
  const warnings: ManifestProblem[] = [];
  const meant = createMeant(of);
  const seen = createContradictions(of);
  let unusualVin = false;
  for (const row of rows) {
    const { line, fields } = row;
    if (problems.length >= MOST_PROBLEMS) {
      problems.push({ line, field: '', message: notChecked() });
      break;
    }
    const { known, strange } = strangeKeys(row, columns);
    problems.push(...strange);
    const checked = of.check({ ...options.defaults, ...known }, options.now);
    if (checked.ok) {
      vehicles.push({ line, request: checked.request, warnings: checked.warnings });
      // What is unusual about a vehicle stands at its name.
      const about = { field: 'vin', isWarning: true };
      const unusual = checked.warnings.map((message) => placed({ ...about, message }, row, meant));
      warnings.push(...unusual.map((warning) => ({ ...warning, field: '' })));
    }
    const found = checked.ok
      ? seen(line, checked.request)
      : checked.problems.filter(({ field }) => row.settled?.includes(field) !== true);
    unusualVin ||=
      !checked.ok &&
      'allowAnyVin' in of.schema.shape &&
      typeof fields.vin === 'string' &&
      found.some(({ field }) => field === 'vin');
    problems.push(...found.map((problem) => placed(problem, row, meant)));
  }
  return { vehicles, problems: problems.toSorted((a, b) => a.line - b.line), warnings, unusualVin };
}

function placed(
  problem: FieldProblem & { isWarning?: boolean },
  { line, fields, rangeOf, write }: ManifestRow,
  meant: Meant,
): ManifestProblem {
  // An item of a list is underlined with its list.
  const [field = ''] = problem.field.split('.');
  const range = rangeOf?.(field);
  const value = fields[field];
  const instead = range === undefined || typeof value !== 'string' ? [] : meant(field, value);
  return { ...problem, line, range, ...(instead.length > 0 ? { instead: instead.map(write) } : {}) };
}

/** Finds what contradicts an earlier line. */
function createContradictions<R extends OnboardRequest>(
  fields: OnboardingFields<R>,
): (line: number, request: R) => FieldProblem[] {
  const lineOfVin = new Map<string, number>();
  const ofGeneration = fields.contradictions?.();
  return (line, request) => {
    const { vin } = request;
    const earlier = lineOfVin.get(vin);
    const problems: FieldProblem[] = [];
    if (earlier === undefined) lineOfVin.set(vin, line);
    else {
      const message = l10n.t('{vin} is already on line {line}.', { vin, line: earlier });
      problems.push({ field: 'vin', message });
    }
    problems.push(...(ofGeneration?.of(line, request) ?? []));
    return problems;
  };
}

function invalid(problems: readonly ManifestProblem[], unusualVin: boolean): CmsError {
  const count = problems.length;
  const lines = problems
    .slice(0, MOST_SHOWN)
    .map(({ line, ...problem }) =>
      line > 0
        ? l10n.t('- line {line}: {problem}', { line, problem: problemLine(problem) })
        : l10n.t('- {problem}', { problem: problemLine(problem) }),
    );
  if (count > MOST_SHOWN) lines.push(l10n.t('- and {count} more', { count: count - MOST_SHOWN }));
  const list = l10n.list(lines, 'lines');
  return new CmsError(
    'MANIFEST_INVALID',
    l10n.plural(
      count,
      l10n.t('The fleet manifest has a problem.\n{list}', { list }),
      l10n.t('The fleet manifest has {count} problems.\n{list}', { count, list }),
    ),
    { remedy: remedyFor(unusualVin), details: { problems: count } },
  );
}

/** A VIN that is refused may be none by its nature. */
function remedyFor(unusualVin: boolean): Message {
  const correct = l10n.t('Fix the problems listed; nothing has been done yet.');
  if (!unusualVin) return correct;
  return l10n.list(
    [
      correct,
      l10n.t(
        'Japanese frame numbers, vehicles built before 1981, and fictitious vehicles use other numbers: allow them with --allow-any-vin, or with "true" in a column allowAnyVin.',
      ),
    ],
    'sentences',
  );
}
