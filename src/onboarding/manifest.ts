import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { OnboardingFields, OnboardRequest } from '../cms/contract/fields.ts';
import { type FieldProblem, problemLine } from '../cms/contract/problems.ts';
import { columnsOf } from './manifestColumns.ts';
import { readCsv } from './manifestCsv.ts';
import { readJson } from './manifestJson.ts';
import type { ManifestProblem, ManifestRow } from './manifestRows.ts';

/** A mistake in one column is a problem in every line: nobody reads thousands. */
const MOST_SHOWN = 100;

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
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestRequests(
  text: string,
  fileName: string,
  fields: readonly OnboardingFields[],
  now: number,
): OnboardRequest[] {
  const format = manifestFormatOf(fileName);
  const read = fields.map((each) =>
    checkManifest(text, { format, fields: each, defaults: each.unasked, now }),
  );
  // Each file is of one generation. If it is of none, the one with the fewest problems was meant.
  const [best] = read.toSorted((a, b) => a.problems.length - b.problems.length);
  if (best === undefined) return [];
  if (best.problems.length > 0) throw invalid(best.problems, best.unusualVin);
  return best.vehicles.map(({ request }) => request);
}

/** What is wrong with a manifest, by line; empty when `readManifest` would take it. For editors. */
export function manifestProblems(text: string, options: ManifestOptions): ManifestProblem[] {
  return checkManifest(text, options).problems;
}

interface CheckedManifest<R extends OnboardRequest> {
  vehicles: ManifestVehicle<R>[];
  problems: ManifestProblem[];
  /** Whether a VIN was refused that could be taken if one asked for it. */
  unusualVin: boolean;
}

function checkManifest<R extends OnboardRequest>(
  text: string,
  options: ManifestOptions<R>,
): CheckedManifest<R> {
  const { fields: of, format } = options;
  const { rows, problems } =
    format === 'json' ? readJson(text) : readCsv(text, columnsOf(of), Object.keys(options.defaults ?? {}));
  if (rows.length === 0 && problems.length === 0) {
    problems.push({ line: 0, field: '', message: l10n.t('It names no vehicle.') });
  }
  const vehicles: ManifestVehicle<R>[] = [];
  const seen = createContradictions(of);
  let unusualVin = false;
  for (const row of rows) {
    const { line, fields } = row;
    const checked = of.check({ ...options.defaults, ...fields }, options.now);
    if (checked.ok) vehicles.push({ line, request: checked.request, warnings: checked.warnings });
    const found = checked.ok
      ? seen(line, checked.request)
      : checked.problems.filter(({ field }) => row.settled?.includes(field) !== true);
    unusualVin ||=
      !checked.ok &&
      'allowAnyVin' in of.schema.shape &&
      typeof fields.vin === 'string' &&
      found.some(({ field }) => field === 'vin');
    problems.push(...found.map((problem) => placed(problem, row)));
  }
  return { vehicles, problems: problems.toSorted((a, b) => a.line - b.line), unusualVin };
}

function placed(problem: FieldProblem, { line, rangeOf }: ManifestRow): ManifestProblem {
  // An item of a list is underlined with its list.
  const [field = ''] = problem.field.split('.');
  return { ...problem, line, range: rangeOf?.(field) };
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
      const message = l10n.t('{vin} is on line {line} already.', { vin, line: earlier });
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
  const correct = l10n.t('Correct what is listed; nothing was done yet.');
  if (!unusualVin) return correct;
  return l10n.list(
    [
      correct,
      l10n.t(
        'Frame numbers of Japan, vehicles built before 1981 and made-up vehicles have other numbers: take them with --allow-any-vin, or with "true" in a column allowAnyVin.',
      ),
    ],
    'sentences',
  );
}
