import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
} from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import type { SimulationRequest } from '../../src/protocol/simulation.ts';
import type { SandboxProcess } from './sandbox.ts';

type SimulatedVehicle = SimulationRequest['vehicles'][number] & { certificateId: string };

/** Things with ACTIVE certificates and the device policy of CMS, as onboarding leaves them. */
export async function simulatedThings(
  connection: Connection,
  vins: readonly string[],
  policyName = 'CvraTcuDevicePolicy',
): Promise<SimulatedVehicle[]> {
  const iot = await connection.iot();
  return Promise.all(
    vins.map(async (vin, index) => {
      await iot.send(new CreateThingCommand({ thingName: vin }));
      const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
      await iot.send(new AttachPolicyCommand({ policyName, target: made.certificateArn! }));
      await iot.send(new AttachThingPrincipalCommand({ thingName: vin, principal: made.certificateArn! }));
      return {
        vin,
        thingName: vin,
        seed: index + 1,
        certificateId: made.certificateId!,
        identity: { certificatePem: made.certificatePem!, privateKeyPem: made.keyPair!.PrivateKey! },
      };
    }),
  );
}

/** About 1.2 km with a bend. */
export const shortRoute = {
  name: 'short',
  points: [
    { latitude: 48.137, longitude: 11.575 },
    { latitude: 48.14, longitude: 11.577 },
    { latitude: 48.143, longitude: 11.575 },
    { latitude: 48.147, longitude: 11.58 },
  ],
};

export interface Received {
  totals: {
    received: number;
    accepted: number;
    rejected: number;
    serials: {
      run?: string;
      first?: number;
      last?: number;
      received: number;
      missing: number;
      duplicates: number;
    };
  };
  messages: {
    sequence: number;
    serial: number;
    type: string;
    accepted: boolean;
    reason?: string;
    payload: unknown;
  }[];
}

/** What the cloud has of a vehicle, all of it. */
export async function received(sandbox: SandboxProcess, vin: string): Promise<Received> {
  const reply = await fetch(`${sandbox.endpoint}/_sandbox/vehicles/${vin}/messages?limit=100000`);
  return (await reply.json()) as Received;
}
