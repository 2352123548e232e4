import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { WebSocket } from 'ws';
import type { Connection } from '../../src/aws/connection.ts';
import { createConnection } from '../../src/aws/createConnection.ts';
import { signedMqttUrl } from '../../src/aws/signedMqttUrl.ts';
import { watchTopics } from '../../src/aws/watchTopics.ts';
import { systemClock } from '../../src/core/work.ts';
import { startDevice, type DeviceProcess } from '../../src/device/client/deviceProcess.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { codecOf } from '../../src/cms/codecs.ts';
import { restingSample } from '../../src/telemetry/restingSample.ts';
import { encodeCarData } from '../../src/cms/cdf/codec/encode.ts';
import { runCli } from '../support/cli.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { simulatedThings } from '../support/simulated.ts';
import { testWork } from '../support/works.ts';
import { until } from '../support/until.ts';
import type { Reading } from '../../src/telemetry/codec.ts';

const { decode: readTelemetry } = codecOf('cdf');

const VINS = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124'];

/** The status that a WebSocket's opening is answered with. */
function answerTo(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'mqtt', { headers });
    socket.once('error', reject);
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
}

describe('Watching the fleet through MQTT over WebSocket', () => {
  let sandbox: SandboxProcess;
  let connection: Connection;
  let device: DeviceProcess;
  let vehicles: Awaited<ReturnType<typeof simulatedThings>>;
  before(async () => {
    sandbox = await startSandbox();
    connection = await connectTo(sandbox);
    vehicles = await simulatedThings(connection, VINS);
  });
  beforeEach(async () => {
    device = await startDevice({ command: path.join(import.meta.dirname, '../../dist/device.js') });
  });
  afterEach(() => device.dispose());
  after(async () => {
    connection.dispose();
    await sandbox.stop();
  });

  async function publish(serial: number, which = 0): Promise<void> {
    const { vin, id, thingName, identity } = vehicles[which]!;
    const context = { vin, id, thingName, tripId: 't', simulationId: 's', serial };
    const sample = {
      ...restingSample({ latitude: 48.1, longitude: 11.5, heading: 30 }, systemClock),
      speed: 10,
    };
    const messages = [encodeCarData(sample, context)];
    await device.publish(
      { broker: await brokerOf(connection), identity, clientId: thingName, messages },
      testWork(),
    );
  }

  /** Watches in the background. */
  function watch(filters: string[], by = connection) {
    const ending = new AbortController();
    const read: Reading[] = [];
    const states: string[] = [];
    const ended = watchTopics(
      by,
      filters,
      {
        message(topic, payload) {
          const telemetry = readTelemetry(topic, payload);
          if (telemetry) read.push(telemetry);
        },
        state: (state) => states.push(state),
      },
      { signal: ending.signal, clock: systemClock, random: () => 0 },
    );
    ended.catch(() => undefined);
    return { read, states, ended, end: () => ending.abort() };
  }

  it('sees what every vehicle publishes, in SI units @smoke', async () => {
    const watched = watch(['dt/cvra/+/#']);
    await until('the first state', () => watched.states.length > 0);
    await publish(1);
    await publish(2, 1);
    await until('two readings', () => watched.read.length === 2);
    const { vin, type, serial, place } = watched.read[0]!;
    assert.deepEqual([vin, type, serial], [VINS[0], 'cardata', 1]);
    assert.deepEqual(place, {
      latitude: 48.1,
      longitude: 11.5,
      heading: 30,
      speed: 10,
      odometer: 12_000,
      fuel: 45,
    });
    assert.equal(watched.read[1]!.vin, VINS[1]);
    watched.end();
    await assert.rejects(watched.ended, { code: 'CANCELLED' });
  });

  it('sees only the vehicles it asked for', async () => {
    const watched = watch([`dt/cvra/${VINS[1]}/#`]);
    await until('the first state', () => watched.states.length > 0);
    await publish(1);
    await publish(2, 1);
    await until('the first reading', () => watched.read.length > 0);
    assert.deepEqual(
      watched.read.map(({ serial }) => serial),
      [2],
    );
    watched.end();
  });

  it('comes back after the endpoint was gone', async () => {
    const other = await startSandbox();
    const [http, mqtt] = [other.endpoint, other.mqttEndpoint].map((it) => it.split(':').at(-1)!);
    const to = await connectTo(other);
    const watched = watch(['dt/cvra/+/#'], to);
    await until('the first state', () => watched.states.length === 1);
    await other.stop();
    await until('the state offline', () => watched.states.includes('offline'));
    const again = await startSandbox({ args: ['--http-port', http!, '--mqtt-port', mqtt!] });
    try {
      await until('the state online again', () => watched.states.at(-1) === 'online');
    } finally {
      watched.end();
      to.dispose();
      await again.stop();
    }
  });

  it('says that nobody is there', async () => {
    const nowhere = await createConnection(
      {
        endpoint: 'http://127.0.0.1:9',
        region: 'us-west-2',
        credentials: testCredentials,
      },
      testWork(),
    );
    await assert.rejects(watch(['dt/cvra/+/#'], nowhere).ended, { code: 'ENDPOINT_UNREACHABLE' });
    nowhere.dispose();
  });

  it('signs the address for AWS IoT and adds the session token after signing', async () => {
    const temporary = await createConnection(
      {
        endpoint: sandbox.endpoint,
        region: 'eu-west-1',
        credentials: { ...testCredentials, sessionToken: 'a/token+' },
      },
      testWork(),
    );
    const url = new URL(await signedMqttUrl(temporary));
    temporary.dispose();
    assert.match(
      url.searchParams.get('X-Amz-Credential')!,
      /^AKIASANDBOX000000000\/\d{8}\/eu-west-1\/iotdevicegateway\/aws4_request$/,
    );
    assert.equal(url.searchParams.get('X-Amz-SignedHeaders'), 'host');
    assert.match(url.searchParams.get('X-Amz-Signature')!, /^[0-9a-f]{64}$/);
    assert.equal([...url.searchParams.keys()].at(-1), 'X-Amz-Security-Token');
    assert.ok(!url.href.includes(testCredentials.secretAccessKey + '&'));
  });

  it('needs a signature for this service, and the path that AWS IoT has', async () => {
    const signed = await signedMqttUrl(connection);
    const bad = [
      signed.replace(/\?.*/, ''),
      signed.replace('iotdevicegateway', 'iot'),
      signed.replace(/X-Amz-Signature=[0-9a-f]+/, 'X-Amz-Signature='),
    ];
    for (const url of bad) assert.equal(await answerTo(url), 403);
    assert.equal(await answerTo(signed.replace('/mqtt?', '/other?')), 404);
    assert.equal(await answerTo(signed), 101);
    assert.equal(await answerTo(signed, { origin: 'https://example.com' }), 403, 'a page of somebody else');
  });

  it('says that the credentials are not allowed to', async () => {
    let date = new Date().toUTCString();
    const elsewhere = createServer((_request, response) => response.writeHead(403, { date }).end());
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const refusing = await createConnection(
      {
        endpoint: `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`,
        region: 'us-west-2',
        credentials: testCredentials,
      },
      testWork(),
    );
    await assert.rejects(watch(['dt/cvra/+/#'], refusing).ended, {
      code: 'ACCESS_DENIED',
      message: /AWS IoT refused MQTT over WebSocket \([^)]+\)\.$/,
    });
    // Ten minutes from now, as a server sees it whose client's clock is behind.
    date = new Date(Date.now() + 600_000).toUTCString();
    await assert.rejects(watch(['dt/cvra/+/#'], refusing).ended, {
      code: 'ACCESS_DENIED',
      message: /: the clock of this computer is 10 minutes behind AWS\.$/,
    });
    refusing.dispose();
    elsewhere.close();
  });

  it('is shown on the command line', async () => {
    let sent = false;
    const args = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const { code, stdout, stderr } = await runCli(['watch', '--duration', '6', ...args], {
      env: {
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
      },
      onOutput(_child, text) {
        if (sent || !text.includes('Watching dt/cvra/+/#')) return;
        sent = true;
        void publish(7);
      },
    });
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      new RegExp(`${VINS[0]}  dt/cvra/${VINS[0]}/cardata  #7  48\\.10000, 11\\.50000  36 km/h`),
    );
    assert.match(stdout, /^1 message\.$/m);
  });
});
