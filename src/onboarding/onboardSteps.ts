import { provision } from '../provisioning/provision.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import { publishRestingVehicle } from './firstTelemetry.ts';
import { known, type PreparedState, type Provisioning, type VehicleState } from './onboardDeps.ts';
import { claimOf, userOf, vehicleOf } from './requestParts.ts';
import type { Step } from './steps.ts';
import { isFullyVisible, waitUntilVisible } from './visible.ts';

/** Done once, however many vehicles follow. */
export const preparationSteps: readonly Step<PreparedState>[] = [
  {
    id: 'certificate-folder',
    title: 'Check the certificate folder',
    leaves: 'the certificate folder',
    async run({ deps }) {
      await deps.certificates.ready();
      return 'done';
    },
  },
  {
    id: 'find-stacks',
    title: 'Find the CMS stack and its core stack',
    leaves: 'nothing',
    async run(state, work) {
      const deployment = await state.deps.findDeployment(work.signal);
      state.deployment = deployment;
      work.progress({
        step: 'find-stacks',
        level: 'debug',
        message: `CMS stack ${deployment.stack.name}, core stack ${deployment.core.name}`,
      });
      return 'found';
    },
  },
  {
    id: 'sign-in',
    title: 'Sign in',
    leaves: 'the sign-in user in the user pool; offboarding removes it on request',
    run: (state, work) =>
      known(state.deployment, 'The deployment').signIn(state.deps.signIn, { create: true }, work.signal),
  },
];

/** Done for each vehicle. What vehicles share (supplier, user, template) is looked at once a run. */
export const vehicleSteps: readonly Step<VehicleState>[] = [
  {
    id: 'supplier',
    title: 'Find or create the supplier',
    leaves: 'the supplier, which other vehicles may use; it stays',
    async run(state, work) {
      const name = state.request.supplier;
      const { supplier, result } = await state.shared.once(`supplier ${name.toLowerCase()}`, () =>
        known(state.deployment, 'The deployment').ensureSupplier(name, work.signal),
      );
      state.supplier = supplier;
      return result;
    },
  },
  {
    id: 'user',
    title: 'Find or create the CMS user',
    leaves: 'the CMS user; offboarding removes it on request',
    run: ({ request, shared, deployment }, work) =>
      shared.once(`user ${request.username.toLowerCase()}`, () =>
        known(deployment, 'The deployment').ensureUser(userOf(request), work.signal),
      ),
  },
  {
    id: 'setup',
    title: 'Find or create role, claim policy and provisioning template',
    leaves: 'the role, claim policy and provisioning template, which all vehicles share; they stay',
    async run(state, work) {
      const { result } = await state.shared.once(`setup ${state.request.templateName}`, () =>
        provisioningOf(state).ensureSetup(
          { templateName: state.request.templateName },
          provisionDeps(state),
          work,
        ),
      );
      return result;
    },
  },
  {
    id: 'certificate',
    title: 'Get the production certificate',
    leaves: 'the certificate, its thing and the files on disk; offboarding removes them',
    async run(state, work) {
      const { vin, keys, templateName, fuelType, tags } = state.request;
      const about = { fuelType, ...(tags === undefined ? {} : { tags }) };
      const request = { vin, keys, templateName, claim: claimOf(state.request), ...about };
      const provisioned = await provisioningOf(state).provision(request, provisionDeps(state), work);
      state.provisioned = provisioned;
      return provisioned.result;
    },
  },
  {
    id: 'register',
    title: 'Register the device',
    leaves: 'the device in the asset library; offboarding removes it',
    async run(state, work) {
      const { vin, deviceModel, softwareVersion } = state.request;
      const result = await known(state.deployment, 'The deployment').ensureDevice(
        {
          vin,
          softwareVersion,
          model: deviceModel,
          supplier: known(state.supplier, 'The supplier'),
          certificateId: known(state.provisioned, 'The certificate').identity.certificateId,
        },
        work.signal,
      );
      state.registryChanged ||= result !== 'found';
      return result;
    },
  },
  {
    id: 'activate',
    title: "Activate the device with the vehicle's details",
    leaves: 'the vehicle in the asset library; offboarding removes it',
    async run(state, work) {
      const { vin, softwareVersion } = state.request;
      const result = await known(state.deployment, 'The deployment').ensureActivated(
        {
          vin,
          softwareVersion,
          supplier: known(state.supplier, 'The supplier'),
          vehicle: vehicleOf(state.request),
        },
        work.signal,
      );
      state.registryChanged ||= result !== 'found';
      return result;
    },
  },
  {
    id: 'owner',
    title: 'Make the user the owner',
    leaves: 'the owner relation; offboarding removes it',
    run: ({ request, deployment }, work) =>
      known(deployment, 'The deployment').ensureOwner(request.vin, request.username, work.signal),
  },
  {
    id: 'first-telemetry',
    title: 'Send the first telemetry',
    leaves: 'one message in the fleet manager, which CMS never deletes',
    async run(state, work) {
      const deployment = known(state.deployment, 'The deployment');
      const { vin } = state.request;
      if (state.provisioned?.result === 'found' && !state.registryChanged) {
        // A vehicle that is on its way must not be put back to where it was onboarded.
        const live = await deployment.liveVehicle(vin, work.signal);
        if (live && isFullyVisible(live)) return 'found';
      }
      if (state.registryChanged) {
        work.progress({
          step: 'first-telemetry',
          level: 'debug',
          message: `Waiting ${deployment.indexDelayMs} ms until the telemetry side knows the vehicle`,
          vin,
        });
        await work.clock.sleep(deployment.indexDelayMs, work.signal);
      }
      await publishRestingVehicle(state, work);
      return 'created';
    },
  },
  {
    id: 'visible',
    title: 'Wait until the fleet manager shows the vehicle',
    leaves: 'nothing',
    async run(state, work) {
      state.live = await waitUntilVisible(state, work);
      return 'found';
    },
  },
];

/** All steps of onboarding one vehicle, in order. */
export const onboardingSteps: readonly Step<VehicleState>[] = [...preparationSteps, ...vehicleSteps];

function provisioningOf(state: VehicleState): Provisioning {
  return state.deps.provisioning ?? { ensureSetup, provision };
}

function provisionDeps(state: VehicleState) {
  const { connection, certificates, device } = state.deps;
  return { connection, certificates, device, deployment: known(state.deployment, 'The deployment') };
}
