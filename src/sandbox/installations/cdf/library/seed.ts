import { groupId } from './graph.ts';
import type { Library } from './library.ts';
import type { TemplateDefinition } from './templates.ts';

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const oneOf = (...values: string[]) => ({ type: 'string', enum: values });
/** CMS forgot null in these enums, so null is refused although the type allows it. */
const oneOfOrNull = (...values: string[]) => ({ type: ['string', 'null'], enum: values });

/** What the CMS installer adds to the asset library, misspellings included (CMS infrastructure-post template). */
const templates: [string, 'group' | 'device', TemplateDefinition][] = [
  ['auto_supplier', 'group', { properties: { externalId: text }, required: [] }],
  [
    'auto_vehicle',
    'group',
    {
      properties: {
        make: text,
        model: text,
        modelYear: { type: 'integer' },
        marketCode: oneOfOrNull('EUR', 'NA', 'CN'),
        countryCode: oneOfOrNull('DE', 'FR', 'CN', 'GB', 'US'),
        bodyType: oneOf('Saloon', 'Estate', 'SUV', 'Coupe'),
        fuelType: oneOf('Gas', 'Diesel', 'EV', 'Hybrid_MHEV', 'Hybrid_PHEV'),
        transmissionType: oneOf('Manual', 'Auto', 'EV'),
        transmissionAutoType: oneOfOrNull('7-speed', '8-speed', '9-speed'),
        transmissionManualType: oneOfOrNull('5-speed', '6-speed'),
        colorCode: { type: ['string'] },
        iviType: oneOfOrNull('LoLine', 'HiLine', 'Premium'),
        dtc: textOrNull,
      },
      required: [
        'make',
        'model',
        'modelYear',
        'bodyType',
        'fuelType',
        'transmissionType',
        'colorCode',
        'iviType',
      ],
    },
  ],
  [
    'auto_user',
    'group',
    {
      properties: {
        firstName: text,
        lastName: text,
        email: { type: ['string', 'null'], format: 'email' },
        addressLine1: text,
        addressLine2: textOrNull,
        city: text,
        state: text,
        country: text,
        phone: textOrNull,
      },
      relations: { out: { owns: ['auto_vehicle'], owned: ['auto_vehicle'] } },
      required: ['firstName', 'lastName'],
    },
  ],
  [
    'auto_ecu',
    'device',
    {
      properties: {
        softwareVersion: text,
        status: oneOf('whitelisted', 'assembled', 'installed', 'owned'),
        type: oneOf('tcu', 'gateeay', 'bcm'),
        model: text,
      },
      relations: { out: { manufactured_by: ['auto_supplier'], installed_in: ['auto_vehicle'] } },
      required: [],
    },
  ],
];

const groups: [parentPath: string, name: string][] = [
  ['/', 'Auto'],
  ['/auto', 'suppliers'],
  ['/auto/suppliers', 'Acme Electronics'],
  ['/auto', 'vehicles'],
  ['/auto', 'users'],
];

/** Creates the root group and its template, as the init call at deployment does. */
export function initialize({ graph, templates: store }: Library): void {
  graph.put({ id: groupId('/'), labels: ['root'], properties: { name: '/', groupPath: '/' } });
  store.create('root', 'group', { properties: {} });
  store.publish('root', 'group');
}

/** Fills a core stack that is still empty. */
export function seedLibrary(library: Library): void {
  if (library.graph.node(groupId('/'))) return;
  initialize(library);
  for (const [templateId, category, definition] of templates) {
    library.templates.create(templateId, category, definition);
    library.templates.publish(templateId, category);
  }
  for (const [parentPath, name] of groups) {
    library.groups.create({ templateId: 'root', parentPath, name, attributes: {} });
  }
  library.policies.create({
    policyId: 'TCUProvisioningTemplate',
    type: 'ProvisioningTemplate',
    description: 'TCU provisioning template',
    appliesTo: ['/auto/suppliers'],
    document: '{"template":"tcu"}',
  });
}
