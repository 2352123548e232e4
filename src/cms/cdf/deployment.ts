import { l10n, type Message } from '../../core/message.ts';
import { Shared } from '../../core/shared.ts';
import type { Capability, CapabilityId } from '../contract/capability.ts';
import { type Credentials, IAM, type PasswordNeed } from '../contract/credentials.ts';
import type { Deployment } from '../contract/deployment.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { VehicleDetail, VehicleRecord } from '../contract/vehicles.ts';
import type { CdfApi, DeviceRecord, VehicleRecord as AssetVehicle } from './api.ts';
import { createChecks } from './checks.ts';
import { codec } from './codec/codec.ts';
import { createNamedLists } from './namedLists.ts';
import { createOnboarding } from './onboarding/onboarding.ts';
import { createProvisioner } from './provisioner.ts';
import { removalsOf } from './removals.ts';
import { refOf } from './thingName.ts';

const DEVICE = l10n.t('Device');

/** A CMS v1 as the rest of the product sees it. */
export function createDeployment(api: CdfApi, credentials: Credentials): Deployment {
  const { stack, core, uiUrl } = api;
  const need: PasswordNeed = {
    kind: 'password',
    realm: stack.name,
    label: l10n.t('User name in the user pool of CMS'),
  };
  const entry = createEntry(api, credentials, need);
  const rest = afterSignIn(api, entry);
  const provisioner = createProvisioner(stack.name);
  return {
    generation: 'cdf',
    name: stack.name,
    stack,
    facts: [{ id: 'core', label: l10n.t('CDF core'), value: core.name }],
    uiUrl,
    capabilities: () => Promise.resolve(capabilitiesOf(need, uiUrl)),
    signIn: (_, signal) => entry.sign(signal),
    passwordRules: (username, signal) => api.passwordRules(username, signal),
    poolPasswordRules: (signal) => api.poolPasswordRules(signal),
    vehicles: {
      needs: need,
      async list(page, signal) {
        const { items, next } = await rest.vehicles(page, signal);
        return { items: items.map(recordOf), next };
      },
      async find(name, signal) {
        const vehicle = await rest.vehicle(name.toUpperCase(), signal);
        return vehicle && recordOf(vehicle);
      },
      refOf,
      detailHeadings: [{ id: 'device', label: DEVICE }],
      details: async ({ vin }, signal) => [detailOf(await rest.device(vin, signal))],
      live: ({ vin }, signal) => rest.liveVehicle(vin, signal),
    },
    owners: {
      list: 'owners',
      async set({ vin }, owner, signal) {
        await rest.ensureOwner(vin, owner, signal);
      },
    },
    onboarding: createOnboarding(api, (signal) => entry.create(signal)),
    certificates: provisioner,
    telemetry: { codec, live: 'mqtt' },
    lists: createNamedLists(rest, need),
    checks: createChecks(api, credentials, need),
    async removals(vehicle, choices, signal) {
      await entry.enter(signal);
      return removalsOf(api, vehicle, choices, signal);
    },
  };
}

/** The sign-in that the REST calls need: made once, by whoever needs it first. */
function createEntry(api: CdfApi, credentials: Credentials, need: PasswordNeed) {
  let entered: Shared<void> | undefined;
  const begin = (): Shared<void> => {
    const begun = new Shared(
      async (signal: AbortSignal): Promise<void> => {
        await api.signIn(await credentials.password(need, signal), { create: false }, signal);
      },
      () => {
        // One that failed is begun anew by the next who asks.
        if (entered === begun) entered = undefined;
      },
    );
    return begun;
  };
  const isIn = (): void => {
    entered = new Shared(() => Promise.resolve());
  };
  return {
    enter: (signal: AbortSignal): Promise<void> => (entered ??= begin()).get(signal),
    async sign(signal: AbortSignal): Promise<void> {
      await api.signIn(await credentials.password(need, signal), { create: false }, signal);
      isIn();
    },
    /** The same, making the user if there is none. */
    async create(signal: AbortSignal): Promise<EnsureResult> {
      const result = await api.signIn(await credentials.password(need, signal), { create: true }, signal);
      isIn();
      return result;
    },
  };
}

type RestCalls = Pick<
  CdfApi,
  'vehicles' | 'vehicle' | 'device' | 'liveVehicle' | 'users' | 'suppliers' | 'ensureOwner'
>;

/** The calls of the rows and lists, which sign in when they are the first. */
function afterSignIn(api: CdfApi, { enter }: ReturnType<typeof createEntry>): RestCalls {
  const entered = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    await enter(signal);
    return call();
  };
  return {
    vehicles: (page, signal) => entered(signal, () => api.vehicles(page, signal)),
    vehicle: (vin, signal) => entered(signal, () => api.vehicle(vin, signal)),
    device: (vin, signal) => entered(signal, () => api.device(vin, signal)),
    liveVehicle: (vin, signal) => entered(signal, () => api.liveVehicle(vin, signal)),
    users: (page, signal) => entered(signal, () => api.users(page, signal)),
    suppliers: (page, signal) => entered(signal, () => api.suppliers(page, signal)),
    ensureOwner: (vin, owner, signal) => entered(signal, () => api.ensureOwner(vin, owner, signal)),
  };
}

function recordOf({ vin, ...record }: AssetVehicle): VehicleRecord {
  return { vin, id: vin, thingName: vin, ...record };
}

function detailOf(device: DeviceRecord | undefined): VehicleDetail {
  const about = { id: 'device', label: DEVICE, value: device };
  if (device === undefined) return { ...about, state: undefined, words: undefined, icon: 'circle-slash' };
  const { type, model, softwareVersion, status, thingArn } = device;
  const words = [type, model, softwareVersion, status].filter(Boolean).join(' · ');
  return { ...about, state: status, words, icon: 'chip', thingArn };
}

function capabilitiesOf(password: PasswordNeed, uiUrl: string | undefined): Capability[] {
  const with_ = (needs: Capability['needs'], ...ids: [CapabilityId, Message][]): Capability[] =>
    ids.map(([id, title]) => ({ id, title, needs, no: undefined }));
  return [
    ...with_(
      password,
      ['vehicles', l10n.t('list vehicles')],
      ['live', l10n.t('see what the fleet manager shows')],
      ['lists', l10n.t('list owners and suppliers')],
      ['onboard', l10n.t('onboard vehicles')],
      ['owners', l10n.t('change owners')],
      ['doctor', l10n.t('diagnose vehicles')],
      ['offboard', l10n.t('offboard vehicles')],
    ),
    ...with_(
      IAM,
      ['provision', l10n.t('make and renew certificates')],
      ['send', l10n.t('send telemetry as vehicles')],
      ['watch', l10n.t('watch telemetry')],
      ['jobs', l10n.t('send jobs')],
      ['ownCa', l10n.t('take vehicles with certificates of your own CA')],
    ),
    {
      id: 'ui',
      title: l10n.t('open the web page'),
      needs: password,
      no: uiUrl === undefined ? l10n.t('no CloudFront address is among the outputs') : undefined,
    },
  ];
}
