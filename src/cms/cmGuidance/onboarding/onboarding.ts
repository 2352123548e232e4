import { l10n } from '../../../core/message.ts';
import type { Onboarding } from '../../contract/onboarding.ts';
import type { Sources } from '../sources.ts';
import { createPacer } from './create.ts';
import type { VehicleRequest } from './request.ts';
import { preparationSteps, type VehicleInput, vehicleSteps } from './steps.ts';

/** How the Guidance for Connected Mobility takes vehicles in: by its API, and by IAM where the API leaves something out. */
export function createOnboarding(sources: Sources): Onboarding {
  const pace = createPacer();
  return {
    async prepare(run) {
      await run(preparationSteps.signIn, { sources });
    },

    async onboard(checked, kit) {
      // Only the fields of this generation make requests for it.
      const request = checked as VehicleRequest;
      const { run } = kit;
      const input: VehicleInput = { request, sources, kit, pace };
      const { fleetId } = await run(vehicleSteps.fleet, input);
      const { name: modelManifestName } = await run(vehicleSteps.manifest, input);
      const { vehicle } = await run(vehicleSteps.vehicle, { ...input, fleetId, modelManifestName });
      const known = { ...input, vehicle };
      // Before the first message: the stream remembers for minutes that a vehicle is in no fleet.
      await run(vehicleSteps.enroll, { ...known, fleetId });
      const { provisioned } = await run(vehicleSteps.certificate, known);
      const provided = { ...known, provisioned };
      const { topic } = await run(vehicleSteps.policy, provided);
      const { after } = await run(vehicleSteps.firstTelemetry, { ...provided, topic });
      const { live } = await run(vehicleSteps.seen, { ...provided, after });
      return {
        vehicle,
        provisioned,
        live,
        lines: [
          { label: l10n.t('Vehicle id'), value: vehicle.id },
          { label: l10n.t('Fleet'), value: fleetId },
        ],
        own: { vehicleId: vehicle.id, fleetId, modelManifest: modelManifestName, topic },
      };
    },
  };
}
