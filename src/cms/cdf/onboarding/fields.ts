import { l10n } from '../../../core/message.ts';
import type { Contradictions, Field, OnboardingFields } from '../../contract/fields.ts';
import { generateVin, judgeVin } from '../../contract/vin.ts';
import { signInModeOption } from '../signInMode.ts';
import { freeText, likeDates, otherNames, otherValues } from './columns.ts';
import { nameProblem, signInNameProblem, usernameProblem } from './nameProblems.ts';
import { checkRequest, parseRequest, vehicleRequestSchema, type VehicleRequest } from './request.ts';
import { wishesOf } from './requestParts.ts';
import { cdfSteps } from './steps.ts';

const fields: readonly Field[] = [
  {
    name: 'vin',
    group: 'Vehicle',
    title: l10n.t('VIN'),
    question: {
      prompt: l10n.t(
        'VIN: 17 characters; it becomes the thing name and client id. Leave it empty to generate one.',
      ),
      placeholder: 'LSH14J4C4LA046511',
      judge: judgeVin,
      makeUp: { title: l10n.t('Generate a VIN'), value: generateVin },
    },
  },
  { name: 'allowAnyVin', group: 'Vehicle' },
  { name: 'make', group: 'Vehicle', title: l10n.t('Make'), remembered: true },
  { name: 'model', group: 'Vehicle', title: l10n.t('Model'), remembered: true },
  { name: 'modelYear', group: 'Vehicle', title: l10n.t('Model year'), remembered: true },
  {
    name: 'bodyType',
    group: 'Vehicle',
    title: l10n.t('Body'),
    remembered: true,
    // CMS has the British words.
    choices: [
      { value: 'Saloon', label: l10n.t('Sedan') },
      { value: 'Estate', label: l10n.t('Station wagon') },
      { value: 'SUV', label: l10n.t('SUV') },
      { value: 'Coupe', label: l10n.t('Coupe') },
    ],
  },
  { name: 'fuelType', group: 'Vehicle', title: l10n.t('Fuel'), remembered: true },
  { name: 'transmissionType', group: 'Vehicle', title: l10n.t('Transmission'), remembered: true },
  { name: 'transmissionAutoType', group: 'Vehicle' },
  { name: 'transmissionManualType', group: 'Vehicle' },
  { name: 'colorCode', group: 'Vehicle', title: l10n.t('Color code'), remembered: true },
  { name: 'iviType', group: 'Vehicle', title: l10n.t('Infotainment'), remembered: true },
  { name: 'marketCode', group: 'Vehicle' },
  { name: 'countryCode', group: 'Vehicle' },
  { name: 'latitude', group: 'Vehicle' },
  { name: 'longitude', group: 'Vehicle' },
  { name: 'tags', group: 'Vehicle' },
  {
    name: 'username',
    group: 'Owner',
    title: l10n.t('User name of the owner'),
    question: { prompt: l10n.t('User name of the owner'), suggestion: 'testCMSUser1' },
    remembered: true,
    problem: usernameProblem,
  },
  {
    name: 'firstName',
    group: 'Owner',
    title: l10n.t('First name of the owner'),
    question: { prompt: l10n.t('First name of the owner'), suggestion: 'Test' },
    remembered: true,
  },
  {
    name: 'lastName',
    group: 'Owner',
    title: l10n.t('Last name of the owner'),
    question: { prompt: l10n.t('Last name of the owner'), suggestion: 'User' },
    remembered: true,
  },
  { name: 'email', group: 'Owner', title: l10n.t('Owner’s email'), remembered: true },
  { name: 'phone', group: 'Owner' },
  { name: 'addressLine1', group: 'Owner' },
  { name: 'addressLine2', group: 'Owner' },
  { name: 'city', group: 'Owner' },
  { name: 'state', group: 'Owner' },
  { name: 'country', group: 'Owner' },
  {
    name: 'supplier',
    group: 'Device',
    title: l10n.t('Supplier of the telematics unit'),
    question: { prompt: l10n.t('Supplier of the telematics unit'), suggestion: 'GenericSupplierName' },
    remembered: true,
    problem: nameProblem,
  },
  { name: 'deviceModel', group: 'Device', title: l10n.t('TCU model'), remembered: true },
  { name: 'softwareVersion', group: 'Device', title: l10n.t('TCU software'), remembered: true },
  {
    name: 'provisioner',
    group: 'Certificate',
    title: l10n.t('Provisioner'),
    setting: 'provisioner',
    remembered: true,
    choices: [
      { value: 'claim', label: l10n.t('by claim: AWS IoT signs') },
      { value: 'jitp', label: l10n.t('your own CA; a template lets the vehicle in (jitp)') },
      { value: 'jitr', label: l10n.t('your own CA; the vehicle is let in from here (jitr)') },
    ],
  },
  {
    name: 'keys',
    group: 'Certificate',
    title: l10n.t('Production key'),
    setting: 'keys',
    remembered: true,
    choices: [
      { value: 'keys', label: l10n.t('made by AWS IoT') },
      { value: 'csr-ec', label: l10n.t('made here, EC P-256, sent as a CSR') },
      { value: 'csr-rsa', label: l10n.t('made here, RSA 2048, sent as a CSR') },
    ],
  },
  {
    name: 'claim',
    group: 'Certificate',
    title: l10n.t('Claim certificate'),
    setting: 'claim',
    remembered: true,
    choices: [
      { value: 'per-vehicle', label: l10n.t('made for this vehicle, then deleted') },
      { value: 'temporary', label: l10n.t('temporary, five minutes') },
    ],
  },
  { name: 'claimCertificateFile', group: 'Certificate' },
  { name: 'claimKeyFile', group: 'Certificate' },
  { name: 'keepClaimFiles', group: 'Certificate' },
  { name: 'templateName', group: 'Certificate' },
];

/** What CMS v1 asks for. */
export const cdfFields: OnboardingFields<VehicleRequest> = {
  schema: vehicleRequestSchema,
  fields,
  columns: { otherNames, otherValues, freeText, likeDates },
  steps: cdfSteps,
  check: checkRequest,
  parse: parseRequest,
  contradictions: createContradictions,
  forCertificate: [
    'vin',
    'allowAnyVin',
    'provisioner',
    'keys',
    'claim',
    'claimCertificateFile',
    'claimKeyFile',
    'keepClaimFiles',
    'templateName',
    'tags',
  ],
  wishes: wishesOf,
  unasked: { username: 'nobody', firstName: '-', lastName: '-' },
  signIn: {
    field: 'username',
    emailField: 'email',
    problem: signInNameProblem,
    options: [signInModeOption],
  },
  summary: ({ username = '', supplier = '' }) => `${username} · ${supplier}`,
};

/** The same user under two names. */
function createContradictions(): Contradictions<VehicleRequest> {
  const users = new Map<string, { line: number; firstName: string; lastName: string }>();
  return {
    of(line, { username, firstName, lastName }) {
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
        return [{ field: 'username', message }];
      }
      return [];
    },
  };
}
