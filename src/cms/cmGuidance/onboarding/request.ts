import * as z from 'zod';
import { defined } from '../../../core/defined.ts';
import { ownSentence } from '../../../core/issues.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { invalidRequest, type RequestCheck, schemaProblems } from '../../contract/fields.ts';
import type { FieldProblem } from '../../contract/problems.ts';
import type { ProvisionWishes } from '../../contract/provisioner.ts';
import { firstPlace, tags } from '../../kit/requestFields.ts';
import { parseVin, vinProblem } from '../../contract/vin.ts';

/** What the CMS is told of a vehicle that nobody described. */
export const UNDESCRIBED = { make: 'Acme', model: 'DN', modelYear: 2019 } as const;

const text = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}*$/u, ownSentence(l10n.t('must not contain control characters')));

/** One vehicle to onboard; flat, as a row of a fleet file is. Names that other generations have, too, mean the same. */
export const requestSchema = z.strictObject({
  vin: z.string().describe('17 characters of ISO 3779; the thing is called like it'),
  allowAnyVin: z.boolean().default(false).describe('Accept any VIN of letters and digits'),
  username: z.string().trim().min(1).max(128).describe('E-mail address of the user who signs in'),
  make: text.optional().describe('Make of the vehicle'),
  model: text.optional().describe('Model of the vehicle'),
  modelYear: z
    .number({
      error: ({ input }) => (input === undefined ? undefined : ownSentence(l10n.t('must be a number'))),
    })
    .int()
    .min(1920)
    .max(2100)
    .optional()
    .describe('Four digits, from 1920 up to two years from now'),
  fuelType: z
    .enum(['Gas', 'Diesel', 'EV', 'Hybrid_MHEV', 'Hybrid_PHEV'])
    .default('Gas')
    .describe('What it runs on; EV drives on a battery'),
  vehicleType: text.default('sedan').describe('Kind of vehicle, as the CMS shows it'),
  color: text.optional().describe('Color, as the CMS shows it'),
  licensePlate: text.optional().describe('License plate'),
  fleetName: text.describe('Name or id of the fleet; created if no fleet has this name'),
  modelManifest: text
    .optional()
    .describe(
      'Name of the model manifest (default: the one marked as default, or the one that the CMS seeds)',
    ),
  makeManifest: z
    .enum(['no', 'yes'])
    .default('no')
    .describe('Whether to create a model manifest if there is none: "yes", or "no"'),
  enrollment: z
    .enum(['api', 'table'])
    .default('api')
    .describe(
      'How the vehicle is enrolled in its fleet: by the API only ("api"), or in the table of the CMS where its gateway has no route for that ("table")',
    ),
  keys: z
    .enum(['keys', 'csr-rsa', 'csr-ec'])
    .default('keys')
    .describe('Who makes the key: AWS IoT ("keys"), or this machine ("csr-rsa", "csr-ec")'),
  ...firstPlace,
  tags,
});

/** A checked request: its VIN is in upper case. */
export type VehicleRequest = z.infer<typeof requestSchema>;

export function checkRequest(input: unknown, now: number): RequestCheck<VehicleRequest> {
  const parsed = requestSchema.safeParse(input, { reportInput: true });
  const problems = parsed.success ? [] : schemaProblems(requestSchema, parsed.error);
  problems.push(...furtherProblems(input, now).filter((p) => !problems.some((q) => q.field === p.field)));
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const { vin, warning } = parseVin(parsed.data.vin, parsed.data);
  return { ok: true, request: { ...parsed.data, vin }, warnings: warning === undefined ? [] : [warning] };
}

/** @throws CmsError VIN_INVALID if only the VIN is wrong, else REQUEST_INVALID with all problems in its sentence */
export function parseRequest(input: unknown, now: number): { request: VehicleRequest; warnings: Message[] } {
  const checked = checkRequest(input, now);
  if (checked.ok) return checked;
  const raw = recordOf(input);
  if (checked.problems.every(({ field }) => field === 'vin') && typeof raw.vin === 'string') {
    parseVin(raw.vin, { allowAnyVin: raw.allowAnyVin === true });
  }
  throw invalidRequest(checked.problems);
}

export function wishesOf({ keys, fuelType, tags }: VehicleRequest): ProvisionWishes {
  return { keys, templateName: '', claim: { kind: 'temporary' }, ...defined({ fuelType, tags }) };
}

/** Users of this CMS are e-mail addresses. */
export function usernameProblem(name: string): Message | undefined {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) ? undefined : l10n.t('must be an e-mail address.');
}

function recordOf(input: unknown): Record<string, unknown> {
  return typeof input === 'object' && input !== null ? { ...input } : {};
}

/** What a schema of single fields cannot say. */
function furtherProblems(input: unknown, now: number): FieldProblem[] {
  const { vin, allowAnyVin, modelYear, username, latitude, longitude } = recordOf(input);
  const problems: FieldProblem[] = [];
  if (typeof vin === 'string') {
    const problem = vinProblem(vin, allowAnyVin === true);
    if (problem !== undefined) problems.push({ field: 'vin', message: problem.message });
  }
  if (typeof username === 'string' && username !== '') {
    const message = usernameProblem(username);
    if (message !== undefined) problems.push({ field: 'username', message });
  }
  const latest = new Date(now).getUTCFullYear() + 2;
  if (typeof modelYear === 'number' && modelYear > latest) {
    problems.push({ field: 'modelYear', message: l10n.t('must be {year} or earlier.', { year: latest }) });
  }
  if ((latitude === undefined) !== (longitude === undefined)) {
    const field = latitude === undefined ? 'latitude' : 'longitude';
    problems.push({ field, message: l10n.t('is missing: a position needs both.') });
  }
  return problems;
}
