import type { Work } from '../core/work.ts';
import type { ProvisionResult } from '../provisioning/contract.ts';
import { brokerOf } from '../provisioning/device.ts';
import { powertrainOf } from '../telemetry/drive.ts';
import { restingSample } from '../telemetry/restingSample.ts';
import type { VehicleInput } from './onboardDeps.ts';

/** The first messages of a vehicle, which rests at the requested position. */
export interface FirstTelemetry {
  /** How many messages this run has sent. */
  readonly sent: number;
  /** Connects as the vehicle and sends a message; resolves when AWS IoT has acknowledged it. */
  send(work: Work): Promise<void>;
}

export function createFirstTelemetry(
  { request, deps, deployment }: VehicleInput,
  { identity }: ProvisionResult,
): FirstTelemetry {
  const { vin } = request;
  const { codec } = deployment;
  const ref = deployment.refOf(vin);
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    async send(work) {
      const broker = await brokerOf(deps.connection, work.signal);
      sent += 1;
      const message = codec.sample(restingSample(request, work.clock, powertrainOf(request.fuelType)), {
        ...ref,
        tripId: 'onboarding',
        simulationId: 'onboarding',
        serial: sent,
      });
      await deps.device.publish(
        { broker, identity: identity.identity, clientId: codec.clientId(ref), messages: [message] },
        work,
      );
    },
  };
}
