import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { calling } from '../../aws/calls.ts';
import {
  activateCertificate,
  attachThing,
  findAttachedCertificate,
  otherActiveCertificates,
} from '../../aws/iot/certificates.ts';
import { l10n } from '../../core/message.ts';
import { poll, waits } from '../../core/retry.ts';
import { restingSample } from '../../telemetry/restingSample.ts';
import { type Check, checksOf, fail, type Found, ok, skip } from '../contract/checks.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { isDenied, unlessDenied } from '../kit/denied.ts';
import { codec } from './codec/codec.ts';
import { enrollmentCheck, ONBOARD_AGAIN } from './enrollmentCheck.ts';
import { fleetTopicCheck } from './fleetTopicCheck.ts';
import type { Sources } from './sources.ts';
import { liveOf, rowById } from './vehicles.ts';
import { allowedBy, assumedWay, topicOf } from './ways.ts';

interface VehicleFound extends Found {
  /** ARN of the certificate that the CMS keeps of it. */
  certificateArn: string;
  /** Where it may send. */
  topic: string;
  /** When the message of this run was made; milliseconds since 1970. */
  sent: number;
}

const check = checksOf<VehicleFound>();
const ARRIVES = { attempts: Infinity, withinMs: 30_000, backoff: waits(500, 1000, 2000) };
const SHOWN = { attempts: Infinity, withinMs: 60_000, backoff: waits(500, 1000, 2000, 5000) };
const OWN_KEY = l10n.t(
  'Run onboard for this vehicle with --keys csr-ec, which has a certificate made for a key of this computer.',
);

