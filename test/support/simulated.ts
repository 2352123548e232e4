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

/** Creates things with ACTIVE certificates and the device policy of CMS, like onboarding does. */
export async function simulatedThings(
  connection: Connection,
  vins: readonly string[],
  policyName = 'CvraTcuDevicePolicy',
): Promise<SimulatedVehicle[]> {
  const iot = await connection.iot();
  return Promise.all(
    vins.map(async (vin, index) => {
      await iot.send(new CreateThingCommand({ thingName: vin }));
      const created = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
      await iot.send(new AttachPolicyCommand({ policyName, target: created.certificateArn! }));
      await iot.send(new AttachThingPrincipalCommand({ thingName: vin, principal: created.certificateArn! }));
      return {
        vin,
        id: vin,
        thingName: vin,
        seed: index + 1,
        certificateId: created.certificateId!,
        identity: { certificatePem: created.certificatePem!, privateKeyPem: created.keyPair!.PrivateKey! },
      };
    }),
  );
}

/** About 1.2 km long, with a bend. */
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

/** Everything that the cloud has received from a vehicle. */
export async function received(sandbox: SandboxProcess, vin: string): Promise<Received> {
  return (await sandbox.ask('GET', `vehicles/${vin}/messages?limit=100000`)) as Received;
}
