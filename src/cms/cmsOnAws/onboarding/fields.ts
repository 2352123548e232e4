import { l10n } from '../../../core/message.ts';
import type { Field, OnboardingFields } from '../../contract/fields.ts';
import { generateVin, judgeVin } from '../../contract/vin.ts';
import { checkRequest, parseRequest, requestSchema, type VehicleRequest, wishesOf } from './request.ts';
import { vehicleSteps } from './steps.ts';

const fields: readonly Field[] = [
  {
    name: 'vin',
    group: 'Vehicle',
    title: l10n.t('VIN'),
    question: {
      prompt: l10n.t('VIN: 17 characters; the thing becomes Vehicle_<VIN>. Leave it empty to generate one.'),
      placeholder: 'LSH14J4C4LA046511',
      judge: judgeVin,
      makeUp: { title: l10n.t('Generate a VIN'), value: generateVin },
    },
  },
  { name: 'allowAnyVin', group: 'Vehicle' },
  { name: 'make', group: 'Vehicle', title: l10n.t('Make'), remembered: true },
  { name: 'model', group: 'Vehicle', title: l10n.t('Model'), remembered: true },
  { name: 'modelYear', group: 'Vehicle', title: l10n.t('Model year'), remembered: true },
  { name: 'fuelType', group: 'Vehicle', title: l10n.t('Fuel'), remembered: true },
  { name: 'latitude', group: 'Vehicle' },
  { name: 'longitude', group: 'Vehicle' },
  { name: 'tags', group: 'Vehicle' },
  {
    name: 'telemetryAccess',
    group: 'Telemetry',
    title: l10n.t('Right to send telemetry'),
    question: {
      prompt: l10n.t(
        'The policy that CMS gives its vehicles does not let them send what CMS stores. Give this one the right?',
      ),
      once: true,
      suggestion: 'group',
    },
    choices: [
      {
        value: 'group',
        label: l10n.t('by a thing group of this extension, with a policy for telemetry only'),
      },
      { value: 'none', label: l10n.t('no: leave the policies as they are') },
    ],
    remembered: true,
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
    choices: [
      { value: 'temporary', label: l10n.t('temporary, five minutes; else the one that CMS keeps') },
      { value: 'shared', label: l10n.t('in files') },
    ],
  },
  { name: 'claimCertificateFile', group: 'Certificate' },
  { name: 'claimKeyFile', group: 'Certificate' },
];

/** What CMS on AWS asks for. Nobody signs in: AWS's credentials are enough. */
export const cmsOnAwsFields: OnboardingFields<VehicleRequest> = {
  schema: requestSchema,
  fields,
  columns: {
    otherNames: {
      make: ['marke', 'hersteller', 'brand', 'manufacturer', 'marque', 'marca'],
      model: ['modell', 'modèle', 'modele', 'modelo', 'modello'],
      modelYear: ['baujahr', 'modelljahr', 'year', 'jahr', 'année', 'annee', 'año', 'anno'],
      fuelType: ['kraftstoff', 'kraftstoffart', 'antrieb', 'fuel', 'carburant', 'combustible', 'carburante'],
      latitude: ['lat', 'breite', 'breitengrad'],
      longitude: ['lon', 'lng', 'long', 'länge', 'längengrad'],
    },
    freeText: ['make', 'model', 'claimCertificateFile', 'claimKeyFile'],
    likeDates: ['model'],
  },
  steps: Object.values(vehicleSteps),
  check: checkRequest,
  parse: parseRequest,
  forCertificate: ['vin', 'allowAnyVin', 'keys', 'claim', 'claimCertificateFile', 'claimKeyFile', 'tags'],
  wishes: wishesOf,
  unasked: {},
  summary: ({ make = '', model = '' }) => [make, model].filter((part) => part !== '').join(' '),
};
