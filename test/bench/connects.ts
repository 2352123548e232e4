import { readFile } from 'node:fs/promises';
import {
  IoTClient,
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
} from '@aws-sdk/client-iot';
import mqtt from 'mqtt';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { startSimulation } from '../../src/device/client/startSimulation.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { shortRoute } from '../support/simulated.ts';
import { testWork } from '../support/works.ts';
import { benchThings } from './benchThings.ts';
import { deviceBundle, online } from './hold.ts';
import type { Figure } from './run.ts';

const SECONDS = 10;
const PARALLEL = 8;
const FLEET = 300;

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
      await ofOurs(sandbox),
      {
        what: 'mTLS connects, mqtt package',
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

/** From the order to the last vehicle online: each with a certificate of its own, 16 handshakes at once. */
async function ofOurs(sandbox: SandboxProcess): Promise<Figure> {
  const connection = await connectTo(sandbox);
  const device = await startDevice({ command: deviceBundle });
  try {
    const vehicles = await benchThings(connection, FLEET);
    const broker = await brokerOf(connection);
    const started = performance.now();
    const simulation = startSimulation(
      device,
      {
        simulationId: 'connects',
        generation: 'cdf',
        broker,
        routes: [shortRoute],
        vehicles,
        end: 'loop',
        jobs: false,
        limits: { connectsPerSecond: 500 },
      },
      {},
      testWork(),
    );
    await online(simulation, FLEET);
    const seconds = (performance.now() - started) / 1000;
    return {
      what: 'mTLS connects, our device process',
      value: FLEET / seconds,
      unit: '1/s',
      note: `${FLEET} vehicles of an order, its start included; what is online reports at 1 Hz meanwhile`,
    };
  } finally {
    device.dispose();
    connection.dispose();
  }
}
