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
import { ambiguousVin } from '../../../src/cms/contract/ambiguousVin.ts';
import { checksOf, fail, ok } from '../../../src/cms/contract/checks.ts';
import {
  type CredentialNeed,
  type Credentials,
  IAM,
  type IssuerNeed,
  type PasswordNeed,
} from '../../../src/cms/contract/credentials.ts';
import type { Deployment } from '../../../src/cms/contract/deployment.ts';
import { invalidRequest, schemaProblems, type OnboardingFields } from '../../../src/cms/contract/fields.ts';
import type { FoundDeployment, Generation } from '../../../src/cms/contract/generation.ts';
import type { MintedProvisioner } from '../../../src/cms/contract/provisioner.ts';
import type { ListedStack } from '../../../src/cms/contract/stacks.ts';
import { step } from '../../../src/cms/contract/steps.ts';
import type { VehicleRecord } from '../../../src/cms/contract/vehicles.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import type { VehicleRef } from '../../../src/core/vehicleRef.ts';
import { restingSample } from '../../../src/telemetry/restingSample.ts';
import { codec } from './codec/codec.ts';

const ID = 'made-up';
const text = (words: string) => l10n.verbatim(words);
const FACTS = [{ id: 'town', label: text('Town'), value: 'Springfield' }];
const DEPOTS = {
  ...{ id: 'depots', command: 'depots', description: 'list depots' },
  columns: [{ heading: 'DEPOT', width: 20 }],
};
const PAINTS = {
  ...{ id: 'paints', command: 'paints', description: 'list paints' },
  columns: [{ heading: 'PAINT', width: 20 }],
};
/** Each list is for somebody else; the cars are for whoever may read things. */
const KEEPER: PasswordNeed = {
  ...{ kind: 'password', realm: 'made-up-1/depots', label: text('Keeper of the depots') },
};
const PAINTER: IssuerNeed = {
  ...{ kind: 'issuer', issuer: 'https://paint.example/', label: text('Token of the paint shop') },
};
export const KEEPERS_PASSWORD = 'Keeps-the-depots-1';
export const PAINTERS_TOKEN = 'token-of-the-paint-shop';

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
    async find(name) {
      const cars = await cms.list();
      const one = cars.find(({ id, thingName }) => [id, thingName].includes(name));
      const called = cars.filter(({ vin }) => vin === name);
      if (one === undefined && called.length > 1) throw ambiguousVin(name, called);
      return one ?? called[0];
    },
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

/** Refuses who may not see what needs this. */
async function enter(need: CredentialNeed, credentials: Credentials, signal: AbortSignal): Promise<void> {
  let isRight = true;
  if (need.kind === 'password')
    isRight = (await credentials.password(need, signal)).password === KEEPERS_PASSWORD;
  if (need.kind === 'issuer') isRight = (await credentials.token(need, signal)) === PAINTERS_TOKEN;
  if (!isRight) throw new CmsError('SIGN_IN_FAILED', text('That opens nothing here.'));
}

function deploymentOf(
  connection: Connection,
  { name, stack, parts: { tower } }: FoundDeployment,
  credentials: Credentials,
): Deployment {
  const cms = cmsOf(connection);
  const certificates: MintedProvisioner = {
    ...{ kind: 'minted', deployment: { generation: ID, name }, devicePolicy: undefined },
    clientId: (vehicle) => codec.clientId(vehicle),
    renewal: { oldEnds: 'not', words: text('Both certificates stay in service.') },
    mint: (vehicle) => cms.mint(vehicle),
  };
  const towers = tower === undefined ? [] : [{ id: 'tower', label: text('Tower'), value: tower.name }];
  const facts = [...FACTS, ...towers];
  return {
    ...{ generation: ID, name, stack, facts, uiUrl: undefined },
    capabilities: () =>
      Promise.resolve([
        ...(['vehicles', 'onboard', 'provision', 'send', 'watch', 'doctor', 'offboard'] as const).map(
          (id) => ({
            ...{ id, title: text(id), needs: IAM, no: undefined },
          }),
        ),
        { id: 'live' as const, title: text('see cars'), needs: IAM, no: text('it has no eyes') },
      ]),
    signIn: (need, signal) => enter(need, credentials, signal),
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
        ...{ ...DEPOTS, title: text('Depots'), empty: text('No depots'), icon: 'home', needs: KEEPER },
        signIn: text('Sign in to see the depots…'),
        async page(_, signal) {
          await enter(KEEPER, credentials, signal);
          const depot = { key: 'North', words: '2 cars', icon: 'home', cells: ['North'] };
          return { items: [{ ...depot, value: { depot: 'North' } }], next: undefined };
        },
      },
      {
        ...{ ...PAINTS, title: text('Paints'), empty: text('No paints'), icon: 'paintcan', needs: PAINTER },
        signIn: text('Sign in to see the paints…'),
        async page(_, signal) {
          await enter(PAINTER, credentials, signal);
          const paint = { key: 'red', words: 'matt', icon: 'paintcan', cells: ['red'] };
          return { items: [{ ...paint, value: { paint: 'red' } }], next: undefined };
        },
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

const isMadeUp = ({ description, parentId }: ListedStack) =>
  /^CDF\b/.test(description) && parentId === undefined;
const found = (stack: ListedStack, parts: FoundDeployment['parts'] = {}): FoundDeployment => ({
  ...{ generation: ID, name: 'made-up-1', stack, parts, state: { kind: 'ready' } },
});

/** A generation that is unlike the others in all that they have in common. Its deployments are CDF core stacks. */
export const madeUp: Generation = {
  id: ID,
  label: 'Made Up',
  recognise: (stacks) => stacks.filter(isMadeUp).map((stack) => found(stack)),
  facts: () => FACTS,
  choose: {
    part: 'tower',
    description: 'stack of the tower that looks over the cars',
    pair: (stack, tower) => (isMadeUp(stack) ? found(stack, { tower }) : undefined),
    candidates: (stacks) => stacks.filter((stack) => !isMadeUp(stack)),
    here: (candidates) => text(`Towers: ${candidates.map(({ name }) => name).join(', ')}.`),
  },
  open: (connection, found, credentials) => Promise.resolve(deploymentOf(connection, found, credentials)),
  onboarding: fields,
  lists: [DEPOTS, PAINTS],
  offboarding: [],
};
