import { activateCertificate, attachPolicy, attachThing } from '../aws/iot/certificates.ts';
import { type Check, type CheckInput, fail, type Fix, ok, skip, warn } from '../cms/contract/checks.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { l10n } from '../core/message.ts';
import { brokerOf } from '../provisioning/device.ts';
import { belongsTo, lookAt, ownerOf } from '../provisioning/belonging.ts';
import { check, type CommonFound } from './diagnoseDeps.ts';

const ONBOARD_AGAIN = l10n.t('Run onboard for this vehicle: it continues where it is incomplete.');
const ROTATE = l10n.t('Run rotate for this vehicle to get a new certificate.');
const SOON_MS = 30 * 24 * 3_600_000;

/** Whether the certificate of this vehicle is as it has to be, and lets it connect. */
export const vehicleChecks: readonly Check[] = [
  check({
    id: 'certificate-files',
    title: l10n.t('Certificate and key on this machine'),
    stage: 'vehicle',
    needs: ['deps'],
    async run({ request: { vin }, vehicle, deps: { certificates } }) {
      const { folder } = certificates;
      const files = await certificates.production(vehicle?.id ?? vin);
      switch (files.kind) {
        case 'none':
          return fail(
            l10n.t('There is no production certificate of {vin} in {folder}.', { vin, folder }),
            l10n.t('Specify the right folder, or run provision for this vehicle.'),
          );
        case 'ok':
          return ok(l10n.verbatim(`${files.pair.files.certificate}.`), { files });
        case 'unusable':
          return ok(l10n.t('There are files of {vin} in {folder}.', { vin, folder }), { files });
      }
    },
  }),
  check({
    id: 'key-match',
    title: l10n.t('Key belongs to certificate'),
    stage: 'vehicle',
    needs: ['files'],
    run({ files }, { clock }) {
      if (files.kind === 'unusable') return Promise.reject(files.why);
      const stored = files.pair;
      const end = stored.notAfter.toISOString().slice(0, 10);
      const id = stored.certificateId.slice(0, 12);
      return Promise.resolve(
        stored.notAfter.getTime() - clock.now() < SOON_MS
          ? warn(l10n.t('The certificate expires on {end}.', { end }), ROTATE, { stored })
          : ok(l10n.t('Certificate {id}… is valid until {end}.', { id, end }), { stored }),
      );
    },
  }),
  check({
    id: 'certificate-status',
    title: l10n.t('Certificate active in AWS IoT'),
    stage: 'vehicle',
    needs: ['stored'],
    async run({ tools, stored: { certificateId }, vehicle, deployment }, { signal }) {
      const { cloud, connection } = tools;
      const certificate = await cloud.certificate(certificateId, signal);
      if (!certificate) {
        return fail(
          l10n.t('AWS IoT in this account and region does not know the certificate on this machine.'),
          l10n.list([l10n.t('Check profile and region.'), ROTATE], 'sentences'),
        );
      }
      const { status } = certificate;
      if (status === 'ACTIVE') return ok(l10n.t('It is ACTIVE.'), { certificate });
      const refused = l10n.t('The certificate is {status}: AWS IoT refuses the connection.', { status });
      // AWS IoT takes no certificate back that was revoked.
      if (status === 'REVOKED') return fail(refused, ROTATE, { certificate });
      const command = `aws iot update-certificate --certificate-id ${certificateId} --new-status ACTIVE`;
      return fail(
        refused,
        l10n.t('Activate it ({command}), or: {otherwise}', { command, otherwise: ROTATE }),
        { certificate },
        await ownFix({ tools, vehicle, deployment, certificateId }, signal, {
          title: l10n.t('Activate the certificate'),
          run: (work) => activateCertificate(connection, certificateId, work.signal),
        }),
      );
    },
  }),
  check({
    id: 'thing-attached',
    title: l10n.t('Certificate attached to the thing'),
    stage: 'vehicle',
    needs: ['vehicle', 'certificate'],
    async run({ tools, vehicle, deployment, certificate: { id, arn } }, { signal }) {
      const { cloud, connection } = tools;
      const { thingName: thing } = vehicle;
      if (!(await cloud.thing(thing, signal))) {
        return fail(l10n.t('There is no thing {thing}.', { thing }), ONBOARD_AGAIN);
      }
      const principals = await cloud.principalsOf(thing, signal);
      if (principals.includes(arn)) return ok(l10n.t('Attached to {thing}.', { thing }));
      const command = `aws iot attach-thing-principal --thing-name ${thing} --principal ${arn}`;
      return fail(
        l10n.t(
          'The certificate is not attached to thing {thing}, so the device policy refuses its connection.',
          { thing },
        ),
        l10n.t('Attach it: {command}', { command }),
        {},
        await ownFix({ tools, vehicle, deployment, certificateId: id }, signal, {
          title: l10n.t('Attach the certificate to thing {thing}', { thing }),
          run: (work) => attachThing(connection, { thingName: thing, arn }, work.signal),
        }),
      );
    },
  }),
  check({
    id: 'policy-attached',
    title: l10n.t('Device policy attached to the certificate'),
    stage: 'vehicle',
    needs: ['deployment', 'certificate'],
    async run({ tools, vehicle, deployment, certificate: { id, arn } }, { signal }) {
      const { cloud, connection } = tools;
      const policy = deployment.certificates?.devicePolicy;
      const policies = await cloud.policiesOf(arn, signal);
      if (policy === undefined) {
        return policies.length > 0
          ? ok(l10n.t('{policy} is attached.', { policy: policies.join(', ') }))
          : fail(l10n.t('No policy is attached to the certificate: it has no permissions.'), ROTATE);
      }
      if (policies.includes(policy)) return ok(l10n.t('{policy} is attached.', { policy }));
      const command = `aws iot attach-policy --policy-name ${policy} --target ${arn}`;
      return fail(
        l10n.t('Policy {policy} is not attached to the certificate: it has no permissions.', { policy }),
        l10n.t('Attach it: {command}', { command }),
        {},
        await ownFix({ tools, vehicle, deployment, certificateId: id }, signal, {
          title: l10n.t('Attach policy {policy} to the certificate', { policy }),
          run: (work) => attachPolicy(connection, { policyName: policy, arn }, work.signal),
        }),
      );
    },
  }),
  check({
    id: 'connect',
    title: l10n.t('MQTT connection as the vehicle'),
    stage: 'vehicle',
    needs: ['deps', 'deployment', 'vehicle', 'stored'],
    async run({ deps, deployment, vehicle, stored }, work) {
      const { connection, device } = deps;
      const { certificates } = deployment;
      if (certificates === undefined) return skip(l10n.t('The client id to connect with is not known.'));
      const publish: CommonFound['publish'] = async (messages, { signal, ...rest }) => {
        const broker = await brokerOf(connection, signal);
        const clientId = certificates.clientId(vehicle);
        await device.publish({ broker, identity: stored.identity, clientId, messages }, { ...rest, signal });
      };
      await publish([], work);
      const { host, port } = await connection.mqttEndpoint(work.signal);
      return ok(l10n.t('Connected to {server}.', { server: `${host}:${port}` }), {
        connected: true,
        publish,
      });
    },
  }),
];

interface OwnCertificate extends Pick<CheckInput, 'tools'> {
  vehicle: VehicleRef | undefined;
  deployment: Deployment | undefined;
  certificateId: string;
}

/**
 * A fix that gives a certificate of this machine a right. It is offered only if AWS IoT itself says that the certificate
 * belongs to the vehicle: whoever put files into the folder may have the key, too.
 */
async function ownFix(
  { tools, vehicle, deployment, certificateId }: OwnCertificate,
  signal: AbortSignal,
  fix: Fix,
): Promise<Fix | undefined> {
  if (vehicle === undefined) return undefined;
  const certificate = await lookAt(tools.cloud, certificateId, signal);
  if (certificate === undefined) return undefined;
  const belonging = belongsTo(ownerOf(vehicle, deployment?.certificates), certificate);
  return belonging.own && belonging.as === 'certificate' ? fix : undefined;
}
