import type { Work } from '../../../core/work.ts';
import { restingSample } from '../../../telemetry/restingSample.ts';
import type { Provisioned } from '../../contract/onboarding.ts';
import { codec } from '../codec/codec.ts';
import { refOf } from '../thingName.ts';
import type { VehicleInput } from './steps.ts';

/** The first messages of a vehicle, which rests at the requested position. */
export interface FirstTelemetry {
  /** How many messages this run has sent. */
  readonly sent: number;
  /** Connects as the vehicle and sends a message; resolves when AWS IoT has acknowledged it. */
  send(work: Work): Promise<void>;
}

export function createFirstTelemetry(
  { request, kit }: VehicleInput,
  provisioned: Provisioned,
): FirstTelemetry {
  const vehicle = refOf(request.vin);
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    async send(work) {
      sent += 1;
      const message = codec.sample(restingSample(request, work.clock, codec.powertrain(request.fuelType)), {
        ...vehicle,
        tripId: 'onboarding',
        simulationId: 'onboarding',
        serial: sent,
      });
      await kit.publish(vehicle, provisioned, [message], work);
    },
  };
}
