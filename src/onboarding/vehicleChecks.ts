import { CmsError } from '../core/errors.ts';
import { fail, ok, warn, type Check } from './diagnoseDeps.ts';
import { known } from './onboardDeps.ts';

const ONBOARD_AGAIN = 'Run onboard for this vehicle: it continues where it is incomplete.';
const ROTATE = 'Run rotate for this vehicle to get a new certificate.';
const SOON_MS = 30 * 24 * 3_600_000;

/** Whether the registry and the certificate of this vehicle are as they have to be. */
export const vehicleChecks: readonly Check[] = [
  {
    id: 'registered',
    title: 'Vehicle and device in the asset library',
    needs: ['signedIn'],
    async run({ request, deployment }, { signal }) {
      const { vin } = request;
      const cms = known(deployment, 'The deployment');
      const [vehicle, device] = [await cms.vehicle(vin, signal), await cms.device(vin, signal)];
      if (!device) return fail(`The asset library has no device for ${vin}.`, ONBOARD_AGAIN);
      if (device.status !== 'installed') {
        const status = device.status ?? 'without status';
        return fail(`The device of ${vin} is ${status}, not installed.`, ONBOARD_AGAIN);
      }
      if (!vehicle) return fail(`The asset library has no vehicle ${vin}.`, ONBOARD_AGAIN);
      if (vehicle.owners.length === 0) return warn(`Vehicle ${vin} has no owner.`, ONBOARD_AGAIN);
      return ok(`${vehicle.make} ${vehicle.model} of ${vehicle.owners.join(', ')}, device installed.`);
    },
  },
  {
    id: 'certificate-files',
    title: 'Certificate and key on this machine',
    needs: [],
    async run(state) {
      const { vin } = state.request;
      const { certificates } = state.deps;
      try {
        const stored = await certificates.production(vin);
        if (!stored) {
          return fail(
            `There is no production certificate of ${vin} in ${certificates.folder}.`,
            'Name the right folder, or run provision for this vehicle.',
          );
        }
        state.files = { stored };
        return ok(`${stored.files.certificate}.`);
      } catch (error) {
        if (!(error instanceof CmsError) || error.code !== 'CERTIFICATE_UNUSABLE') throw error;
        state.files = { unusable: error };
        return ok(`There are files of ${vin} in ${certificates.folder}.`);
      }
    },
  },
  {
    id: 'key-match',
    title: 'Key belongs to certificate',
    needs: ['files'],
    run(state, { clock }) {
      const files = known(state.files, 'What is on disk');
      if ('unusable' in files) return Promise.reject(files.unusable);
      state.stored = files.stored;
      const { notAfter, certificateId } = files.stored;
      const until = notAfter.toISOString().slice(0, 10);
      return Promise.resolve(
        notAfter.getTime() - clock.now() < SOON_MS
          ? warn(`The certificate ends on ${until}.`, ROTATE)
          : ok(`Certificate ${certificateId.slice(0, 12)}… is good until ${until}.`),
      );
    },
  },
  {
    id: 'certificate-status',
    title: 'Certificate active in AWS IoT',
    needs: ['stored'],
    async run(state, { signal }) {
      const { certificateId } = known(state.stored, 'The certificate');
      const certificate = await state.deps.cloud.certificate(certificateId, signal);
      if (!certificate) {
        return fail(
          'AWS IoT in this account and region does not know the certificate on this machine.',
          `Check profile and region. ${ROTATE}`,
        );
      }
      state.certificate = certificate;
      if (certificate.status !== 'ACTIVE') {
        return fail(
          `The certificate is ${certificate.status}: AWS IoT refuses the connection.`,
          `Activate it (aws iot update-certificate --certificate-id ${certificateId} --new-status ACTIVE), or: ${ROTATE}`,
        );
      }
      return ok('It is ACTIVE.');
    },
  },
  {
    id: 'thing-attached',
    title: 'Certificate attached to the thing',
    needs: ['deployment', 'certificate'],
    async run({ request, deps, deployment, certificate }, { signal }) {
      const thingName = known(deployment, 'The deployment').thingNameOf(request.vin);
      const thing = await deps.cloud.thing(thingName, signal);
      if (!thing) return fail(`There is no thing ${thingName}.`, ONBOARD_AGAIN);
      const { arn } = known(certificate, 'The certificate');
      const principals = await deps.cloud.principalsOf(thingName, signal);
      if (!principals.includes(arn)) {
        return fail(
          `The certificate is not attached to thing ${thingName}, so the device policy refuses its connection.`,
          `Attach it: aws iot attach-thing-principal --thing-name ${thingName} --principal ${arn}`,
        );
      }
      return ok(`Attached to ${thingName}.`);
    },
  },
  {
    id: 'policy-attached',
    title: 'Device policy attached to the certificate',
    needs: ['deployment', 'certificate'],
    async run({ deps, deployment, certificate }, { signal }) {
      const policy = known(deployment, 'The deployment').devicePolicy;
      const { arn } = known(certificate, 'The certificate');
      const policies = await deps.cloud.policiesOf(arn, signal);
      if (!policies.includes(policy)) {
        return fail(
          `Policy ${policy} is not attached to the certificate: it may do nothing.`,
          `Attach it: aws iot attach-policy --policy-name ${policy} --target ${arn}`,
        );
      }
      return ok(`${policy} is attached.`);
    },
  },
];
