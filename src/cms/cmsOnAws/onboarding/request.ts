import * as z from 'zod';
import { defined } from '../../../core/defined.ts';
import { ownSentence } from '../../../core/issues.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { invalidRequest, type RequestCheck, schemaProblems } from '../../contract/fields.ts';
import type { FieldProblem } from '../../contract/problems.ts';
import type { ProvisionWishes } from '../../contract/provisioner.ts';
import { firstPlace, tags } from '../../kit/requestFields.ts';
import { parseVin, vinProblem } from '../../contract/vin.ts';
import { canonicalVin } from '../thingName.ts';

/** What CMS is told of a vehicle that nobody described. */
export const UNDESCRIBED = { make: 'Acme', model: 'DN', modelYear: 2019 } as const;

const text = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}*$/u, ownSentence(l10n.t('must not contain control characters')));

/** One vehicle to onboard; flat, as a row of a fleet file is. Names that CMS v1 has, too, mean the same. */
export const requestSchema = z.strictObject({
  vin: z.string().describe('17 characters of ISO 3779; the thing is called Vehicle_<VIN>'),
  allowAnyVin: z.boolean().default(false).describe('Accept any VIN of letters and digits'),
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
  telemetryAccess: z
    .enum(['none', 'group'])
    .default('none')
    .describe(
      'How the vehicle gets the right to send what CMS stores, which its own policy does not give: "group", a thing group with a policy, created once and kept, or "none"',
    ),
  keys: z
    .enum(['keys', 'csr-rsa', 'csr-ec'])
    .default('keys')
    .describe('Who makes the key: AWS IoT ("keys"), or this machine ("csr-rsa", "csr-ec")'),
  claim: z
    .enum(['temporary', 'shared'])
    .default('temporary')
    .describe('Where the claim certificate comes from: five minutes only, or shared'),
  claimCertificateFile: z.string().min(1).optional().describe('PEM file, for the claim "shared"'),
  claimKeyFile: z.string().min(1).optional().describe('PEM file, for the claim "shared"'),
  ...firstPlace,
  tags,
});

/** A checked request: its VIN is canonical. */
export type VehicleRequest = z.infer<typeof requestSchema>;

/** Two years from now, as for CMS v1. */
function latestModelYear(now: number): number {
  return new Date(now).getUTCFullYear() + 2;
}

export function checkRequest(input: unknown, now: number): RequestCheck<VehicleRequest> {
  const parsed = requestSchema.safeParse(input, { reportInput: true });
  const problems = parsed.success ? [] : schemaProblems(requestSchema, parsed.error);
  problems.push(...furtherProblems(input, now).filter((p) => !problems.some((q) => q.field === p.field)));
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const { warning } = parseVin(parsed.data.vin, parsed.data);
  const request = { ...parsed.data, vin: canonicalVin(parsed.data.vin) };
  return { ok: true, request, warnings: warning === undefined ? [] : [warning] };
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

export function wishesOf(request: VehicleRequest): ProvisionWishes {
  const { claim, claimCertificateFile, claimKeyFile, keys, fuelType, tags } = request;
  const isShared = claim === 'shared' && claimCertificateFile !== undefined && claimKeyFile !== undefined;
  return {
    keys,
    // That of the deployment, which has the app id in its name.
    templateName: '',
    claim: isShared
      ? { kind: 'shared', certificateFile: claimCertificateFile, privateKeyFile: claimKeyFile }
      : { kind: 'temporary' },
    ...defined({ fuelType, tags }),
  };
}

function recordOf(input: unknown): Record<string, unknown> {
  return typeof input === 'object' && input !== null ? { ...input } : {};
}

/** What a schema of single fields cannot say. */
function furtherProblems(input: unknown, now: number): FieldProblem[] {
  const { vin, allowAnyVin, modelYear, claim, keys, ...rest } = recordOf(input);
  const problems: FieldProblem[] = [];
  if (typeof vin === 'string') {
    const problem = vinProblem(vin, allowAnyVin === true);
    if (problem !== undefined) problems.push({ field: 'vin', message: problem.message });
    else if (canonicalVin(vin) === '')
      problems.push({ field: 'vin', message: l10n.t('must hold a letter or digit.') });
  }
  const latest = latestModelYear(now);
  if (typeof modelYear === 'number' && modelYear > latest) {
    problems.push({ field: 'modelYear', message: l10n.t('must be {year} or earlier.', { year: latest }) });
  }
  if ((rest.latitude === undefined) !== (rest.longitude === undefined)) {
    const field = rest.latitude === undefined ? 'latitude' : 'longitude';
    problems.push({ field, message: l10n.t('is missing: a position needs both.') });
  }
  for (const field of ['claimCertificateFile', 'claimKeyFile']) {
    if (claim === 'shared' && rest[field] === undefined) {
      problems.push({ field, message: l10n.t('is needed with the claim "shared".') });
    }
  }
  if (claim === 'shared' && keys !== undefined && keys !== 'keys') {
    problems.push({
      field: 'keys',
      message: l10n.t('must be "keys": only a temporary claim may send a CSR.'),
    });
  }
  if (claim !== 'shared' && (rest.claimCertificateFile !== undefined || rest.claimKeyFile !== undefined)) {
    problems.push({ field: 'claim', message: l10n.t('must be "shared" when claim files are given.') });
  }
  return problems;
}
