/**
 * One MQTT client with many connections, in a process of its own: `mqttClients.ts` starts it, sends one `ClientTask`,
 * and gets one `ClientFigures`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import { systemClock } from '../../src/core/work.ts';
import { l10n } from '../../src/core/message.ts';
import { openWire } from '../../src/device/process/wire.ts';
import type { Broker } from '../../src/protocol/device.ts';
import { encodeCarData } from '../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../src/telemetry/restingSample.ts';
import type { BenchThing } from './benchThings.ts';

export type ClientName = 'ours' | 'mqtt';

export interface ClientTask {
  client: ClientName;
  broker: Broker;
  things: BenchThing[];
  /** How many of them connect and leave again before anything is measured. */
  warmUp: number;
  /** For how long they report at 1 Hz; 0 = connects only. */
  reportMs: number;
}

export interface ClientFigures {
  connectsPerSecond: number;
  connectMicroseconds: number;
  kibPerConnection: number;
  messages: number;
  messageMicroseconds: number;
}

interface Open {
  publish(topic: string, payload: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
}
type Connect = (thing: BenchThing) => Promise<Open>;

/** As the simulator has it (`ramp.ts`). */
const HANDSHAKES_AT_ONCE = 16;
const SLICES_A_SECOND = 100;
/** A connection that was lost meanwhile would be waited for in vain. */
const DRAIN_TIMEOUT_MS = 120_000;

function connectOf({ client, broker }: ClientTask): Connect {
  if (client === 'ours') {
    const what = l10n.t('certificate');
    return ({ thingName: clientId, identity }) =>
      openWire({ broker, identity, clientId, what, connectTimeoutMs: 60_000 }, new AbortController().signal);
  }
  return async ({ thingName, identity }) => {
    const connection = await mqtt.connectAsync({
      protocol: 'mqtts',
      host: broker.host,
      port: broker.port,
      ca: broker.rootCaPem,
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
      clientId: thingName,
      protocolVersion: 4,
      keepalive: 30,
      reconnectPeriod: 0,
    });
    return {
      publish: (topic, payload) => connection.publishAsync(topic, Buffer.from(payload), { qos: 1 }),
      close: () => connection.endAsync(),
    };
  };
}

async function connectAll(connect: Connect, things: BenchThing[]): Promise<Open[]> {
  const open: Open[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: HANDSHAKES_AT_ONCE }, async () => {
      for (let i = next++; i < things.length; i = next++) open[i] = await connect(things[i]!);
    }),
  );
  return open;
}

async function run(task: ClientTask): Promise<ClientFigures> {
  const connect = connectOf(task);
  const messages = task.things.map(({ vin, thingName }) =>
    encodeCarData(restingSample({ latitude: 33.7, longitude: -84.4 }, systemClock), {
      vin,
      id: vin,
      thingName,
      tripId: 'clients',
      simulationId: 'clients',
      serial: 1,
    }),
  );
  const warm = await connectAll(connect, task.things.slice(0, task.warmUp));
  await Promise.all(warm.map((it) => it.close()));
  // The policy of a broker as AWS IoT allows a client id one connect a second.
  await delay(1500);

  const memoryBefore = memory();
  const connecting = stopwatch();
  const open = await connectAll(connect, task.things);
  const connected = connecting();

  let acknowledged = 0;
  let next = 0;
  const publishSlice = (until: number) => {
    for (; next < until; next++) {
      const at = next % open.length;
      const { topic, payload } = messages[at]!;
      open[at]!.publish(topic, payload).then(
        () => (acknowledged += 1),
        (error: unknown) => {
          throw error;
        },
      );
    }
  };
  const started = performance.now();
  const beat = setInterval(
    () => publishSlice(Math.floor(((performance.now() - started) / 1000) * open.length)),
    1000 / SLICES_A_SECOND,
  );
  // The first seconds compile the code.
  await delay(Math.min(task.reportMs, 5000));
  const publishedBefore = next;
  const reporting = stopwatch();
  await delay(task.reportMs);
  clearInterval(beat);
  // A busy broker answers late: what was sent counts, once all of it is acknowledged.
  const giveUpAt = performance.now() + DRAIN_TIMEOUT_MS;
  while (acknowledged < next) {
    if (performance.now() > giveUpAt) throw new Error(`only ${acknowledged} of ${next} were acknowledged`);
    await delay(20);
  }
  const reported = reporting();
  const count = next - publishedBefore;
  const memoryAfter = memory();
  await Promise.all(open.map((it) => it.close()));
  return {
    connectsPerSecond: open.length / connected.seconds,
    connectMicroseconds: connected.microseconds / open.length,
    kibPerConnection: (memoryAfter - memoryBefore) / 1024 / open.length,
    messages: count,
    messageMicroseconds: count === 0 ? 0 : reported.microseconds / count,
  };
}

/** Wall time, and processor time of this process. */
function stopwatch(): () => { seconds: number; microseconds: number } {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - started) / 1000, microseconds: user + system };
  };
}

function memory(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage.rss();
}

process.once('message', (task: ClientTask) => {
  run(task).then(
    (figures) => {
      process.send?.(figures, () => process.exit(0));
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
