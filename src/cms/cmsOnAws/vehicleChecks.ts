import { findCertificate } from '../../aws/iot/certificates.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import { poll, waits } from '../../core/retry.ts';
import { restingSample } from '../../telemetry/restingSample.ts';
import type { LiveVehicle } from '../contract/vehicles.ts';
import { type Check, checksOf, fail, type Found, ok, skip, warn } from '../contract/checks.ts';
import { isDenied } from '../kit/denied.ts';
import { codec } from './codec/codec.ts';
import { topicOf } from './codec/encode.ts';
import { storedProblem } from './judgeStored.ts';
import { attemptsOf, buryAttempts, deadAttempts, reactivate, restoreStatus, withoutStatus } from './mend.ts';
import type { LastSeen } from './lastSeen.ts';
import { deletingFix } from './readerChecks.ts';
import { currentRow, type ProvisionedRow } from './rows.ts';
import type { Sources } from './sources.ts';
import { ensureAccess, maySend } from './telemetryAccess.ts';
import { marksOf } from './things.ts';

interface VehicleFound extends Found {
  /** The newest stored message before one was sent; milliseconds since 1970. */
  storedBefore: number | 'unknown';
}

const RECEIVE = { attempts: Infinity, withinMs: 20_000, backoff: waits(500) };
const ONBOARD_AGAIN = l10n.t('Run onboard for this vehicle: it continues where it is incomplete.');
const check = checksOf<VehicleFound>();