/** One vehicle: its rows, its certificate, what it may send, and whether that comes through. */
export function vehicleChecks(sources: Sources, found: FoundDeployment): readonly Check[] {
  const { connection, names, store, api } = sources;
  return [
    check({
      id: 'vehicle-row',
      title: l10n.t('Vehicle in the CMS'),
      stage: 'vehicle',
      needs: ['vehicle', 'signedIn'],
      async run({ vehicle: { id, vin } }, { signal }) {
        const row = await rowById(id, sources, signal);
        if (row === undefined)
          return fail(l10n.t('The CMS does not know the vehicle {vin}.', { vin }), ONBOARD_AGAIN);
        const { dataSource = '-' } = row;
        if (dataSource === 'vehicle-telemetry' || dataSource === 'onboard-fwe' || dataSource === '-') {
          return ok(l10n.t('It is {id}.', { id }));
        }
        return fail(
          l10n.t('Its data source is {source}: it doesn’t send on its own and has no certificate.', {
            source: dataSource,
          }),
          l10n.t('Offboard it, and onboard it again.'),
        );
      },
    }),
    check({
      id: 'certificate-row',
      title: l10n.t('Certificate that the CMS keeps'),
      stage: 'vehicle',
      needs: ['vehicle'],
      async run({ vehicle: { id, vin, thingName } }, { signal }) {
        const row = await store.certificate(id, signal).catch((error: unknown) => {
          if (isDenied(error)) return 'denied' as const;
          throw error;
        });
        if (row === 'denied') return skip(l10n.t('The table of certificates may not be read.'));
        if (row === undefined) {
          return fail(
            l10n.t('The table {table} has no certificate of {vin}.', {
              table: names.tables.certificates,
              vin,
            }),
            OWN_KEY,
          );
        }
        const { certificateId } = row;
        const cloud = await findAttachedCertificate(connection, certificateId, signal);
        if (cloud === undefined) {
          return fail(
            l10n.t('The certificate that the CMS keeps of {vin} is gone from AWS IoT.', { vin }),
            OWN_KEY,
          );
        }
        const found = { certificateArn: cloud.arn };
        if (cloud.status === 'INACTIVE') {
          const others = await unlessDenied(
            otherActiveCertificates(connection, thingName, cloud.arn, signal),
          );
          const [another] = others ?? [];
          // The one in the table was replaced, and may be so on purpose: its key may be known to others.
          if (another !== undefined) {
            return fail(
              l10n.t('The certificate of {vin} in the table is INACTIVE; another one, {id}, is in service.', {
                ...{ vin, id: another },
              }),
              OWN_KEY,
              found,
            );
          }
          return fail(
            l10n.t('The certificate of {vin} is INACTIVE: somebody switched it off.', { vin }),
            l10n.t('Activate the certificate.'),
            found,
            // Not where another one may be in service that cannot be seen.
            others && {
              title: l10n.t('Activate the certificate'),
              run: (work) => activateCertificate(connection, certificateId, work.signal),
            },
          );
        }
        if (cloud.status !== 'ACTIVE') {
          return fail(
            l10n.t('The certificate of {vin} is {status}, for good.', { vin, status: cloud.status }),
            OWN_KEY,
            found,
          );
        }
        if (!cloud.things.includes(thingName)) {
          return fail(
            l10n.t('The certificate of {vin} is not attached to the thing {thing}.', {
              vin,
              thing: thingName,
            }),
            l10n.t('Attach the certificate to the thing.'),
            found,
            {
              title: l10n.t('Attach the certificate to the thing'),
              run: (work) => attachThing(connection, { thingName, arn: cloud.arn }, work.signal),
            },
          );
        }
        return ok(
          store.hidesKeys
            ? l10n.t('It is ACTIVE and attached.')
            : row.privateKeyPem === undefined
              ? l10n.t('It is ACTIVE and attached; its key was generated elsewhere.')
              : l10n.t('It is ACTIVE and attached; its key is in the table, too.'),
          found,
        );
      },
    }),
    check({
      id: 'policy',
      title: l10n.t('Policies allow client id and topic'),
      stage: 'vehicle',
      needs: ['vehicle', 'certificateArn'],
      async run({ vehicle, certificateArn }, { signal }) {
        const allowed = await unlessDenied(allowedBy(connection, names, { vehicle, certificateArn }, signal));
        if (allowed === undefined) {
          return {
            ...skip(l10n.t('They may not be read.')),
            found: { topic: topicOf(names, assumedWay(names), vehicle.id) },
          };
        }
        const { policies, connect, way, clientId } = allowed;
        const named = policies.join(', ');
        const remedy = l10n.t(
          'Attach a policy that allows it; the policies of an account are shared by all stages, and the first stage made them.',
        );
        if (policies.length === 0) return fail(l10n.t('Its certificate has no policy.'), remedy);
        if (connect === false) {
          return fail(
            l10n.t('{policies} does not let it connect as {clientId}.', { policies: named, clientId }),
            remedy,
          );
        }
        if (way === undefined) {
          return fail(
            l10n.t('{policies} lets it send telemetry of the stage {stage} nowhere.', {
              policies: named,
              stage: names.stage,
            }),
            remedy,
          );
        }
        const topic = topicOf(names, way, vehicle.id);
        return ok(l10n.t('{policies} allows {topic}.', { policies: named, topic }), { topic });
      },
    }),
    enrollmentCheck(sources),
    fleetTopicCheck(sources, found),
    check({
      id: 'publish',
      title: l10n.t('Publish telemetry'),
      stage: 'telemetry',
      needs: ['vehicle', 'publish', 'connected'],
      async run({ request, vehicle, publish, topic, signedIn }, work) {
        if (!request.publish) return skip(l10n.t('Not requested.'));
        if (topic === undefined) return skip(l10n.t('Its policies let it send nowhere.'));
        const detail =
          signedIn === true ? await api.vehicle(vehicle.id, work.signal).catch(() => undefined) : undefined;
        const position = detail && liveOf(vehicle, detail, [])?.position;
        const place = { ...(position ?? request.position), heading: position?.headingDegrees ?? 0 };
        const sample = restingSample(place, work.clock);
        const context = { ...vehicle, tripId: 'doctor', simulationId: 'doctor', serial: 1, topic };
        await publish([codec.sample(sample, context)], work);
        return ok(l10n.t('AWS IoT acknowledged a message on {topic}.', { topic }), { sent: sample.time });
      },
    }),
    check({
      id: 'arrived',
      title: l10n.t('Arrived at the rule'),
      stage: 'telemetry',
      needs: ['vehicle', 'sent'],
      async run({ vehicle, sent }, work) {
        try {
          const key = await poll(work, ARRIVES, () =>
            backupOf(sources, codec.clientId(vehicle), sent, work.signal),
          );
          if (key !== undefined) return ok(l10n.t('It is {key} in the backup of messages.', { key }));
        } catch (error) {
          if (isDenied(error)) return skip(l10n.t('The backup of messages may not be listed.'));
          throw error;
        }
        return fail(
          l10n.t('The message is not in the backup of messages: the rule did not take it.'),
          l10n.t(
            'Look at the checks of rule and policy above; a policy that denies a topic ends the connection without a word.',
          ),
        );
      },
    }),
    check({
      id: 'stored',
      title: l10n.t('Stored by the stream'),
      stage: 'telemetry',
      needs: ['vehicle', 'sent'],
      async run({ vehicle, sent }, work) {
        try {
          const time = await poll(work, ARRIVES, async () => {
            const newest = await store.newestTelemetry(vehicle.id, work.signal);
            return newest !== undefined && newest >= sent ? newest : undefined;
          });
          if (time !== undefined)
            return ok(l10n.t('There is a row of {time}.', { time: new Date(time).toISOString() }));
        } catch (error) {
          if (isDenied(error)) return skip(l10n.t('The table of telemetry may not be read.'));
          throw error;
        }
        return fail(
          l10n.t('The table of telemetry has no row of the message.'),
          l10n.t('The stream did not read it: look at its applications above, and at the signal catalog.'),
        );
      },
    }),
    check({
      id: 'shown',
      title: l10n.t('Shown by the CMS'),
      stage: 'telemetry',
      needs: ['vehicle', 'sent', 'signedIn'],
      async run({ vehicle, sent }, work) {
        const time = await poll(work, SHOWN, async () => {
          const newest = (await api.vehicle(vehicle.id, work.signal))?.latestTelemetry?.timestamp;
          return newest !== undefined && newest >= sent ? newest : undefined;
        });
        if (time !== undefined) return ok(l10n.t('The API has it.'));
        return fail(
          l10n.t('The API does not show the message.'),
          l10n.t(
            'Live state is made of signals that the signal catalog knows, and kept for five minutes: look at the catalog, and at Redis in the stack msk.',
          ),
        );
      },
    }),
  ];
}

/** The key of a message in the backup that was made since a moment; the partitions are hours of UTC. */
async function backupOf(
  { connection, names }: Sources,
  clientId: string,
  since: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { accountId } = await connection.identity(signal);
  const bucket = `${names.prefix}-telemetry-backup-${connection.region}-${accountId}`;
  const client = await connection.s3();
  // A minute for clocks that differ.
  for (const time of new Set([since, since + 60_000].map((at) => Math.floor(at / 3_600_000) * 3_600_000))) {
    const [year = '', month = '', day = '', hour = ''] = new Date(time).toISOString().split(/[-T:]/);
    const prefix = `raw-telemetry/year=${year}/month=${month}/day=${day}/hour=${hour}/${clientId}-`;
    const command = new ListObjectsV2Command({
      ...{ Bucket: bucket, Prefix: prefix, StartAfter: `${prefix}${since - 60_000}` },
    });
    const { Contents = [] } = await calling(l10n.t('listing the backup of messages'), () =>
      client.send(command, { abortSignal: signal }),
    );
    const key = Contents.at(-1)?.Key;
    if (key !== undefined) return key;
  }
  return undefined;
}
