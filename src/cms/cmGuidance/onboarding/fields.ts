import { l10n } from '../../../core/message.ts';
import type { Field, OnboardingFields } from '../../contract/fields.ts';
import { generateVin, judgeVin } from '../../contract/vin.ts';
import { newUserOption } from '../entry.ts';
import {
  checkRequest,
  parseRequest,
  requestSchema,
  usernameProblem,
  type VehicleRequest,
  wishesOf,
} from './request.ts';
import { preparationSteps, vehicleSteps } from './steps.ts';

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
  {
    name: 'username',
    group: 'Owner',
    title: l10n.t('User'),
    question: {
      prompt: l10n.t(
        'E-mail address of the user who signs in. One who is missing is made with your AWS credentials, in the group platform-admin.',
      ),
      suggestion: 'fleet-manager@example.com',
    },
    remembered: true,
    problem: usernameProblem,
  },
  { name: 'make', group: 'Vehicle', title: l10n.t('Make'), remembered: true },
  { name: 'model', group: 'Vehicle', title: l10n.t('Model'), remembered: true },
  { name: 'modelYear', group: 'Vehicle', title: l10n.t('Model year'), remembered: true },
  { name: 'fuelType', group: 'Vehicle', title: l10n.t('Fuel'), remembered: true },
  { name: 'vehicleType', group: 'Vehicle', title: l10n.t('Kind'), remembered: true },
  { name: 'color', group: 'Vehicle', title: l10n.t('Color'), remembered: true },
  { name: 'licensePlate', group: 'Vehicle', title: l10n.t('License plate') },
  { name: 'latitude', group: 'Vehicle' },
  { name: 'longitude', group: 'Vehicle' },
  { name: 'tags', group: 'Vehicle' },
  {
    name: 'fleetName',
    group: 'CMS',
    title: l10n.t('Fleet'),
    question: {
      prompt: l10n.t('Name or id of the fleet. It is created if no fleet has this name.'),
      suggestion: 'Test fleet',
    },
    remembered: true,
  },
  { name: 'modelManifest', group: 'CMS', title: l10n.t('Model manifest'), remembered: true },
  {
    name: 'makeManifest',
    group: 'CMS',
    title: l10n.t('Make a model manifest'),
    choices: [
      { value: 'no', label: l10n.t('no: say how to seed one') },
      { value: 'yes', label: l10n.t('yes, where there is none') },
    ],
    remembered: true,
  },
  {
    name: 'enrollment',
    group: 'CMS',
    title: l10n.t('Enrollment'),
    question: {
      prompt: l10n.t('If the API can’t enroll it in its fleet, write into the table of the CMS?'),
      suggestion: 'table',
    },
    choices: [
      { value: 'table', label: l10n.t('yes: into the table, where the API cannot') },
      { value: 'api', label: l10n.t('no: by the API only') },
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
      { value: 'keys', label: l10n.t('from the table of the CMS, which others may read') },
      { value: 'csr-ec', label: l10n.t('made here, EC P-256, sent as a CSR') },
      { value: 'csr-rsa', label: l10n.t('made here, RSA 2048, sent as a CSR') },
    ],
  },
];

/** What the Guidance for Connected Mobility asks for. */
export const cmGuidanceFields: OnboardingFields<VehicleRequest> = {
  schema: requestSchema,
  fields,
  columns: {
    otherNames: {
      username: ['benutzername', 'benutzer', 'user', 'email', 'login'],
      make: ['marke', 'hersteller', 'brand', 'manufacturer', 'marque', 'marca'],
      model: ['modell', 'modèle', 'modele', 'modelo', 'modello'],
      modelYear: ['baujahr', 'modelljahr', 'year', 'jahr', 'année', 'annee', 'año', 'anno'],
      fuelType: ['kraftstoff', 'kraftstoffart', 'antrieb', 'fuel', 'carburant', 'combustible', 'carburante'],
      fleetName: ['fleet', 'flotte', 'fleetid'],
      licensePlate: ['kennzeichen', 'plate', 'immatriculation', 'matrícula', 'targa'],
      color: ['farbe', 'colour', 'couleur', 'colore'],
      latitude: ['lat', 'breite', 'breitengrad'],
      longitude: ['lon', 'lng', 'long', 'länge', 'längengrad'],
    },
    freeText: ['make', 'model', 'fleetName', 'modelManifest', 'vehicleType', 'color', 'licensePlate'],
    likeDates: ['model', 'licensePlate'],
  },
  steps: [...Object.values(preparationSteps), ...Object.values(vehicleSteps)],
  check: checkRequest,
  parse: parseRequest,
  forCertificate: ['vin', 'allowAnyVin', 'keys', 'tags'],
  wishes: wishesOf,
  unasked: { username: 'nobody@example.com', fleetName: '-' },
  onePlace: l10n.t(
    'The CMS numbers vehicles by the second in which they are created, and the second of two replaces the first.',
  ),
  signIn: { field: 'username', problem: usernameProblem, options: [newUserOption] },
  summary: ({ fleetName = '', make = '', model = '' }) =>
    [fleetName, `${make} ${model}`.trim()].filter((part) => part !== '').join(' · '),
};
