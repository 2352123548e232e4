import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { promisify } from 'node:util';
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  IoTClient,
} from '@aws-sdk/client-iot';
import { SignatureV4 } from '@smithy/signature-v4';
import { iot as deviceSdk, mqtt5 } from 'aws-iot-device-sdk-v2';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);

/** SHA-256 as @smithy/signature-v4 asks for it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error('not needed');
  }
}

describe('the ways in to the message broker', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  let ca: Buffer;
  let host: string;
  let port: number;
  let device: { cert: string; key: string };
  const clients: MqttClient[] = [];

  before(async () => {
    sandbox = await startSandbox();
    ca = await readFile(sandbox.caFile);
    folder = await mkdtemp(path.join(os.tmpdir(), 'mqtt-ways-'));
    const [name = '', at = ''] = sandbox.mqttEndpoint.split(':');
    host = name;
    port = Number(at);
    const iot = new IoTClient({
      endpoint: sandbox.endpoint,
      region: 'us-west-2',
      credentials: testCredentials,
    });
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'iot:*', Resource: '*' },
        { Effect: 'Deny', Action: 'iot:Publish', Resource: '*:topic/forbidden' },
      ],
    });
    await iot.send(new CreatePolicyCommand({ policyName: 'ways', policyDocument }));
    await iot.send(new AttachPolicyCommand({ policyName: 'ways', target: made.certificateArn }));
    iot.destroy();
    device = { cert: made.certificatePem!, key: made.keyPair!.PrivateKey! };
    await writeFile(path.join(folder, 'device.pem'), device.cert);
    await writeFile(path.join(folder, 'device.key'), device.key, { mode: 0o600 });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.end(true);
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await sandbox.stop();
  });

  async function subscriber(topic: string): Promise<{ message: Promise<[Buffer, IPublishPacket]> }> {
    const client = await connectAsync(`mqtts://${sandbox.mqttEndpoint}`, {
      ca,
      ...device,
      clientId: `subscriber of ${topic}`,
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    clients.push(client);
    await client.subscribeAsync(topic, { qos: 1 });
    const message = new Promise<[Buffer, IPublishPacket]>((resolve) => {
      client.once('message', (_topic, payload, packet) => resolve([payload, packet]));
    });
    return { message };
  }

  it('the MQTT 5 client of AWS’s device SDK, with its defaults', async () => {
    const { message } = await subscriber('sdk');
    const config = deviceSdk.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
      host,
      device.cert,
      device.key,
    )
      .withCertificateAuthority(ca.toString())
      .withPort(port)
      .withConnectProperties({ clientId: 'sdk', keepAliveIntervalSeconds: 60 })
      .build();
    const client = new mqtt5.Mqtt5Client(config);
    const connected = once(client, 'connectionSuccess');
    client.start();
    const [{ settings }] = (await connected) as [mqtt5.ConnectionSuccessEvent];
    assert.deepEqual(
      [settings.maximumQos, settings.receiveMaximumFromServer, settings.maximumPacketSizeToServer],
      [1, 100, 149_504],
    );
    const puback = await client.publish({
      topicName: 'sdk',
      payload: 'hello',
      qos: mqtt5.QoS.AtLeastOnce,
      userProperties: [{ name: 'a', value: 'b' }],
    });
    assert.equal(puback?.reasonCode, mqtt5.PubackReasonCode.Success);
    const [payload, packet] = await message;
    assert.equal(String(payload), 'hello');
    assert.deepEqual({ ...packet.properties?.userProperties }, { a: 'b' });
    const refused = await client.publish({ topicName: 'forbidden', qos: mqtt5.QoS.AtLeastOnce });
    assert.equal(refused?.reasonCode, mqtt5.PubackReasonCode.NotAuthorized);
    const stopped = once(client, 'stopped');
    client.stop();
    await stopped;
    client.close();
  });

  it('mosquitto with MQTT 5', async () => {
    const { message } = await subscriber('mosquitto');
    const tls = ['--cafile', sandbox.caFile, '--cert', path.join(folder, 'device.pem')];
    await run('mosquitto_pub', [
      ...['-h', host, '-p', String(port), ...tls, '--key', path.join(folder, 'device.key')],
      ...['-V', '5', '-i', 'mosquitto', '-q', '1', '-t', 'mosquitto', '-m', 'hello'],
      ...['-D', 'publish', 'response-topic', 'answers', '-D', 'publish', 'content-type', 'text/plain'],
    ]);
    const [payload, { properties }] = await message;
    assert.deepEqual(
      [String(payload), properties?.responseTopic, properties?.contentType],
      ['hello', 'answers', 'text/plain'],
    );
  });

  it('a WebSocket over TLS, with a signed address and no certificate', async () => {
    const signer = new SignatureV4({
      service: 'iotdevicegateway',
      region: 'us-west-2',
      credentials: testCredentials,
      sha256: Sha256,
    });
    const { query = {} } = await signer.presign({
      method: 'GET',
      protocol: 'wss:',
      hostname: host,
      path: '/mqtt',
      headers: { host: sandbox.mqttEndpoint },
    });
    const address = `wss://${sandbox.mqttEndpoint}/mqtt?${new URLSearchParams(query as never).toString()}`;
    const client = await connectAsync(address, {
      clientId: 'wss',
      protocolVersion: 5,
      reconnectPeriod: 0,
      ca,
      wsOptions: { ca },
    });
    clients.push(client);
    const { message } = await subscriber('over/wss');
    await client.publishAsync('over/wss', 'hello', { qos: 1 });
    assert.equal(String((await message)[0]), 'hello');
  });

  for (const [offered, selected] of [
    [['x-amzn-mqtt-ca'], 'x-amzn-mqtt-ca'],
    [['h2', 'x-amzn-http-ca'], 'x-amzn-http-ca'],
    [['h2', 'http/1.1'], 'http/1.1'],
    [['mqtt'], 'mqtt'],
    [undefined, false],
  ] as const) {
    it(`ALPN ${String(offered)} selects ${String(selected)}`, async () => {
      const ALPNProtocols = offered === undefined ? {} : { ALPNProtocols: [...offered] };
      const socket = tlsConnect({ host, port, ca, servername: host, ...device, ...ALPNProtocols });
      await once(socket, 'secureConnect');
      assert.equal(socket.alpnProtocol, selected);
      socket.destroy();
    });
  }

  it('MQTT without a certificate is refused, as before', async () => {
    const socket = tlsConnect({ host, port, ca, servername: host });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write(Buffer.from('100d00044d5154540402003c000161', 'hex'));
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await once(socket, 'close');
    assert.equal(bytes, 0);
  });

  describe('HTTPS with the certificate of a device', () => {
    async function post(at: string, more: object = device): Promise<[status: number, body: string]> {
      const request = httpsRequest({ host, port, ca, method: 'POST', path: at, agent: false, ...more });
      request.end('hello');
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return [response.statusCode!, Buffer.concat(chunks).toString()];
    }

    it('publishes what its policies allow', async () => {
      const { message } = await subscriber('over/https');
      const [status, body] = await post('/topics/over%2Fhttps?qos=1');
      assert.equal(status, 200);
      assert.match(body, /"message":"OK"/);
      assert.equal(String((await message)[0]), 'hello');
      const [forbidden, why] = await post('/topics/forbidden?qos=1');
      assert.equal(forbidden, 403);
      assert.match(why, /Forbidden/);
    });

    it('as curl sends it', async () => {
      const { message } = await subscriber('curl');
      const { stdout } = await run('curl', [
        ...['-sS', '--cacert', sandbox.caFile, '--cert', path.join(folder, 'device.pem')],
        ...['--key', path.join(folder, 'device.key'), '--request', 'POST', '--data', 'hello'],
        `https://${sandbox.mqttEndpoint}/topics/curl?qos=1`,
      ]);
      assert.match(stdout, /"OK"/);
      assert.equal(String((await message)[0]), 'hello');
    });

    it('does nothing else, and nothing without a certificate or a signature', async () => {
      assert.equal((await post('/things/x'))[0], 403);
      assert.equal((await post('/topics/x', {}))[0], 403);
      assert.equal((await post('/_sandbox/reset'))[0], 403);
    });
  });
});
