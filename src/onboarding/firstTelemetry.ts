import type { Work } from '../core/work.ts';
import { brokerOf } from '../provisioning/broker.ts';
import { encodeCarData } from '../telemetry/encodeCdf.ts';
import { powertrainOf } from '../telemetry/powertrain.ts';
import { restingSample } from '../telemetry/restingSample.ts';
import { known, type VehicleState } from './onboardDeps.ts';

/** Connects as the vehicle and reports it resting at the requested position; resolves when AWS IoT has acknowledged. */
export async function publishRestingVehicle(state: VehicleState, work: Work): Promise<void> {
  const { request, deps } = state;
  const thingName = known(state.deployment, 'The deployment').thingNameOf(request.vin);
  const broker = await brokerOf(deps.connection, work.signal);
  state.serial += 1;
  const message = encodeCarData(restingSample(request, work.clock, powertrainOf(request.fuelType)), {
    vin: request.vin,
    thingName,
    tripId: 'onboarding',
    simulationId: 'onboarding',
    serial: state.serial,
  });
  await deps.device.publish(
    {
      broker,
      identity: known(state.provisioned, 'The certificate').identity.identity,
      clientId: thingName,
      messages: [message],
    },
    work,
  );
}
