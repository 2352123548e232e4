import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { parser as createParser, generate, type Packet } from 'mqtt-packet';
import { type WebSocket, WebSocketServer } from 'ws';
import { createConnection } from '../../../src/aws/createConnection.ts';
import type { Connection } from '../../../src/aws/connection.ts';
import { watchTopics } from '../../../src/aws/watchTopics.ts';
import { systemClock } from '../../../src/core/work.ts';
import { testCredentials } from '../../support/sandbox.ts';
import { until } from '../../support/until.ts';

/** What AWS IoT gets over a WebSocket; it accepts everything. */
function serve(socket: WebSocket, got: Packet[]): void {
  const parser = createParser({ protocolVersion: 4 });
  parser.on('packet', (packet: Packet) => {
    got.push(packet);
    if (packet.cmd === 'connect')
      socket.send(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
    if (packet.cmd === 'subscribe')
      socket.send(generate({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [0] }));
    if (packet.cmd !== 'pingreq') return;
    socket.send(generate({ cmd: 'pingresp' }));
    // Comes after the answer.
    const more = { qos: 0, dup: false, retain: false } as const;
    socket.send(generate({ cmd: 'publish', topic: 'dt/pinged', payload: '', ...more }));
  });
  socket.on('message', (data) => parser.parse(data as Buffer));
}

describe('The connection of a watch @slow', () => {
  let server: Server;
  let connection: Connection;
  const got: Packet[] = [];

  beforeEach(async () => {
    got.length = 0;
    server = createServer();
    new WebSocketServer({ server, handleProtocols: () => 'mqtt' }).on('connection', (socket) =>
      serve(socket, got),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    connection = await createConnection(
      { endpoint: `http://127.0.0.1:${port}`, region: 'us-west-2', credentials: testCredentials },
      { clock: systemClock, random: Math.random },
    );
  });

  afterEach(() => {
    mock.timers.reset();
    connection.dispose();
    server.closeAllConnections();
    server.close();
  });

  it('is never silent for a minute, after which proxies, NAT and load balancers cut it', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const end = new AbortController();
    const states: string[] = [];
    let answered = 0;
    const ended = watchTopics(
      connection,
      ['dt/#'],
      { message: () => (answered += 1), state: (state) => states.push(state) },
      { signal: end.signal, clock: systemClock, random: Math.random },
    );
    ended.catch(() => undefined);
    await until('the watch', () => states.length > 0);
    const [first] = got;
    assert.ok(first?.cmd === 'connect');
    const { keepalive = 0 } = first;
    assert.ok(keepalive > 0 && keepalive < 60, String(keepalive));
    for (let pings = 1; pings <= 3; pings++) {
      // The beats of less than a minute.
      mock.timers.tick(15_000);
      mock.timers.tick(15_000);
      await until(`the answer to ping ${pings}`, () => answered === pings);
    }
    assert.deepEqual(states, ['online']);
    end.abort();
    await assert.rejects(ended, { code: 'CANCELLED' });
  });
});
