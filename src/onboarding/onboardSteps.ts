import type { CmsDeployment, Supplier } from '../cms/deployment.ts';
import { defined } from '../core/defined.ts';
import { l10n } from '../core/message.ts';
import type { ProvisionDeps, ProvisionResult } from '../provisioning/contract.ts';
import { provision } from '../provisioning/provision.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import type { FirstTelemetry } from './firstTelemetry.ts';
import type { OnboardDeps, Prepared, Provisioning, VehicleInput } from './onboardDeps.ts';
import { claimOf, userOf, vehicleOf } from './requestParts.ts';
import { step, type StepInfo } from './steps.ts';
import { isFullyVisible, waitUntilVisible } from './visible.ts';

/** Done once, however many vehicles follow. */
export const preparationSteps = {
  certificateFolder: step({
    id: 'certificate-folder',
    title: l10n.t('Check the certificate folder'),
    leaves: l10n.t('the certificate folder'),
    async run({ certificates }: OnboardDeps, work) {
      const step = 'certificate-folder';
      await certificates.ready((message) => work.progress({ step, level: 'warn', message }));
      return { outcome: 'done' };
    },
  }),

  findStacks: step({
    id: 'find-stacks',
    title: l10n.t('Find the CMS stack and its core stack'),
    leaves: undefined,
    async run({ findDeployment }: OnboardDeps, work) {
      const deployment = await findDeployment(work.signal);
      const [stack, core] = [deployment.stack.name, deployment.core.name];
      const message = l10n.t('CMS stack {stack}, core stack {core}', { stack, core });
      work.progress({ step: 'find-stacks', level: 'debug', message });
      return { outcome: 'found', deployment };
    },
  }),

  signIn: step({
    id: 'sign-in',
    title: l10n.t('Sign in'),
    leaves: l10n.t('the sign-in user in the user pool; offboarding removes it on request'),
    async run({ deps, deployment }: { deps: OnboardDeps; deployment: CmsDeployment }, { signal }) {
      return { outcome: await deployment.signIn(deps.signIn, { create: true }, signal) };
    },
  }),
};

/** Done for each vehicle. What vehicles share (supplier, user, template) is looked at once a run. */
export const vehicleSteps = {
  supplier: step({
    id: 'supplier',
    title: l10n.t('Find or create the supplier'),
    leaves: l10n.t('the supplier, which other vehicles may use; it stays'),
    async run({ request, deployment, shared }: VehicleInput, { signal }) {
      const name = request.supplier;
      const { supplier, result } = await shared.once(`supplier ${name.toLowerCase()}`, () =>
        deployment.ensureSupplier(name, signal),
      );
      return { outcome: result, supplier };
    },
  }),

  user: step({
    id: 'user',
    title: l10n.t('Find or create the CMS user'),
    leaves: l10n.t('the CMS user; offboarding removes it on request'),
    async run({ request, deployment, shared }: VehicleInput, { signal }) {
      const outcome = await shared.once(`user ${request.username.toLowerCase()}`, () =>
        deployment.ensureUser(userOf(request), signal),
      );
      return { outcome };
    },
  }),

  setup: step({
    id: 'setup',
    title: l10n.t('Find or create role, claim policy and provisioning template'),
    leaves: l10n.t('the role, claim policy and provisioning template, which all vehicles share; they stay'),
    async run(input: VehicleInput, work) {
      const { templateName } = input.request;
      const { result } = await input.shared.once(`setup ${templateName}`, () =>
        provisioningOf(input).ensureSetup({ templateName }, provisionDepsOf(input), work),
      );
      return { outcome: result };
    },
  }),

  certificate: step({
    id: 'certificate',
    title: l10n.t('Get the production certificate'),
    leaves: l10n.t('the certificate, its thing and the files on disk; offboarding removes them'),
    async run(input: VehicleInput, work) {
      const { vin, keys, templateName, fuelType, tags } = input.request;
      const provisioned = await provisioningOf(input).provision(
        {
          vehicle: input.deployment.refOf(vin),
          keys,
          templateName,
          claim: claimOf(input.request),
          ...defined({ fuelType, tags }),
        },
        provisionDepsOf(input),
        work,
      );
      return { outcome: provisioned.result, provisioned };
    },
  }),

  register: step({
    id: 'register',
    title: l10n.t('Register the device'),
    leaves: l10n.t('the device in the asset library; offboarding removes it'),
    async run(input: VehicleInput & { supplier: Supplier; provisioned: ProvisionResult }, { signal }) {
      const { supplier, provisioned, deployment } = input;
      const { vin, deviceModel: model, softwareVersion } = input.request;
      const { certificateId } = provisioned.identity;
      const device = { vin, softwareVersion, model, supplier, certificateId };
      return { outcome: await deployment.ensureDevice(device, signal) };
    },
  }),

  activate: step({
    id: 'activate',
    title: l10n.t("Activate the device with the vehicle's details"),
    leaves: l10n.t('the vehicle in the asset library; offboarding removes it'),
    async run({ request, deployment, supplier }: VehicleInput & { supplier: Supplier }, { signal }) {
      const { vin, softwareVersion } = request;
      const activation = { vin, softwareVersion, supplier, vehicle: vehicleOf(request) };
      return { outcome: await deployment.ensureActivated(activation, signal) };
    },
  }),

  owner: step({
    id: 'owner',
    title: l10n.t('Make the user the owner'),
    leaves: l10n.t('the owner relation; offboarding removes it'),
    async run({ request, deployment }: VehicleInput, { signal }) {
      return { outcome: await deployment.ensureOwner(request.vin, request.username, signal) };
    },
  }),

  firstTelemetry: step({
    id: 'first-telemetry',
    title: l10n.t('Send the first telemetry'),
    leaves: l10n.t('one message in the fleet manager, which CMS never deletes'),
    async run(
      input: VehicleInput & {
        telemetry: FirstTelemetry;
        /** This run made the certificate. */
        newCertificate: boolean;
        /** This run changed the registry: the telemetry side needs a moment to know. */
        registryChanged: boolean;
      },
      work,
    ) {
      const { request, deployment, telemetry, registryChanged } = input;
      const { vin } = request;
      if (!input.newCertificate && !registryChanged) {
        // A vehicle that is on its way must not be put back to where it was onboarded.
        const live = await deployment.liveVehicle(vin, work.signal);
        if (live && isFullyVisible(live)) return { outcome: 'found' };
      }
      if (registryChanged) {
        const ms = deployment.indexDelayMs;
        const message = l10n.t('Waiting {ms} ms until the telemetry side knows the vehicle', { ms });
        work.progress({ step: 'first-telemetry', level: 'debug', message, vin });
        await work.clock.sleep(ms, work.signal);
      }
      await telemetry.send(work);
      return { outcome: 'created' };
    },
  }),

  visible: step({
    id: 'visible',
    title: l10n.t('Wait until the fleet manager shows the vehicle'),
    leaves: undefined,
    async run(input: VehicleInput & { telemetry: FirstTelemetry }, work) {
      return { outcome: 'found', live: await waitUntilVisible(input, work) };
    },
  }),
};

/** All steps of onboarding one vehicle, in the order in which `onboard` runs them. */
export const onboardingSteps: readonly StepInfo[] = [
  ...Object.values(preparationSteps),
  ...Object.values(vehicleSteps),
];

function provisioningOf({ deps }: Prepared): Provisioning {
  return deps.provisioning ?? { ensureSetup, provision };
}

function provisionDepsOf({ deps, deployment }: Prepared): ProvisionDeps {
  const { connection, certificates, device } = deps;
  return { connection, certificates, device, provisioner: deployment.provisioner };
}
