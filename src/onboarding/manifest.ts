import { z } from 'zod';
import { CmsError, messageOf } from '../core/errors.ts';
import { linesOfItems } from './jsonLines.ts';
import { readCsv, type ManifestProblem, type ManifestRow } from './manifestCsv.ts';
import { checkRequest, vehicleRequestSchema, type VehicleRequest } from './request.ts';

/** A vehicle of a manifest: all that `defaults` give may be absent. */
const entrySchema = vehicleRequestSchema.partial().required({ vin: true });

/** The JSON form of a fleet manifest. */
const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  defaults: vehicleRequestSchema
    .omit({ vin: true })
    .partial()
    .optional()
    .describe('Fields for every vehicle that does not say otherwise'),
  vehicles: z.array(entrySchema).min(1),
});

/** The manifest's frame; each vehicle is checked on its own, so that every problem gets its line. */
const frameSchema = z.strictObject({
  ...manifestSchema.shape,
  defaults: z.record(z.string(), z.unknown()).optional(),
  vehicles: z.array(z.unknown()),
});

/** One mistake in a column is a problem in every line: nobody reads thousands. */
const MOST_SHOWN = 100;

export interface ManifestVehicle {
  /** Where it stands in the file, from 1. */
  line: number;
  request: VehicleRequest;
  warnings: string[];
}

export type ManifestFormat = 'csv' | 'json';

/** By the end of the file's name: everything that is not `.json` is CSV. */
export function manifestFormatOf(fileName: string): ManifestFormat {
  return /\.json$/i.test(fileName) ? 'json' : 'csv';
}

/** For editors: completion and checks while a manifest is written. */
export function manifestJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(manifestSchema, { io: 'input' }),
    title: 'Fleet manifest of CMS Enablement',
  };
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
 * @throws CmsError MANIFEST_INVALID, whose message lists the problems (the first hundred) with their lines
 */
export function readManifest(text: string, options: ManifestOptions): ManifestVehicle[] {
  const { vehicles, problems } = checkManifest(text, options);
  if (problems.length > 0) throw invalid(problems);
  return vehicles;
}

/**
 * The vehicles a manifest names, for work that owners are no concern of.
 * @throws CmsError MANIFEST_INVALID
 */
export function manifestVins(text: string, fileName: string, now: number): string[] {
  return manifestRequests(text, fileName, now).map(({ vin }) => vin);
}

/**
 * The same with all that is said of each vehicle; its owner may be made up.
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
): { vehicles: ManifestVehicle[]; problems: ManifestProblem[] } {
  const { rows, problems } = options.format === 'json' ? readJson(text) : readCsv(text);
  if (rows.length === 0 && problems.length === 0) problems.push({ line: 0, message: 'It names no vehicle.' });

  const vehicles: ManifestVehicle[] = [];
  for (const { line, fields } of rows) {
    const checked = checkRequest({ ...options.defaults, ...fields }, options.now);
    if (checked.ok) {
      vehicles.push({ line, request: checked.request, warnings: checked.warnings });
    } else {
      for (const { field, message } of checked.problems) {
        problems.push({ line, message: field ? `${field}: ${message}` : message });
      }
    }
  }
  problems.push(...contradictions(vehicles));
  return { vehicles, problems: problems.toSorted((a, b) => a.line - b.line) };
}

function readJson(text: string): { rows: ManifestRow[]; problems: ManifestProblem[] } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return { rows: [], problems: [{ line: 0, message: `It is not JSON: ${messageOf(error)}.` }] };
  }
  const frame = frameSchema.safeParse(value);
  if (!frame.success) {
    const problems = frame.error.issues.map((issue) => ({
      line: 0,
      message: `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}.`,
    }));
    return { rows: [], problems };
  }
  const lines = linesOfItems(text, 'vehicles');
  const rows: ManifestRow[] = [];
  const problems: ManifestProblem[] = [];
  for (const [i, item] of frame.data.vehicles.entries()) {
    const line = lines[i] ?? 0;
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      rows.push({ line, fields: { ...frame.data.defaults, ...item } });
    } else {
      problems.push({ line, message: 'A vehicle must be an object.' });
    }
  }
  return { rows, problems };
}

/** What only shows when all vehicles are seen together. */
function contradictions(vehicles: readonly ManifestVehicle[]): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const byVin = new Map<string, number>();
  const byUser = new Map<string, ManifestVehicle>();
  for (const vehicle of vehicles) {
    const { vin, username, firstName, lastName } = vehicle.request;
    const { line } = vehicle;
    const earlier = byVin.get(vin);
    if (earlier !== undefined) problems.push({ line, message: `vin: ${vin} is on line ${earlier} already.` });
    else byVin.set(vin, line);

    // The asset library keeps users by their lower-cased name.
    const user = byUser.get(username.toLowerCase());
    if (!user) byUser.set(username.toLowerCase(), vehicle);
    else if (user.request.firstName !== firstName || user.request.lastName !== lastName) {
      problems.push({
        line,
        message: `username: "${username}" is ${firstName} ${lastName} here, but ${user.request.firstName} ${user.request.lastName} on line ${user.line}.`,
      });
    }
  }
  return problems;
}

function invalid(problems: ManifestProblem[]): CmsError {
  const lines = problems.map(({ line, message }) =>
    line > 0 ? `- line ${line}: ${message}` : `- ${message}`,
  );
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  const shown = lines.slice(0, MOST_SHOWN);
  if (shown.length < lines.length) shown.push(`- and ${lines.length - shown.length} more`);
  return new CmsError('MANIFEST_INVALID', `The fleet manifest has ${count}.\n${shown.join('\n')}`, {
    remedy: 'Correct what is listed; nothing was done yet.',
    details: { problems: lines.length },
  });
}
