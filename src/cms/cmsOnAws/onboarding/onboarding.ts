import { l10n, type Message } from '../../../core/message.ts';
import type { Onboarding, Provisioned } from '../../contract/onboarding.ts';
import type { LiveVehicle } from '../../contract/vehicles.ts';
import { isDenied } from '../lastSeen.ts';
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
      const live = may ? await proved(input, provisioned) : undefined;
      if (!may) kit.warnings.push(mayNotSend(vehicle.vin));
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
  const { sources, kit, vehicle } = input;
  const { lastSeen } = sources;
  if (lastSeen === undefined) {
    kit.warnings.push(l10n.t('The module cms-connect-store is not deployed: telemetry is stored nowhere.'));
    return undefined;
  }
  try {
    const all = { ...input, provisioned, lastSeen };
    const { after } = await kit.run(vehicleSteps.firstTelemetry, all);
    return (await kit.run(vehicleSteps.stored, { ...all, after })).live;
  } catch (error) {
    if (!isDenied(error)) throw error;
    const { vin } = vehicle;
    kit.warnings.push(
      l10n.t('The telemetry bucket may not be read: whether the telemetry of {vin} arrives is not known.', {
        vin,
      }),
    );
    return undefined;
  }
}

function mayNotSend(vin: string): Message {
  return l10n.t(
    'The policies of {vin} do not let it send what CMS stores: its connection would end at the first message. Onboard it again with the right to send telemetry (--telemetry-access group).',
    { vin },
  );
}
