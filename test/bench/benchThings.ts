import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
} from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import type { SimulationRequest } from '../../src/protocol/simulation.ts';
import { createSigningRequest } from '../../src/provisioning/csr.ts';

export type BenchThing = SimulationRequest['vehicles'][number];

const AT_ONCE = 8;
let made = 0;

/**
 * Things with ACTIVE certificates of their own and CMS's device policy, as onboarding with `--keys csr-ec` leaves
 * them. (Keys of the other kind, RSA, would only make the preparation long.)
 */
export async function benchThings(
  connection: Connection,
  count: number,
  policyName = 'CvraTcuDevicePolicy',
): Promise<BenchThing[]> {
  const iot = await connection.iot();
  const things: BenchThing[] = [];
  async function make(): Promise<void> {
    const vin = `BENCH${String(++made).padStart(12, '0')}`;
    const { csrPem, privateKeyPem } = await createSigningRequest(vin, 'ec');
    await iot.send(new CreateThingCommand({ thingName: vin }));
    const certificate = await iot.send(
      new CreateCertificateFromCsrCommand({ certificateSigningRequest: csrPem, setAsActive: true }),
    );
    const target = certificate.certificateArn!;
    await iot.send(new AttachPolicyCommand({ policyName, target }));
    await iot.send(new AttachThingPrincipalCommand({ thingName: vin, principal: target }));
    things.push({
      vin,
      id: vin,
      thingName: vin,
      seed: made,
      identity: { certificatePem: certificate.certificatePem!, privateKeyPem },
    });
  }
  let left = count;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await make();
    }),
  );
  return things;
}
