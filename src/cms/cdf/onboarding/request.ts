import * as z from 'zod';
import { defaultVehicleDetails, latestModelYear, vehicleDetailsSchema } from '../vehicleDetails.ts';
import { ownSentence } from '../../../core/issues.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { invalidRequest, schemaProblems, type RequestCheck } from '../../contract/fields.ts';
import type { FieldProblem } from '../../contract/problems.ts';
import { tags } from '../../kit/requestFields.ts';
import { parseVin, vinProblem } from '../../contract/vin.ts';
import { nameProblem, usernameProblem } from './nameProblems.ts';

export const claimKindSchema = z.enum(['per-vehicle', 'temporary', 'shared']);
export const provisionerSchema = z.enum(['claim', 'jitp', 'jitr']);
export const keysSchema = z.enum(['keys', 'csr-rsa', 'csr-ec']);

// Control characters do not belong in a value that people read.
const text = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}*$/u, ownSentence(l10n.t('must not contain control characters')));

const details = vehicleDetailsSchema.shape;
const defaults = defaultVehicleDetails;

/**
 * One vehicle to onboard. Flat, so that a command line option, a column of a CSV manifest and a key of a JSON
 * manifest are the same word; the fleet manifest is a list of it.
 */
export const vehicleRequestSchema = z.strictObject({
  vin: z.string().describe('17 characters of ISO 3779; also the thing name, MQTT client id and device id'),
  allowAnyVin: z
    .boolean()
    .default(false)
    .describe('Accept any VIN that is a valid thing name (letters, digits, : _ -; 128 at most)'),

  username: z.string().describe('CMS user who owns the vehicle: printable ASCII, no spaces or slashes'),
  firstName: text.describe('First name of the owner'),
  lastName: text.describe('Last name of the owner'),
  email: z
    .email(ownSentence(l10n.t('must be an e-mail address')))
    .optional()
    .describe('E-mail address of the owner'),
  phone: text.optional().describe('Phone number of the owner'),
  addressLine1: text.optional().describe('Street and number of the owner'),
  addressLine2: text.optional().describe('Further line of the address'),
  city: text.optional().describe('City of the owner'),
  state: text.optional().describe('State or province of the owner'),
  country: text.optional().describe('Country of the owner'),

  supplier: z.string().default('GenericSupplierName').describe('Maker of the telematics unit'),
  deviceModel: text.default('TCU-1').describe('Model of the telematics unit'),
  softwareVersion: text.default('1.9.1').describe('Software version of the telematics unit'),

  make: details.make.default(defaults.make),
  model: details.model.default(defaults.model),
  modelYear: details.modelYear.default(defaults.modelYear),
  bodyType: details.bodyType.default(defaults.bodyType),
  fuelType: details.fuelType.default(defaults.fuelType),
  transmissionType: details.transmissionType.default(defaults.transmissionType),
  colorCode: details.colorCode.default(defaults.colorCode),
  iviType: details.iviType.default(defaults.iviType),
  marketCode: details.marketCode,
  countryCode: details.countryCode,
  transmissionAutoType: details.transmissionAutoType,
  transmissionManualType: details.transmissionManualType,

  provisioner: provisionerSchema
    .default('claim')
    .describe(
      'How the certificate comes: by claim, or signed by your own CA and registered at the first connect, by a template (jitp) or from here (jitr)',
    ),
  claim: claimKindSchema
    .default('per-vehicle')
    .describe('Where the claim certificate comes from: made for this vehicle, five minutes only, or shared'),
  claimCertificateFile: z.string().min(1).optional().describe('PEM file, for the claim "shared"'),
  claimKeyFile: z.string().min(1).optional().describe('PEM file, for the claim "shared"'),
  keepClaimFiles: z.boolean().default(true).describe('Keep the used claim of this vehicle on disk'),
  keys: keysSchema
    .default('keys')
    .describe('Who makes the key: AWS IoT ("keys"), or this machine ("csr-rsa", "csr-ec")'),
  templateName: z
    .string()
    .regex(/^[0-9A-Za-z_-]{1,36}$/, ownSentence(l10n.t('must be 1 to 36 characters of 0-9 A-Z a-z _ -')))
    .default('CMSFleetProvisioningTemplate')
    .describe('Name of the provisioning template in AWS IoT'),

  // Ingest computes map tiles, which end at 85 degrees.
  latitude: z
    .number()
    .min(-85)
    .max(85)
    .default(33.77521)
    .describe("Latitude of the vehicle's first position, degrees"),
  longitude: z
    .number()
    .min(-180)
    .max(180)
    .default(-84.39609)
    .describe("Longitude of the vehicle's first position, degrees"),

  tags,
});

/** A request as it comes in: all that has a default may be absent. */
export type VehicleRequestInput = z.input<typeof vehicleRequestSchema>;
/** A checked request: the VIN is upper-cased, defaults are filled in. */
export type VehicleRequest = z.infer<typeof vehicleRequestSchema>;

/** Checks one vehicle completely and lists every problem at once. `now` bounds the model year. */
export function checkRequest(input: unknown, now: number): RequestCheck<VehicleRequest> {
  const parsed = vehicleRequestSchema.safeParse(input, { reportInput: true });
  const problems = parsed.success ? [] : schemaProblems(vehicleRequestSchema, parsed.error);
  problems.push(...furtherProblems(input, now).filter((p) => !problems.some((q) => q.field === p.field)));
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  const { vin, warning } = parseVin(parsed.data.vin, parsed.data);
  return { ok: true, request: { ...parsed.data, vin }, warnings: warning === undefined ? [] : [warning] };
}

/**
 * `checkRequest` for a single vehicle.
 * @throws CmsError VIN_INVALID if only the VIN is wrong, else REQUEST_INVALID with all problems in its sentence
 */
export function parseRequest(input: unknown, now: number): { request: VehicleRequest; warnings: Message[] } {
  const checked = checkRequest(input, now);
  if (checked.ok) return checked;
  const raw = isRecord(input) ? input : {};
  if (checked.problems.every((p) => p.field === 'vin') && typeof raw.vin === 'string') {
    parseVin(raw.vin, { allowAnyVin: raw.allowAnyVin === true });
  }
  throw invalidRequest(checked.problems);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What a schema of single fields cannot say, looked for even when other fields are wrong. */
function furtherProblems(input: unknown, now: number): FieldProblem[] {
  if (!isRecord(input)) return [];
  const problems: FieldProblem[] = [];
  const add = (field: string, message: Message | undefined): void => {
    if (message !== undefined) problems.push({ field, message });
  };
  const { vin, username, supplier } = input;
  if (typeof vin === 'string') add('vin', vinProblem(vin, input.allowAnyVin === true)?.message);
  if (typeof username === 'string') add('username', usernameProblem(username));
  if (typeof supplier === 'string') add('supplier', nameProblem(supplier));
  const year = latestModelYear(now);
  if (typeof input.modelYear === 'number' && input.modelYear > year) {
    add('modelYear', l10n.t('must be {year} or earlier.', { year }));
  }
  if ((input.latitude === undefined) !== (input.longitude === undefined)) {
    const missing = input.latitude === undefined ? 'latitude' : 'longitude';
    add(missing, l10n.t('is missing: a position needs both.'));
  }
  if (input.claim === 'shared') {
    for (const field of ['claimCertificateFile', 'claimKeyFile']) {
      if (input[field] === undefined) add(field, l10n.t('is needed with the claim "shared".'));
    }
  } else if (input.claimCertificateFile !== undefined || input.claimKeyFile !== undefined) {
    add('claim', l10n.t('must be "shared" when claim files are given.'));
  }
  return problems;
}
