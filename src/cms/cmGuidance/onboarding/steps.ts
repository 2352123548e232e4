import { l10n } from '../../../core/message.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { OnboardKit, Provisioned } from '../../contract/onboarding.ts';
import { type EnsureResult, step } from '../../contract/steps.ts';
import { isAbsent } from '../replies.ts';
import { judgeClaims } from '../claims.ts';
import { isUsable } from '../kept.ts';
import type { Sources } from '../sources.ts';
import { allowedBy, assumedWay, maySendNowhere, topicOf } from '../ways.ts';
import { unlessDenied } from '../../kit/denied.ts';
import { createVehicle, knownOf, type Pacer, vehicleOf } from './create.ts';
import { enrollmentOf } from './enrollment.ts';
import { ensureFleet, ensureManifest } from './fleets.ts';
import { enrollByHand, mayNotConnect, notEnrolled, readableByOthers } from './words.ts';
import { type VehicleRequest, wishesOf } from './request.ts';
import { sendFirst, waitUntilSeen } from './seen.ts';

/** What each step of one vehicle is given. */
export interface VehicleInput {
  readonly request: VehicleRequest;
  readonly sources: Sources;
  readonly kit: OnboardKit;
  readonly pace: Pacer;
}
type Known = VehicleInput & { readonly vehicle: VehicleRef };
type Provided = Known & { readonly provisioned: Provisioned };

/** Done once, however many vehicles follow. */
export const preparationSteps = {
  signIn: step({
    id: 'sign-in',
    shared: true,
    title: l10n.t('Sign in'),
    leaves: l10n.t('the user in the user pool of the CMS, who stays'),
    async run({ sources: { entry } }: Pick<VehicleInput, 'sources'>, work) {
      const outcome: EnsureResult = await entry.create(work.signal);
      const { words, wrong } = judgeClaims(await entry.claims(work.signal));
      work.progress({ step: 'sign-in', level: wrong ? 'warn' : 'info', message: words });
      return { outcome };
    },
  }),
};

export const vehicleSteps = {
  fleet: step({
    id: 'fleet',
    shared: true,
    title: l10n.t('Find or create the fleet'),
    leaves: l10n.t('the fleet, which other vehicles may be in; it stays'),
    async run({ request: { fleetName }, sources, kit, pace }: VehicleInput, work) {
      return kit.shared.once(`fleet ${fleetName}`, () =>
        pace(() => ensureFleet(sources, fleetName, work.signal), work),
      );
    },
  }),

  manifest: step({
    id: 'model-manifest',
    shared: true,
    title: l10n.t('Find the model manifest'),
    leaves: l10n.t('the model manifest, where one was made; it stays'),
    async run({ request, sources, kit }: VehicleInput, { signal }) {
      const wanted = { name: request.modelManifest, mayMake: request.makeManifest === 'yes' };
      return kit.shared.once(`manifest ${JSON.stringify(wanted)}`, () =>
        ensureManifest(sources, wanted, signal),
      );
    },
  }),

  vehicle: step({
    id: 'vehicle',
    title: l10n.t('Create the vehicle'),
    leaves: l10n.t('the vehicle, its thing and its certificate; offboarding removes them'),
    async run(input: VehicleInput & { fleetId: string; modelManifestName: string }, work) {
      const { request, sources, kit, pace } = input;
      const known = await knownOf(request.vin, sources, work.signal);
      if (known !== undefined) return { outcome: 'found', vehicle: known };
      const vehicle = await createVehicle(vehicleOf(request, input), { sources, pace, warn: kit.warn }, work);
      return { outcome: 'created', vehicle };
    },
  }),

  enroll: step({
    id: 'enroll',
    title: l10n.t('Enroll the vehicle in its fleet'),
    leaves: l10n.t('the enrollment; offboarding removes it'),
    async run({ request, vehicle, sources, fleetId, kit }: Known & { fleetId: string }, work) {
      const { api, store } = sources;
      const enrollment = await enrollmentOf(vehicle, fleetId, sources, work.signal);
      if (enrollment.isThere) return { outcome: 'found' };
      const moved = (): { outcome: 'created' } => {
        if (enrollment.moved !== undefined) kit.warn(enrollment.moved);
        return { outcome: 'created' };
      };
      try {
        await api.moveVehicle(vehicle.id, fleetId, work.signal);
        return moved();
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
      if (request.enrollment !== 'table') {
        kit.warn(notEnrolled(vehicle.vin));
        return { outcome: 'done' };
      }
      work.progress({ step: 'enroll', level: 'info', message: enrollByHand(vehicle.vin) });
      await store.enroll(vehicle.id, fleetId, new Date(work.clock.now()).toISOString(), work.signal);
      return moved();
    },
  }),

  certificate: step({
    id: 'certificate',
    title: l10n.t('Get the production certificate'),
    leaves: l10n.t('the certificate, its thing and the files on disk; offboarding removes them'),
    async run({ request, vehicle, kit, sources }: Known, work) {
      const wishes = wishesOf(request);
      if (request.keys === 'keys') {
        const provisioned = await kit.provision(vehicle, wishes, work);
        kit.warn(readableByOthers(vehicle.vin));
        return { outcome: provisioned.result, provisioned };
      }
      const row = await sources.store.certificate(vehicle.id, work.signal);
      const isKept = row !== undefined && (await isUsable(row, vehicle, sources, work.signal));
      // Where the table has a pair that works, that is fetched first: a vehicle is never without one.
      const first = isKept ? { ...wishes, keys: 'keys' as const } : wishes;
      const provisioned = await kit.provision(vehicle, first, work);
      const { result, identity } = provisioned;
      // The pair of an earlier run, which may have ended before the row was written.
      const isInTable = row?.certificateId === identity.certificateId && row.privateKeyPem === undefined;
      if (result === 'created' ? !isKept : isInTable) return { outcome: result, provisioned };
      return { outcome: 'created', provisioned: await kit.renew(vehicle, wishes, work) };
    },
  }),

  policy: step({
    id: 'check-policy',
    title: l10n.t('Check what its policies allow'),
    leaves: undefined,
    async run({ vehicle, provisioned, sources, kit }: Provided, work) {
      const { connection, names } = sources;
      const target = { vehicle, certificateArn: provisioned.certificateArn };
      const allowed = await unlessDenied(allowedBy(connection, names, target, work.signal));
      if (allowed === undefined)
        return { outcome: 'done', topic: topicOf(names, assumedWay(names), vehicle.id) };
      if (allowed.connect === false) kit.warn(mayNotConnect(vehicle.vin, allowed.clientId));
      if (allowed.way === undefined) throw maySendNowhere(vehicle, names);
      return { outcome: 'done', topic: topicOf(names, allowed.way, vehicle.id) };
    },
  }),

  firstTelemetry: step({
    id: 'first-telemetry',
    title: l10n.t('Send the first telemetry'),
    leaves: l10n.t('one message in the telemetry of the CMS, which it keeps'),
    run: (input: Provided & { topic: string }, work) => sendFirst(input, work),
  }),

  seen: step({
    id: 'seen',
    title: l10n.t('Wait until the CMS shows the telemetry'),
    leaves: undefined,
    run: (input: Provided & { after: number }, work) => waitUntilSeen(input, work),
  }),
};
