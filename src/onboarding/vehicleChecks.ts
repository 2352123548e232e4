import { l10n, type Message } from '../core/message.ts';
import { check, type Check, fail, ok, warn } from './diagnoseDeps.ts';

const ONBOARD_AGAIN = l10n.t('Run onboard for this vehicle: it continues where it is incomplete.');
const ROTATE = l10n.t('Run rotate for this vehicle to get a new certificate.');
const SOON_MS = 30 * 24 * 3_600_000;

/** Whether the registry and the certificate of this vehicle are as they have to be. */
export const vehicleChecks: readonly Check[] = [
  check({
    id: 'registered',
    title: l10n.t('Vehicle and device in the asset library'),
    needs: ['deployment', 'signedIn'],
    async run({ request: { vin }, deployment }, { signal }) {
      const vehicle = await deployment.vehicle(vin, signal);
      const device = await deployment.device(vin, signal);
      if (!device) {
        return fail(l10n.t('The asset library has no device for {vin}.', { vin }), ONBOARD_AGAIN);
      }
      if (device.status !== 'installed') {
        return fail(notInstalled(vin, device.status), ONBOARD_AGAIN);
      }
      if (!vehicle) return fail(l10n.t('The asset library has no vehicle {vin}.', { vin }), ONBOARD_AGAIN);
      if (vehicle.owners.length === 0) {
        return warn(l10n.t('Vehicle {vin} has no owner.', { vin }), ONBOARD_AGAIN);
      }
      const { make, model } = vehicle;
      const owners = vehicle.owners.join(', ');
      return ok(l10n.t('{make} {model} of {owners}, device installed.', { make, model, owners }));
    },
  }),
  check({
    id: 'certificate-files',
    title: l10n.t('Certificate and key on this machine'),
    needs: [],
    async run({ request: { vin }, deps: { certificates } }) {
      const { folder } = certificates;
      const files = await certificates.production(vin);
      switch (files.kind) {
        case 'none':
          return fail(
            l10n.t('There is no production certificate of {vin} in {folder}.', { vin, folder }),
            l10n.t('Name the right folder, or run provision for this vehicle.'),
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
    needs: ['files'],
    run({ files }, { clock }) {
      if (files.kind === 'unusable') return Promise.reject(files.why);
      const stored = files.pair;
      const end = stored.notAfter.toISOString().slice(0, 10);
      const id = stored.certificateId.slice(0, 12);
      return Promise.resolve(
        stored.notAfter.getTime() - clock.now() < SOON_MS
          ? warn(l10n.t('The certificate ends on {end}.', { end }), ROTATE, { stored })
          : ok(l10n.t('Certificate {id}… is good until {end}.', { id, end }), { stored }),
      );
    },
  }),
  check({
    id: 'certificate-status',
    title: l10n.t('Certificate active in AWS IoT'),
    needs: ['stored'],
    async run({ deps, stored: { certificateId } }, { signal }) {
      const certificate = await deps.cloud.certificate(certificateId, signal);
      if (!certificate) {
        return fail(
          l10n.t('AWS IoT in this account and region does not know the certificate on this machine.'),
          l10n.list([l10n.t('Check profile and region.'), ROTATE], 'sentences'),
        );
      }
      const { status } = certificate;
      if (status === 'ACTIVE') return ok(l10n.t('It is ACTIVE.'), { certificate });
      const command = `aws iot update-certificate --certificate-id ${certificateId} --new-status ACTIVE`;
      return fail(
        l10n.t('The certificate is {status}: AWS IoT refuses the connection.', { status }),
        l10n.t('Activate it ({command}), or: {otherwise}', { command, otherwise: ROTATE }),
        { certificate },
      );
    },
  }),
  check({
    id: 'thing-attached',
    title: l10n.t('Certificate attached to the thing'),
    needs: ['deployment', 'certificate'],
    async run({ request, deps, deployment, certificate: { arn } }, { signal }) {
      const { thingName: thing } = deployment.refOf(request.vin);
      if (!(await deps.cloud.thing(thing, signal))) {
        return fail(l10n.t('There is no thing {thing}.', { thing }), ONBOARD_AGAIN);
      }
      const principals = await deps.cloud.principalsOf(thing, signal);
      if (principals.includes(arn)) return ok(l10n.t('Attached to {thing}.', { thing }));
      const command = `aws iot attach-thing-principal --thing-name ${thing} --principal ${arn}`;
      return fail(
        l10n.t(
          'The certificate is not attached to thing {thing}, so the device policy refuses its connection.',
          { thing },
        ),
        l10n.t('Attach it: {command}', { command }),
      );
    },
  }),
  check({
    id: 'policy-attached',
    title: l10n.t('Device policy attached to the certificate'),
    needs: ['deployment', 'certificate'],
    async run({ deps, deployment, certificate: { arn } }, { signal }) {
      const policy = deployment.devicePolicy;
      const policies = await deps.cloud.policiesOf(arn, signal);
      if (policies.includes(policy)) return ok(l10n.t('{policy} is attached.', { policy }));
      const command = `aws iot attach-policy --policy-name ${policy} --target ${arn}`;
      return fail(
        l10n.t('Policy {policy} is not attached to the certificate: it may do nothing.', { policy }),
        l10n.t('Attach it: {command}', { command }),
      );
    },
  }),
];

function notInstalled(vin: string, status: string | undefined): Message {
  return status === undefined
    ? l10n.t('The device of {vin} is without status, not installed.', { vin })
    : l10n.t('The device of {vin} is {status}, not installed.', { vin, status });
}
