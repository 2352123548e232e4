// A process inside a network namespace: AWS with all its names, the middleboxes, and a fleet. Started by `namespace.ts`
// with a folder; prints what was made as one line of JSON, and ends with its standard input.
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
} from '@aws-sdk/client-iot';
import { createConnection } from '../../../src/aws/createConnection.ts';
import { systemClock } from '../../../src/core/work.ts';
import { createCertificateStore } from '../../../src/provisioning/certificateStore.ts';
import { createSigningRequest } from '../../../src/provisioning/csr.ts';
import { startSandbox, testCredentials } from '../sandbox.ts';
import { createTestCa } from '../testCertificates.ts';
import { createFront, createMute, createPort443, createRelay } from './front.ts';
import { AWS_NAMES, FLEET, IOT_HOST, REGION, type Views, type World } from './names.ts';
import { startSquid } from './squid.ts';

/** Where a middlebox that cuts all connections stands, and one that says nothing. */
const CUTTING = '127.0.0.3';
const MUTE = '127.0.0.4';
const CUT_AFTER_MS = 2500;
/** Days. The account still shows a valid certificate by clocks at which the MQTT endpoint does not. */
const VALID = { https: { from: -60, to: 60 }, mqtt: { from: -5, to: 45 } };

async function main(folder: string): Promise<void> {
  const amazon = await createTestCa('Amazon Root CA 1');
  const corporate = await createTestCa('Corporate Root');
  const all = [...AWS_NAMES, `*.execute-api.${REGION}.amazonaws.com`];
  const shown = await amazon.server(all, VALID.https);
  const file = (name: string, text: string) => {
    const at = path.join(folder, name);
    writeFileSync(at, text, { mode: 0o644 });
    return at;
  };
  // A sandbox whose broker shows what AWS IoT shows.
  const state = path.join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
  const pair = ({ cert, key }: { cert: string; key: string }) => ({
    certificatePem: cert,
    privateKeyPem: key,
  });
  const tables = {
    authority: [
      ['root', pair({ cert: amazon.root, key: amazon.key })],
      // A certificate that soon ends would be renewed, for localhost.
      ['server', pair(await amazon.server(all, VALID.mqtt))],
    ],
  };
  const stateFile = path.join(state, 'state.json');
  writeFileSync(stateFile, JSON.stringify({ format: 'cms-enablement-sandbox', version: 1, tables }), {
    mode: 0o600,
  });
  const sandbox = await startSandbox({ stateFolder: state });
  const mqtt = Number(sandbox.mqttEndpoint.split(':')[1]);

  const listen = async (server: Server, port: number, host = '127.0.0.1') => {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const https = await listen(
    createFront({ ...shown, to: sandbox.endpoint, iotHost: IOT_HOST, region: REGION }),
    0,
  );
  await listen(createPort443(mqtt, https), 443);
  await listen(createRelay(mqtt), 8883);
  await listen(createRelay(mqtt, CUT_AFTER_MS), 8883, CUTTING);
  await listen(createMute(), 8883, MUTE);
  await listen(createMute(), 443, MUTE);

  const apis = [...(await stackOutputs(sandbox.endpoint)).matchAll(/execute-api\/(\w+)/g)].map(
    ([, id]) => `${id}.execute-api.${REGION}.amazonaws.com`,
  );
  const names = [...new Set([...AWS_NAMES.filter((name) => !name.includes('*')), ...apis])];
  const services = names.filter((name) => name !== IOT_HOST).join(' ');
  const local = '127.0.0.1 localhost';
  const hosts: Views = {
    proxyOnly: file('hosts-proxy-only', `${local}\n`),
    direct: file('hosts-direct', `${local}\n127.0.0.1 ${services} ${IOT_HOST}\n`),
    cut: file('hosts-cut', `${local}\n127.0.0.1 ${services}\n${CUTTING} ${IOT_HOST}\n`),
    mute: file('hosts-mute', `${local}\n127.0.0.1 ${services}\n${MUTE} ${IOT_HOST}\n`),
  };
  const amazonFile = file('amazon.pem', amazon.root);
  const corporateFile = file('corporate.pem', corporate.root);
  chmodSync(folder, 0o755);
  const squid = await startSquid({
    folder: path.join(folder, 'squid'),
    hosts: hosts.direct,
    trusted: amazonFile,
    inspecting: { cert: corporate.root, key: corporate.key },
  });
  const certificates = path.join(folder, 'certs');
  await makeFleet(sandbox.endpoint, certificates);

  const world: World = {
    hosts,
    certificates,
    amazonRoot: amazonFile,
    corporateRoot: corporateFile,
    api: `https://${apis[0]}/Prod/`,
    squid,
  };
  process.stdout.write(`${JSON.stringify(world)}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await sandbox.stop();
  process.exit(0);
}

async function stackOutputs(endpoint: string): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=a/20260101/${REGION}/cloudformation/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=DescribeStacks&Version=2010-05-15',
  });
  return answer.text();
}

/** Vehicles with certificates of their own, as onboarding leaves them. */
async function makeFleet(endpoint: string, folder: string): Promise<void> {
  const connection = await createConnection(
    { endpoint, region: REGION, credentials: testCredentials },
    { clock: systemClock, random: Math.random },
  );
  const iot = await connection.iot();
  const store = createCertificateStore(folder);
  await store.ready();
  for (const vin of FLEET) {
    const { csrPem, privateKeyPem } = await createSigningRequest(vin, 'ec');
    await iot.send(new CreateThingCommand({ thingName: vin }));
    const order = new CreateCertificateFromCsrCommand({
      certificateSigningRequest: csrPem,
      setAsActive: true,
    });
    const { certificateArn = '', certificatePem = '' } = await iot.send(order);
    await iot.send(new AttachPolicyCommand({ policyName: 'CvraTcuDevicePolicy', target: certificateArn }));
    await iot.send(new AttachThingPrincipalCommand({ thingName: vin, principal: certificateArn }));
    await store.saveProduction(vin, { certificatePem, privateKeyPem });
  }
  connection.dispose();
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
