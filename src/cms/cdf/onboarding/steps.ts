import { l10n } from '../../../core/message.ts';
import type { OnboardKit, Provisioned } from '../../contract/onboarding.ts';
import { type EnsureResult, step, type StepInfo } from '../../contract/steps.ts';
import type { CdfApi, Supplier } from '../api.ts';
import { refOf } from '../thingName.ts';
import type { FirstTelemetry } from './firstTelemetry.ts';
import type { VehicleRequest } from './request.ts';
import { userOf, vehicleOf, wishesOf } from './requestParts.ts';
import { isFullyVisible, waitUntilVisible } from './visible.ts';

/** What each step of one vehicle is given. */
export interface VehicleInput {
  readonly request: VehicleRequest;
  readonly api: CdfApi;
  readonly kit: OnboardKit;
}

/** Done once, however many vehicles follow. */
export const preparationSteps = {
  signIn: step({
    id: 'sign-in',
    shared: true,
    title: l10n.t('Sign in'),
    leaves: l10n.t('the sign-in user in the user pool; offboarding removes it on request'),
    async run({ ensureUser }: { ensureUser: (signal: AbortSignal) => Promise<EnsureResult> }, { signal }) {
      return { outcome: await ensureUser(signal) };
    },
  }),
};

/** Done for each vehicle. What vehicles share (supplier, user, template) is looked at once a run. */
export const vehicleSteps = {
  supplier: step({
    id: 'supplier',
    shared: true,
    title: l10n.t('Find or create the supplier'),
    leaves: l10n.t('the supplier, which other vehicles may use; it stays'),
    async run({ request, api, kit }: VehicleInput, { signal }) {
      const name = request.supplier;
      const { supplier, result } = await kit.shared.once(`supplier ${name.toLowerCase()}`, () =>
        api.ensureSupplier(name, signal),
      );
      return { outcome: result, supplier };
    },
  }),

  user: step({
    id: 'user',
    shared: true,
    title: l10n.t('Find or create the CMS user'),
    leaves: l10n.t('the CMS user; offboarding removes it on request'),
    async run({ request, api, kit }: VehicleInput, { signal }) {
      const outcome = await kit.shared.once(`user ${request.username.toLowerCase()}`, () =>
        api.ensureUser(userOf(request), signal),
      );
      return { outcome };
    },
  }),

  setup: step({
    id: 'setup',
    shared: true,
    title: l10n.t('Find or create role, claim policy and provisioning template'),
    leaves: l10n.t('the role, claim policy and provisioning template, which all vehicles share; they stay'),
    async run({ request, kit }: VehicleInput, work) {
      const { result } = await kit.shared.once(`setup ${request.provisioner} ${request.templateName}`, () =>
        kit.setup(wishesOf(request), work),
      );
      return { outcome: result };
    },
  }),

  certificate: step({
    id: 'certificate',
    title: l10n.t('Get the production certificate'),
    leaves: l10n.t('the certificate, its thing and the files on disk; offboarding removes them'),
    async run({ request, kit }: VehicleInput, work) {
      const provisioned = await kit.provision(refOf(request.vin), wishesOf(request), work);
      return { outcome: provisioned.result, provisioned };
    },
  }),

  register: step({
    id: 'register',
    title: l10n.t('Register the device'),
    leaves: l10n.t('the device in the asset library; offboarding removes it'),
    async run(input: VehicleInput & { supplier: Supplier; provisioned: Provisioned }, { signal }) {
      const { supplier, provisioned, api } = input;
      const { vin, deviceModel: model, softwareVersion } = input.request;
      const { certificateId } = provisioned.identity;
      const device = { vin, softwareVersion, model, supplier, certificateId };
      return { outcome: await api.ensureDevice(device, signal) };
    },
  }),

  activate: step({
    id: 'activate',
    title: l10n.t("Activate the device with the vehicle's details"),
    leaves: l10n.t('the vehicle in the asset library; offboarding removes it'),
    async run({ request, api, supplier }: VehicleInput & { supplier: Supplier }, { signal }) {
      const { vin, softwareVersion } = request;
      const activation = { vin, softwareVersion, supplier, vehicle: vehicleOf(request) };
      return { outcome: await api.ensureActivated(activation, signal) };
    },
  }),

  owner: step({
    id: 'owner',
    title: l10n.t('Make the user the owner'),
    leaves: l10n.t('the owner relation; offboarding removes it'),
    async run({ request, api }: VehicleInput, { signal }) {
      return { outcome: await api.ensureOwner(request.vin, request.username, signal) };
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
      const { request, api, kit, telemetry, registryChanged } = input;
      const { vin } = request;
      if (!input.newCertificate && !registryChanged) {
        // A vehicle that is on its way must not be put back to where it was onboarded.
        const live = await api.liveVehicle(vin, work.signal);
        if (live && isFullyVisible(live)) return { outcome: 'found' };
      }
      if (registryChanged) {
        const ms = api.indexDelayMs;
        const message = l10n.t('Waiting {seconds} s for the fleet manager to learn about the vehicle', {
          seconds: Math.ceil(ms / 1000),
        });
        work.progress({ step: 'first-telemetry', level: 'info', message, vin });
        await kit.aside(() => work.clock.sleep(ms, work.signal));
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

/** All steps of this generation, in the order in which they are run. */
export const cdfSteps: readonly StepInfo[] = [
  ...Object.values(preparationSteps),
  ...Object.values(vehicleSteps),
];
