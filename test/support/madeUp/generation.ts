import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  ListThingsCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import * as z from 'zod';
import type { Connection } from '../../../src/aws/connection.ts';
import { checksOf, fail, ok } from '../../../src/cms/contract/checks.ts';
import { IAM } from '../../../src/cms/contract/credentials.ts';
import type { Deployment } from '../../../src/cms/contract/deployment.ts';
import { invalidRequest, schemaProblems, type OnboardingFields } from '../../../src/cms/contract/fields.ts';
import type { FoundDeployment, Generation } from '../../../src/cms/contract/generation.ts';
import type { MintedProvisioner } from '../../../src/cms/contract/provisioner.ts';
import { step } from '../../../src/cms/contract/steps.ts';
import type { VehicleRecord } from '../../../src/cms/contract/vehicles.ts';
import { l10n } from '../../../src/core/message.ts';
import type { VehicleRef } from '../../../src/core/vehicleRef.ts';
import { restingSample } from '../../../src/telemetry/restingSample.ts';
import { codec } from './codec/codec.ts';

const ID = 'made-up';
const text = (words: string) => l10n.verbatim(words);
const DEPOTS = {
  ...{ id: 'depots', command: 'depots', description: 'list depots' },
  columns: [{ heading: 'DEPOT', width: 20 }],
};
const schema = z.strictObject({
  vin: z.string().min(3).describe('Number of the car'),
  depot: z.string().min(1).describe('Where it sleeps'),
  paint: z.enum(['red', 'blue']).default('red').describe('Its paint'),
});
type Request = z.infer<typeof schema>;

const steps = {
  register: step({
    ...{ id: 'enter', title: text('Enter the car'), leaves: text('the car') },
    async run({ cms, request }: { cms: Cms; request: Request }) {
      const found = await cms.find(request.vin);
      return { outcome: found ? 'found' : 'created', car: found ?? (await cms.enter(request)) };
    },
  }),
};

export const fields: OnboardingFields<Request> = {
  schema,
  fields: [
    { name: 'vin', group: 'Car', title: text('Number'), question: { prompt: text('Number of the car') } },
    { name: 'depot', group: 'Car', title: text('Depot'), question: { prompt: text('Depot of the car') } },
    { name: 'paint', group: 'Car', title: text('Paint'), remembered: true },
  ],
  steps: Object.values(steps),
  check(input) {
    const parsed = schema.safeParse(input, { reportInput: true });
    if (!parsed.success) return { ok: false, problems: schemaProblems(schema, parsed.error) };
    return { ok: true, request: parsed.data, warnings: [] };
  },
  parse(input, now) {
    const checked = fields.check(input, now);
    if (!checked.ok) throw invalidRequest(checked.problems);
    return checked;
  },
  forCertificate: ['vin'],
  wishes: () => ({ claim: { kind: 'temporary' }, keys: 'keys', templateName: '' }),
  unasked: { depot: '-' },
  summary: ({ depot = '' }) => depot,
};

/** A CMS that keeps its cars as things, with a name and an id of its own choice for each. */
interface Cms {
  list(): Promise<VehicleRecord[]>;
  find(name: string): Promise<VehicleRecord | undefined>;
  enter(request: Request): Promise<VehicleRecord>;
  mint(vehicle: VehicleRef): Promise<{ certificatePem: string; privateKeyPem: string }>;
  paint(vehicle: VehicleRef, paint: string): Promise<void>;
}

function cmsOf(connection: Connection): Cms {
  const recordOf = (thingName: string, { vin = '', paint = '' }: Record<string, string>): VehicleRecord => ({
    ...{ vin, id: thingName.replace('car', 'veh'), thingName, make: 'Made', model: 'Up', modelYear: 1 },
    ...{ attributes: { paint }, owners: [] },
  });
  const cms: Cms = {
    async list() {
      const { things = [] } = await (await connection.iot()).send(new ListThingsCommand({}));
      const cars = things.filter(({ thingName }) => thingName?.startsWith('car-') === true);
      return cars.map(({ thingName = '', attributes = {} }) => recordOf(thingName, attributes));
    },
    find: async (name) =>
      (await cms.list()).find(({ vin, id, thingName }) => [vin, id, thingName].includes(name)),
    async enter({ vin, paint }) {
      const thingName = `car-${1001 + (await cms.list()).length}`;
      const attributePayload = { attributes: { vin, paint } };
      await (await connection.iot()).send(new CreateThingCommand({ thingName, attributePayload }));
      return recordOf(thingName, { vin, paint });
    },
    async paint({ thingName }, paint) {
      const attributePayload = { attributes: { paint }, merge: true };
      await (await connection.iot()).send(new UpdateThingCommand({ thingName, attributePayload }));
    },
    async mint({ thingName }) {
      const iot = await connection.iot();
      const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
      const principal = made.certificateArn!;
      await iot.send(new AttachPolicyCommand({ policyName: 'CvraTcuDevicePolicy', target: principal }));
      await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
      return { certificatePem: made.certificatePem!, privateKeyPem: made.keyPair!.PrivateKey! };
    },
  };
  return cms;
}

