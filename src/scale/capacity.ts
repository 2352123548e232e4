import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import { connect as connectTls, createServer } from 'node:tls';
import { cancelled, throwIfAborted } from '../core/errors.ts';
import type { Codec } from '../telemetry/codec.ts';
import { createDrive } from '../telemetry/drive/createDrive.ts';
import { createMessages } from '../telemetry/simulation/messages.ts';

const CONNECTIONS = 10;
const EACH = 60;
/** Code that runs for the first time is slow. */
const WARM_UP = 20;
/** Of one core, which is what a process uses: beyond that samples are late. */
const SHARE = 0.7;
/** Of what is free now. A vehicle takes 265 KiB (`npm run bench -- held`). */
const MEMORY_SHARE = 0.5;
const VEHICLE_BYTES = 265 * 1024;

/**
 * How many messages a second one process on this machine sends, and how many vehicles its memory takes. Measured: drives,
 * payloads, MQTT and TLS over loopback for about half a second. The receiving end is in it, so the truth is above.
 * @param identity key and self-signed certificate in PEM: TLS without one isn't to be had in every editor
 * @throws CmsError CANCELLED
 */
export async function measuredCapacity(
  codec: Codec,
  identity: { key: string; cert: string },
  signal: AbortSignal,
): Promise<{ messagesPerSecond: number; vehicles: number }> {
  throwIfAborted(signal);
  const [{ MqttClient }, { parser }] = await Promise.all([import('mqtt'), import('mqtt-packet')]);
  const server = createServer({ key: identity.key, cert: identity.cert }, (secure) => {
    const read = parser();
    read.on('packet', (packet) => {
      if (packet.cmd === 'connect') secure.write(Buffer.from([0x20, 2, 0, 0]));
      if (packet.cmd !== 'publish') return;
      const id = packet.messageId ?? 0;
      secure.write(Buffer.from([0x40, 2, id >> 8, id & 0xff]));
    });
    secure.on('data', (some: Buffer) => void read.parse(some)).on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = Array.from(
    { length: CONNECTIONS },
    (_, i) =>
      new MqttClient(
        () =>
          connectTls({
            ...{ host: '127.0.0.1', port, ca: identity.cert, checkServerIdentity: () => undefined },
          }),
        { clientId: `capacity-${i}`, protocolVersion: 4, reconnectPeriod: 0 },
      ),
  );
  try {
    await Promise.all(
      clients.map(async (client) => {
        await new Promise<void>((resolve, reject) => {
          client.on('connect', () => resolve()).on('error', reject);
          signal.addEventListener('abort', () => reject(cancelled()), { once: true });
        });
      }),
    );
    const vehicles = clients.map((client, i) => ({ client, messages: vehicle(codec, i) }));
    const beat = async (at: number): Promise<number> => {
      throwIfAborted(signal);
      const said = vehicles.flatMap(({ client, messages }) =>
        (messages.tick(at * 1000, 1) ?? []).map(({ topic, payload }) =>
          client.publishAsync(topic, Buffer.from(payload), { qos: 1 }),
        ),
      );
      await Promise.all(said);
      return said.length;
    };
    for (let i = 0; i < WARM_UP; i++) await beat(i);
    const before = process.cpuUsage();
    let sent = 0;
    for (let i = WARM_UP; i < WARM_UP + EACH; i++) sent += await beat(i);
    const { user, system } = process.cpuUsage(before);
    return {
      messagesPerSecond: Math.floor((SHARE * sent * 1e6) / Math.max(1, user + system)),
      vehicles: Math.floor((MEMORY_SHARE * os.freemem()) / VEHICLE_BYTES),
    };
  } finally {
    for (const client of clients) client.end(true);
    server.close();
  }
}

function vehicle(codec: Codec, seed: number) {
  const points = Array.from({ length: 20 }, (_, i) => ({ latitude: 48 + i * 0.002, longitude: 11 }));
  const name = `capacity-${seed}`;
  return createMessages({
    drive: createDrive({ route: { name, points }, pace: 'drive', tick: 0.5, seed, end: 'loop' }),
    ...{ codec, vehicle: { vin: name, id: name, thingName: name }, simulationId: name, pace: 'drive' },
  });
}
