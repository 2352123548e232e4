import { readFile } from 'node:fs/promises';
import {
  IoTClient,
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
} from '@aws-sdk/client-iot';
import mqtt from 'mqtt';
import { startSandbox, testCredentials } from '../support/sandbox.ts';
import type { Figure } from './run.ts';

const SECONDS = 10;
const PARALLEL = 8;

/** Full TLS 1.3 handshakes with a client certificate, up to CONNACK, then DISCONNECT; client on the same machine. */
export async function connects(): Promise<Figure[]> {
  const sandbox = await startSandbox({ args: ['--no-limits'] });
  const iot = new IoTClient({
    endpoint: sandbox.endpoint,
    region: 'us-west-2',
    credentials: testCredentials,
  });
  try {
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
    };
    await iot.send(
      new CreatePolicyCommand({ policyName: 'bench', policyDocument: JSON.stringify(document) }),
    );
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    await iot.send(new AttachPolicyCommand({ policyName: 'bench', target: made.certificateArn! }));
    const options = {
      host: 'localhost',
      port: Number(sandbox.mqttEndpoint.split(':')[1]),
      protocol: 'mqtts' as const,
      ca: await readFile(sandbox.caFile),
      cert: made.certificatePem!,
      key: made.keyPair!.PrivateKey!,
      protocolVersion: 4 as const,
      reconnectPeriod: 0,
    };
    let count = 0;
    const until = performance.now() + SECONDS * 1000;
    const worker = async (n: number): Promise<void> => {
      for (let i = 0; performance.now() < until; i++) {
        const client = await mqtt.connectAsync({ ...options, clientId: `bench-${n}-${i}` });
        await client.endAsync(true);
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, (_, n) => worker(n)));
    return [
      {
        what: 'mTLS connects',
        value: count / SECONDS,
        unit: '1/s',
        note: `${PARALLEL} at a time for ${SECONDS} s, client and sandbox on one machine`,
      },
    ];
  } finally {
    iot.destroy();
    await sandbox.stop();
  }
}