/** One vehicle of a CMS on AWS: its rows, what it may send, and whether that is stored. */
export function vehicleChecks(
  { connection, names, store, lastSeen }: Sources,
  bucket: string | undefined,
): readonly Check[] {
  return [
    check({
      id: 'authorized',
      title: l10n.t('Vehicle authorized'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ vehicle: { vin } }, { signal }) {
        const row = await store.authorized(vin, signal);
        if (row === undefined) {
          return warn(l10n.t('{vin} is not in the list of authorized vehicles.', { vin }), ONBOARD_AGAIN);
        }
        if (row.missing.length > 0) {
          const what = row.missing.join(', ');
          return fail(l10n.t('The authorization of {vin} lacks {what}.', { vin, what }), ONBOARD_AGAIN);
        }
        if (row.allowed) return ok(l10n.t('{vin} may be provisioned.', { vin }));
        return warn(
          l10n.t('{vin} is in the list of authorized vehicles, but not allowed to be provisioned.', { vin }),
          ONBOARD_AGAIN,
        );
      },
    }),
    check({
      id: 'incomplete-rows',
      title: l10n.t('Rows of the vehicle are complete'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ vehicle: { vin } }, { signal }) {
        const partial = (await store.provisioned(vin, signal)).filter(({ missing }) => missing.length > 0);
        if (partial.length === 0) return ok(l10n.t('They are.'));
        const nameless = withoutStatus(partial);
        if (nameless.length === partial.length) {
          return fail(
            l10n.t('{vin} is stuck: the hook of CMS does not know the status that one of its rows has.', {
              vin,
            }),
            l10n.t('Give the row the status that its certificate has in AWS IoT.'),
            {},
            {
              title: l10n.t('Give the row of {vin} the status of its certificate', { vin }),
              async run(work) {
                for (const row of nameless) await restoreStatus(connection, store, row, work.signal);
              },
            },
          );
        }
        return fail(
          l10n.t('{vin} is stuck: one of its rows is incomplete, and the hook of CMS fails on it.', { vin }),
          l10n.t('Delete the incomplete rows of the table {table}.', { table: 'provisioned vehicles' }),
          {},
          {
            title: l10n.t('Delete the incomplete rows of {vin}', { vin }),
            async run(work) {
              for (const row of partial) {
                if (nameless.includes(row)) await restoreStatus(connection, store, row, work.signal);
                else await store.deleteRow(vin, row.certificateId, work.signal);
              }
            },
          },
        );
      },
    }),
    check({
      id: 'provisioned',
      title: l10n.t('Vehicle provisioned, its certificate in service'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ vehicle, tools }, { signal }) {
        const { vin, thingName } = vehicle;
        const attempts = await attemptsOf(connection, await store.provisioned(vin, signal), signal);
        const dead = deadAttempts(attempts);
        const inService = attempts.filter(
          ({ row, certificate }) => row.status === 'ACTIVE' && certificate === 'ACTIVE',
        );
        const off = attempts.filter(({ certificate }) => certificate === 'INACTIVE').map(({ row }) => row);
        const one = off.length === 1 ? off[0] : undefined;
        const switchedOff = async () =>
          (await rowOf(off, () => tools.certificateHere(vehicle))) ??
          (await rowOf(off, async () => (await marksOf(connection, thingName, signal))?.certificateId)) ??
          one;
        if (dead.length > 0) {
          // A hook that was too late has done both.
          const lost = inService.length === 0 ? await switchedOff() : undefined;
          return fail(
            l10n.t(
              '{vin} is stuck: a row of it names a certificate that is gone, and the hook of CMS fails on it.',
              { vin },
            ),
            l10n.t('Mark the row as deleted.'),
            {},
            {
              title:
                lost === undefined
                  ? l10n.t('Mark the row of the certificate that is gone as deleted')
                  : l10n.t(
                      'Mark the row of the certificate that is gone as deleted, and activate certificate {id}',
                      { id: lost.certificateId },
                    ),
              async run(work) {
                await buryAttempts(store, dead, work.signal);
                if (lost !== undefined) await reactivate(connection, store, lost, work.signal);
              },
            },
          );
        }
        const [current, another] = inService;
        if (another !== undefined) {
          return warn(
            l10n.t('{vin} has {count} certificates in service.', { vin, count: inService.length }),
            ONBOARD_AGAIN,
          );
        }
        if (current !== undefined) {
          return current.row.hasConnected
            ? ok(l10n.t('It is, and has connected.'))
            : warn(l10n.t('It is, but has never said that it connected.'), ONBOARD_AGAIN);
        }
        const row = await switchedOff();
        if (row === undefined) {
          return fail(l10n.t('{vin} has no certificate in service.', { vin }), ONBOARD_AGAIN);
        }
        return fail(
          l10n.t('The certificate of {vin}, {id}, is switched off: an attempt to provision it was refused.', {
            ...{ vin, id: row.certificateId },
          }),
          l10n.t('Activate the certificate, or run onboard for a new one.'),
          {},
          {
            title: l10n.t('Activate the certificate'),
            run: (work) => reactivate(connection, store, row, work.signal),
          },
        );
      },
    }),
    check({
      id: 'may-send',
      title: l10n.t('Vehicle may send what CMS stores'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ vehicle }, { signal }) {
        const topic = topicOf(vehicle);
        const row = currentRow(await store.provisioned(vehicle.vin, signal));
        const certificate = row && (await findCertificate(connection, row.certificateId, signal));
        if (certificate === undefined) return skip(l10n.t('It has no certificate.'));
        const may = await maySend(connection, vehicle, certificate.arn, signal);
        if (may === true) return ok(l10n.t('Its policies allow {topic}.', { topic }));
        if (may === undefined) {
          return skip(
            l10n.t('A policy of it says what it is not about: whether that allows {topic} is not known.', {
              topic,
            }),
          );
        }
        return fail(
          l10n.t('Its policies do not allow {topic}: AWS IoT ends the connection at the first message.', {
            topic,
          }),
          l10n.t('Onboard it again with the right to send telemetry (--telemetry-access group).'),
          {},
          {
            title: l10n.t('Put the vehicle into a thing group with a policy for telemetry'),
            run: (work) => ensureAccess(connection, names, vehicle, work.signal),
          },
        );
      },
    }),
    check({
      id: 'publish',
      title: l10n.t('Publish telemetry'),
      stage: 'telemetry',
      needs: ['vehicle', 'publish', 'connected'],
      async run({ request, vehicle, publish }, work) {
        if (!request.publish) return skip(l10n.t('Not requested.'));
        const { before, storedBefore } = await seenBefore(lastSeen, vehicle, work.signal);
        const position = before?.position;
        const place = { ...(position ?? request.position), heading: position?.headingDegrees ?? 0 };
        const context = { ...vehicle, tripId: 'doctor', simulationId: 'doctor', serial: 1 };
        const message = codec.sample(restingSample(place, work.clock), context);
        await publish([message], work);
        const { topic } = message;
        return ok(l10n.t('AWS IoT acknowledged a message on {topic}.', { topic }), {
          storedBefore,
        });
      },
    }),
    check({
      id: 'stored',
      title: l10n.t('Telemetry stored, and readable by queries'),
      stage: 'telemetry',
      needs: ['vehicle', 'storedBefore'],
      async run({ vehicle, storedBefore }, work) {
        if (lastSeen === undefined) {
          return fail(
            l10n.t('The module cms-connect-store is not deployed: telemetry is stored nowhere.'),
            l10n.t('Deploy these modules for the app.'),
          );
        }
        if (storedBefore === 'unknown') {
          return skip(
            l10n.t(
              'No permission to read the telemetry bucket, so it is not known whether the message arrived.',
            ),
          );
        }
        const stored = await poll(work, RECEIVE, () => lastSeen.newest(vehicle, work.signal, storedBefore));
        if (stored === undefined) {
          return fail(
            l10n.t('The message is not in the telemetry bucket.'),
            l10n.t(
              'AWS IoT accepted it, so check the topic rules of the module cms-connect-store and their role.',
            ),
          );
        }
        const problem = storedProblem(await lastSeen.read(stored, work.signal), vehicle.vin);
        const { key } = stored;
        if (problem === undefined) return ok(l10n.t('It is {key} in the telemetry bucket.', { key }));
        return fail(
          l10n.t('The stored message {key} breaks queries over the store: {problem}.', { key, problem }),
          l10n.t('Delete that object from the telemetry bucket, and fix what sent it.'),
          {},
          bucket === undefined ? undefined : deletingFix(connection, bucket, [key]),
        );
      },
    }),
  ];
}

/** That of some rows whose certificate somebody names. */
async function rowOf(
  rows: readonly ProvisionedRow[],
  named: () => Promise<string | undefined>,
): Promise<ProvisionedRow | undefined> {
  if (rows.length === 0) return undefined;
  const id = await named();
  return rows.find(({ certificateId }) => certificateId === id);
}

/** What was stored last. Somebody who may not look still can send. */
async function seenBefore(
  lastSeen: LastSeen | undefined,
  vehicle: VehicleRef,
  signal: AbortSignal,
): Promise<{ before?: LiveVehicle | undefined; storedBefore: VehicleFound['storedBefore'] }> {
  try {
    const before = await lastSeen?.live(vehicle, signal);
    const newest = await lastSeen?.newest(vehicle, signal);
    return { before, storedBefore: newest?.time ?? 0 };
  } catch (error) {
    if (isDenied(error)) return { storedBefore: 'unknown' };
    throw error;
  }
}
