import { CmsError, sentenceOf } from '../../../core/errors.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { poll, waits } from '../../../core/retry.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { Work } from '../../../core/work.ts';
import { restingSample } from '../../../telemetry/restingSample.ts';
import type { OnboardKit, Provisioned } from '../../contract/onboarding.ts';
import { step } from '../../contract/steps.ts';
import type { LiveVehicle } from '../../contract/vehicles.ts';
import { codec } from '../codec/codec.ts';
import { greetingOf, wholeRow } from '../greeting.ts';
import { isDenied, unlessDenied } from '../../kit/denied.ts';
import type { LastSeen } from '../lastSeen.ts';
import { isNamed } from '../mend.ts';
import type { Sources } from '../sources.ts';
import { ensureAccess, maySend } from '../telemetryAccess.ts';
import { UNDESCRIBED, type VehicleRequest, wishesOf } from './request.ts';

/** What each step of one vehicle is given. */
export interface VehicleInput {
  readonly request: VehicleRequest;
  readonly vehicle: VehicleRef;
  readonly sources: Sources;
  readonly kit: OnboardKit;
}

type Provided = VehicleInput & { readonly provisioned: Provisioned };

/** What CMS does after a registration or a first message it does some seconds later. */
const SOON = { attempts: Infinity, withinMs: 60_000, backoff: waits(500, 500, 1000, 2000) };

export const vehicleSteps = {
  authorize: step({
    id: 'authorize',
    title: l10n.t('Authorize the VIN'),
    leaves: l10n.t('the VIN in the list of authorized vehicles; offboarding removes it'),
    async run({ request, vehicle: { vin }, sources: { store } }: VehicleInput, work) {
      const before = await store.authorized(vin, work.signal);
      if (before?.allowed === false && before.missing.length === 0) {
        const message = l10n.t('{vin} was not allowed to be provisioned: it is allowed now', { vin });
        work.progress({ step: 'authorize', level: 'warn', message, vin });
      }
      const year = request.modelYear === undefined ? before?.year : String(request.modelYear);
      const row = {
        vin,
        make: request.make ?? orElse(before?.make, UNDESCRIBED.make),
        model: request.model ?? orElse(before?.model, UNDESCRIBED.model),
        year: orElse(year, String(UNDESCRIBED.modelYear)),
      };
      return { outcome: await store.authorize(row, work.signal) };
    },
  }),

  certificate: step({
    id: 'certificate',
    title: l10n.t('Get the production certificate'),
    leaves: l10n.t('the certificate, its thing and the files on disk; offboarding removes them'),
    async run({ request, vehicle, kit }: VehicleInput, work) {
      const provisioned = await kit.provision(vehicle, wishesOf(request), work);
      return { outcome: provisioned.result, provisioned };
    },
  }),

  hello: step({
    id: 'hello',
    title: l10n.t('Wait until CMS knows that the vehicle has connected'),
    leaves: undefined,
    async run({ vehicle, provisioned, sources: { store }, kit }: Provided, work) {
      const { vin } = vehicle;
      const { certificateId } = provisioned.identity;
      const greeter = { vin, certificateId };
      const isNoted = async () => {
        const rows = await store.provisioned(vin, work.signal);
        const row = rows.find((each) => each.certificateId === certificateId);
        return row?.hasConnected === true && row.status === 'ACTIVE' ? row : undefined;
      };
      let isMended = false;
      if (provisioned.result === 'found') {
        const row = await wholeRow(greeter, store, work.signal);
        if (!isNamed(row)) {
          // An offboarding ended half-way: AWS IoT has the certificate in service, and CMS does not.
          isMended = await store.setStatus(vin, certificateId, 'ACTIVE', work.signal);
          warn(work, 'hello', wasOver(vin));
        }
        if (!isMended && (await isNoted()) !== undefined) return { outcome: 'found' };
        // A run may have ended before the vehicle could say it.
        const hello = row.hasConnected ? [] : await greetingOf(greeter, store, work.signal);
        if (hello.length > 0) await kit.publish(vehicle, provisioned, hello, work);
      }
      if ((await poll(work, SOON, isNoted)) === undefined) throw unheard(vin);
      return { outcome: isMended ? 'repaired' : 'done' };
    },
  }),

  telemetryAccess: step({
    id: 'telemetry-access',
    title: l10n.t('Give the right to send telemetry'),
    leaves: l10n.t(
      'our thing group and its policy, which vehicles share; offboarding takes the thing out of the group',
    ),
    async run({ vehicle, sources: { connection, names }, kit: { shared } }: VehicleInput, work) {
      try {
        return { outcome: await ensureAccess(connection, names, vehicle, work.signal, shared) };
      } catch (error) {
        if (!isDenied(error)) throw error;
        // What it may do without is looked at next.
        warn(work, 'telemetry-access', notGiven(vehicle.vin, sentenceOf(error)));
        return { outcome: 'done' };
      }
    },
  }),

  checkAccess: step({
    id: 'check-access',
    title: l10n.t('Check whether it may send telemetry'),
    leaves: undefined,
    async run({ vehicle, provisioned, sources: { connection } }: Provided, work) {
      const may = await unlessDenied(maySend(connection, vehicle, provisioned.certificateArn, work.signal));
      if (may === false) warn(work, 'check-access', mayNotSend(vehicle.vin));
      if (may === undefined) warn(work, 'check-access', mayBeSilent(vehicle.vin));
      return { outcome: 'done', may };
    },
  }),

  firstTelemetry: step({
    id: 'first-telemetry',
    title: l10n.t('Send the first telemetry'),
    leaves: l10n.t('one message in the telemetry bucket, which CMS never deletes'),
    async run({ request, vehicle, provisioned, kit, sources: { lastSeen } }: Provided, work) {
      if (lastSeen === undefined) warn(work, 'first-telemetry', NOT_STORED);
      // Somebody who may not look still can send.
      const before = await unlessDenied(lastSeen?.newest(vehicle, work.signal));
      // A vehicle that is on its way must not be put back to where it was onboarded.
      if (before !== undefined && provisioned.result === 'found') {
        return { outcome: 'found', after: before.time - 1 };
      }
      const sample = restingSample(request, work.clock, codec.powertrain(request.fuelType));
      const context = { ...vehicle, tripId: 'onboarding', simulationId: 'onboarding', serial: 1 };
      await kit.publish(vehicle, provisioned, [codec.sample(sample, context)], work);
      return { outcome: 'created', after: before?.time ?? 0 };
    },
  }),

  stored: step({
    id: 'stored',
    title: l10n.t('Wait until the telemetry is stored'),
    leaves: undefined,
    async run(input: VehicleInput & { lastSeen: LastSeen; after: number }, work) {
      const { vehicle, lastSeen, after } = input;
      try {
        const found = await poll(work, SOON, () => lastSeen.newest(vehicle, work.signal, after));
        if (found === undefined) throw notStored(vehicle.vin);
        return { outcome: 'found', live: await described(input, work.signal) };
      } catch (error) {
        if (!isDenied(error)) throw error;
        warn(work, 'stored', notReadable(vehicle.vin));
        return { outcome: 'done', live: undefined };
      }
    },
  }),
};

