import { l10n } from '../../../core/message.ts';
import type { Onboarding } from '../../contract/onboarding.ts';
import type { EnsureResult } from '../../contract/steps.ts';
import type { CdfApi } from '../api.ts';
import { refOf } from '../thingName.ts';
import { createFirstTelemetry } from './firstTelemetry.ts';
import type { VehicleRequest } from './request.ts';
import { preparationSteps, vehicleSteps, type VehicleInput } from './steps.ts';

/** @param ensureUser signs in, making the user if there is none */
export function createOnboarding(
  api: CdfApi,
  ensureUser: (signal: AbortSignal) => Promise<EnsureResult>,
): Onboarding {
  return {
    async prepare(run) {
      await run(preparationSteps.signIn, { ensureUser });
    },

    async onboard(checked, kit) {
      // Only the fields of this generation make requests for it.
      const request = checked as VehicleRequest;
      const input: VehicleInput = { request, api, kit };
      const { run } = kit;
      const { supplier } = await run(vehicleSteps.supplier, input);
      await run(vehicleSteps.user, input);
      await run(vehicleSteps.setup, input);
      const { provisioned } = await run(vehicleSteps.certificate, input);
      const registered = await run(vehicleSteps.register, { ...input, supplier, provisioned });
      const activated = await run(vehicleSteps.activate, { ...input, supplier });
      await run(vehicleSteps.owner, input);
      const telemetry = createFirstTelemetry(input, provisioned);
      await run(vehicleSteps.firstTelemetry, {
        ...input,
        telemetry,
        newCertificate: provisioned.result !== 'found',
        registryChanged: registered.outcome !== 'found' || activated.outcome !== 'found',
      });
      const { live } = await run(vehicleSteps.visible, { ...input, telemetry });
      const { username } = request;
      const vehicle = refOf(request.vin);
      return {
        vehicle,
        provisioned,
        live,
        lines: [{ label: l10n.t('Owner'), value: username }],
        own: { core: api.core.name, deviceId: vehicle.thingName.toLowerCase(), supplier, username },
      };
    },
  };
}