function open(connection: Connection, { name, stack }: FoundDeployment): Deployment {
  const cms = cmsOf(connection);
  const certificates: MintedProvisioner = {
    ...{ kind: 'minted', deployment: { generation: ID, name }, devicePolicy: undefined },
    clientId: (vehicle) => codec.clientId(vehicle),
    renewal: { oldEnds: 'not', words: text('Both certificates stay in service.') },
    mint: (vehicle) => cms.mint(vehicle),
  };
  return {
    ...{ generation: ID, name, stack, facts: [], uiUrl: undefined },
    capabilities: () =>
      Promise.resolve([
        ...(['vehicles', 'onboard', 'provision', 'send', 'watch', 'doctor', 'offboard'] as const).map(
          (id) => ({
            ...{ id, title: text(id), needs: IAM, no: undefined },
          }),
        ),
        { id: 'live' as const, title: text('see cars'), needs: IAM, no: text('it has no eyes') },
      ]),
    signIn: () => Promise.resolve(),
    vehicles: {
      needs: IAM,
      list: async () => ({ items: await cms.list(), next: undefined }),
      find: (vehicle) => cms.find(vehicle),
      refOf: () => undefined,
      detailHeadings: [{ id: 'paint', label: text('Paint') }],
      details: async ({ id }) => {
        const paint = (await cms.find(id))?.attributes.paint as string;
        return [
          {
            id: 'paint',
            label: text('Paint'),
            state: paint,
            words: paint,
            icon: 'paintcan',
            value: { paint },
          },
        ];
      },
    },
    lists: [
      {
        ...{ ...DEPOTS, title: text('Depots'), empty: text('No depots'), signIn: text('-'), icon: 'home' },
        needs: IAM,
        page: () =>
          Promise.resolve({
            items: [
              { key: 'North', words: '2 cars', icon: 'home', cells: ['North'], value: { depot: 'North' } },
            ],
            next: undefined,
          }),
      },
    ],
    onboarding: {
      prepare: () => Promise.resolve(),
      async onboard(checked, kit) {
        const request = checked as Request;
        const { car } = await kit.run(steps.register, { cms, request });
        const provisioned = await kit.run(certificateStep, { kit, car });
        return {
          ...{ vehicle: car, provisioned: provisioned.done, live: undefined },
          lines: [{ label: text('Depot'), value: request.depot }],
          own: { depot: request.depot },
        };
      },
    },
    certificates,
    telemetry: { codec, live: 'mqtt' },
    checks: [
      checksOf()({
        ...{ id: 'paint', title: text('Paint'), stage: 'vehicle', needs: ['vehicle'] },
        async run({ vehicle }) {
          const { paint } = (await cms.find(vehicle.id))?.attributes ?? {};
          if (paint !== 'rust') return ok(text(`${vehicle.id} is painted.`));
          const fix = { title: text('Paint it red'), run: () => cms.paint(vehicle, 'red') };
          return fail(text(`${vehicle.id} rusts.`), text('Paint it.'), {}, fix);
        },
      }),
    ],
    removals: () => Promise.resolve({ first: [], last: [], keeps: [text('Its paint stays.')] }),
  };
}

const certificateStep = step({
  ...{ id: 'certificate', title: text('Get the certificate'), leaves: text('the certificate') },
  async run(
    { kit, car }: { kit: Parameters<NonNullable<Deployment['onboarding']>['onboard']>[1]; car: VehicleRef },
    work,
  ) {
    const done = await kit.provision(car, fields.wishes({ vin: car.vin, depot: '', paint: 'red' }), work);
    const sample = restingSample({ latitude: 1, longitude: 2 }, work.clock);
    const message = codec.sample(sample, { ...car, tripId: 't', simulationId: 's', serial: 1 });
    await kit.publish(car, done, [message], work);
    return { outcome: done.result, done };
  },
});

/** A generation that is unlike the others in all that they have in common. Its deployments are CDF core stacks. */
export const madeUp: Generation = {
  id: ID,
  label: 'Made Up',
  recognise: (stacks) =>
    stacks
      .filter(({ description, parentId }) => /^CDF\b/.test(description) && parentId === undefined)
      .map((stack) => ({ generation: ID, name: 'made-up-1', stack, parts: {}, state: { kind: 'ready' } })),
  facts: () => [],
  open,
  onboarding: fields,
  lists: [DEPOTS],
  offboarding: [],
};