const NOT_STORED = l10n.t('The module cms-connect-store is not deployed: telemetry is stored nowhere.');

function warn(work: Work, id: string, message: Message): void {
  work.progress({ step: id, level: 'warn', message });
}

function mayNotSend(vin: string): Message {
  return l10n.t(
    'The policies of {vin} do not let it send what CMS stores: its connection would end at the first message. Onboard it again with the right to send telemetry (--telemetry-access group).',
    { vin },
  );
}

function mayBeSilent(vin: string): Message {
  return l10n.t(
    'It is not known whether the policies of {vin} let it send what CMS stores, so it sends nothing yet: its connection might end at the first message.',
    { vin },
  );
}

function notGiven(vin: string, why: Message): Message {
  return l10n.t('{vin} gets no right to send telemetry: {why}', { vin, why });
}

function wasOver(vin: string): Message {
  return l10n.t(
    'CMS mistook the certificate of {vin}, which is in service, for a retired one; it is ACTIVE again',
    {
      vin,
    },
  );
}

function notReadable(vin: string): Message {
  return l10n.t(
    'No permission to read the telemetry bucket, so it is not known whether the telemetry of {vin} arrives.',
    { vin },
  );
}

/** As it was stored, and called as it was authorized. */
async function described(
  { vehicle, lastSeen, sources: { store } }: VehicleInput & { lastSeen: LastSeen },
  signal: AbortSignal,
): Promise<LiveVehicle | undefined> {
  const seen = await lastSeen.live(vehicle, signal);
  const row = await store.authorized(vehicle.vin, signal);
  return (
    seen && { ...seen, make: row?.make ?? '', model: row?.model ?? '', modelYear: Number(row?.year ?? 0) }
  );
}

function orElse(text: string | undefined, otherwise: string): string {
  return text === undefined || text === '' ? otherwise : text;
}

function unheard(vin: string): CmsError {
  return failed(
    l10n.t('AWS IoT accepted the greeting from {vin}, but CMS has not recorded that it connected.', { vin }),
    l10n.t(
      'Run onboard again in a minute; if that does not help, look at the rules of the module cms-provisioning, and at whether thing events are on in AWS IoT.',
    ),
  );
}

function notStored(vin: string): CmsError {
  return failed(
    l10n.t('AWS IoT accepted the telemetry from {vin}, but none of it is in the telemetry bucket.', { vin }),
    l10n.t('Run doctor for {vin}, and look at the topic rules of the module cms-connect-store.', { vin }),
  );
}

function failed(sentence: Message, remedy: Message): CmsError {
  return new CmsError('VEHICLE_NOT_VISIBLE', sentence, { remedy });
}
