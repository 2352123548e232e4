import { l10n } from '../../../core/message.ts';
import type { Onboarding, Provisioned } from '../../contract/onboarding.ts';
import type { LiveVehicle } from '../../contract/vehicles.ts';
import type { Sources } from '../sources.ts';
import { refOf } from '../thingName.ts';
import type { VehicleRequest } from './request.ts';
import { type VehicleInput, vehicleSteps } from './steps.ts';

/** How CMS on AWS takes vehicles in: with AWS's credentials alone. */
export function createOnboarding(sources: Sources): Onboarding {
  return {
    prepare: () => Promise.resolve(),

    async onboard(checked, kit) {
      // Only the fields of this generation make requests for it.
      const request = checked as VehicleRequest;
      const vehicle = refOf(request.vin);
      const input: VehicleInput = { request, vehicle, sources, kit };
      const { run } = kit;
      await run(vehicleSteps.authorize, input);
      const { provisioned } = await run(vehicleSteps.certificate, input);
      await run(vehicleSteps.hello, { ...input, provisioned });
      if (request.telemetryAccess === 'group') await run(vehicleSteps.telemetryAccess, input);
      const { may } = await run(vehicleSteps.checkAccess, { ...input, provisioned });
      const live = may === true ? await proved(input, provisioned) : undefined;
      return {
        vehicle,
        provisioned,
        live,
        lines: [{ label: l10n.t('App'), value: sources.names.appId }],
        own: { appId: sources.names.appId, telemetryStored: live !== undefined },
      };
    },
  };
}

/** Sends the first telemetry and finds it where it lands. */
async function proved(input: VehicleInput, provisioned: Provisioned): Promise<LiveVehicle | undefined> {
  const { kit, sources } = input;
  const { after } = await kit.run(vehicleSteps.firstTelemetry, { ...input, provisioned });
  const { lastSeen } = sources;
  if (lastSeen === undefined) return undefined;
  return (await kit.run(vehicleSteps.stored, { ...input, lastSeen, after })).live;
}
