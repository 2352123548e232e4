import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { readCsv } from './manifestCsv.ts';
import { readJson } from './manifestJson.ts';
import type { ManifestProblem, ManifestRow } from './manifestRows.ts';
import { type FieldProblem, problemLine } from './problems.ts';
import { checkRequest, type VehicleRequest } from './request.ts';

/** A mistake in one column is a problem in every line: nobody reads thousands. */
const MOST_SHOWN = 100;

export interface ManifestVehicle {
  /** Where it stands in the file, from 1. */
  line: number;
  request: VehicleRequest;
  warnings: Message[];
}

export type ManifestFormat = 'csv' | 'json';

/** By the end of the file's name: everything that is not `.json` is CSV. */
export function manifestFormatOf(fileName: string): ManifestFormat {
  return /\.json$/i.test(fileName) ? 'json' : 'csv';
}

export interface ManifestOptions {
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
export function readManifest(text: string, options: ManifestOptions): ManifestVehicle[] {
  const { vehicles, problems, unusualVin } = checkManifest(text, options);
  if (problems.length > 0) throw invalid(problems, unusualVin);
  return vehicles;
}

/**
 * The VINs in a manifest, for work that does not need to know the owners.
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestVins(text: string, fileName: string, now: number): string[] {
  return manifestRequests(text, fileName, now).map(({ vin }) => vin);
}

/**
 * The requests in a manifest. Where it names no owner, the owner is a made-up one.
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestRequests(text: string, fileName: string, now: number): VehicleRequest[] {
  // These names only complete the manifest, so that its own check can be used.
  const defaults = { username: 'nobody', firstName: '-', lastName: '-' };
  const vehicles = readManifest(text, { format: manifestFormatOf(fileName), defaults, now });
  return vehicles.map(({ request }) => request);
}

/** What is wrong with a manifest, by line; empty when `readManifest` would take it. For editors. */
export function manifestProblems(text: string, options: ManifestOptions): ManifestProblem[] {
  return checkManifest(text, options).problems;
}

function checkManifest(
  text: string,
  options: ManifestOptions,
): { vehicles: ManifestVehicle[]; problems: ManifestProblem[]; unusualVin: boolean } {
  const { rows, problems } =
    options.format === 'json' ? readJson(text) : readCsv(text, Object.keys(options.defaults ?? {}));
  if (rows.length === 0 && problems.length === 0) {
    problems.push({ line: 0, field: '', message: l10n.t('It names no vehicle.') });
  }
  const vehicles: ManifestVehicle[] = [];
  const seen = createContradictions();
  let unusualVin = false;
  for (const row of rows) {
    const { line, fields } = row;
    const checked = checkRequest({ ...options.defaults, ...fields }, options.now);
    if (checked.ok) vehicles.push({ line, request: checked.request, warnings: checked.warnings });
    const found = checked.ok
      ? seen(line, checked.request)
      : checked.problems.filter(({ field }) => row.settled?.includes(field) !== true);
    unusualVin ||=
      !checked.ok && typeof fields.vin === 'string' && found.some(({ field }) => field === 'vin');
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
function createContradictions(): (line: number, request: VehicleRequest) => FieldProblem[] {
  const lineOfVin = new Map<string, number>();
  const users = new Map<string, { line: number; firstName: string; lastName: string }>();
  return (line, { vin, username, firstName, lastName }) => {
    const problems: FieldProblem[] = [];
    const earlier = lineOfVin.get(vin);
    if (earlier === undefined) lineOfVin.set(vin, line);
    else {
      const message = l10n.t('{vin} is on line {line} already.', { vin, line: earlier });
      problems.push({ field: 'vin', message });
    }
    // The asset library keeps users by their lower-cased name.
    const user = users.get(username.toLowerCase());
    if (user === undefined) users.set(username.toLowerCase(), { line, firstName, lastName });
    else if (user.firstName !== firstName || user.lastName !== lastName) {
      const message = l10n.t('"{username}" is {name} here, but {otherName} on line {line}.', {
        username,
        name: `${firstName} ${lastName}`,
        otherName: `${user.firstName} ${user.lastName}`,
        line: user.line,
      });
      problems.push({ field: 'username', message });
    }
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
