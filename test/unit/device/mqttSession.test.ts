import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mock } from 'node:test';
import { Duplex } from 'node:stream';
import { generate, parser as createParser, type Packet } from 'mqtt-packet';
import { english } from '../../../src/core/wording.ts';
import { createMqttSession } from '../../../src/device/process/mqttSession.ts';

/** The server's end of a stream: what was written to it, in chunks and packets. */
class Server extends Duplex {
  readonly chunks: Buffer[] = [];
  readonly packets: Packet[] = [];
  readonly #parser = createParser({ protocolVersion: 4 });

  constructor() {
    super();
    this.#parser.on('packet', (packet) => this.packets.push(packet));
  }

  override _read(): void {
    // Pushed by `say`.
  }

  override _write(chunk: Buffer, _encoding: unknown, done: () => void): void {
    this.chunks.push(chunk);
    this.#parser.parse(chunk);
    done();
  }

  override _writev(parts: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(parts.map(({ chunk }) => chunk)), undefined, done);
  }

  say(packet: Packet): void {
    this.push(generate(packet));
  }
}

describe('An MQTT session', () => {
  const started: Server[] = [];
  afterEach(() => {
    for (const server of started.splice(0)) server.destroy();
    mock.timers.reset();
  });

  function start() {
    const server = new Server();
    started.push(server);
    const told: string[] = [];
    const session = createMqttSession(
      server,
      { clientId: 'vehicle', keepAlive: 30 },
      {
        accepted: () => told.push('accepted'),
        ended: (why) => told.push(`ended: ${english(why)}`),
        message: (topic, payload) => told.push(`${topic} ${Buffer.from(payload).toString()}`),
      },
    );
    return { server, session, told };
  }
  const turn = () => new Promise(setImmediate);
  async function accepted() {
    const it = start();
    it.server.say({ cmd: 'connack', returnCode: 0, sessionPresent: false });
    await turn();
    assert.deepEqual(it.told, ['accepted']);
    return it;
  }

  it('begins with a clean CONNECT', async () => {
    const { server } = start();
    await turn();
    const [packet] = server.packets;
    assert.ok(packet?.cmd === 'connect');
    assert.deepEqual(
      [packet.clientId, packet.clean, packet.keepalive, packet.protocolVersion],
      ['vehicle', true, 30, 4],
    );
  });

  it('sends what is published in one turn in one write, in order', async () => {
    const { server, session } = await accepted();
    const before = server.chunks.length;
    for (let i = 0; i < 10; i++) void session.publish('topic', String(i));
    await turn();
    assert.equal(server.chunks.length, before + 1);
    const texts = server.packets.flatMap((packet) =>
      packet.cmd === 'publish' ? [packet.payload.toString()] : [],
    );
    assert.deepEqual(texts, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('resolves a publish with its own acknowledgement, whatever their order', async () => {
    const { server, session } = await accepted();
    const done: string[] = [];
    void session.publish('topic', 'a').then(() => done.push('a'));
    void session.publish('topic', 'b').then(() => done.push('b'));
    await turn();
    const [a, b] = server.packets.filter(({ cmd }) => cmd === 'publish').map(({ messageId }) => messageId);
    server.say({ cmd: 'puback', messageId: b! });
    await turn();
    assert.deepEqual(done, ['b']);
    server.say({ cmd: 'puback', messageId: a! });
    await turn();
    assert.deepEqual(done, ['b', 'a']);
  });

  it('never uses the identifier of a message that is under way @slow', async () => {
    const { server, session } = await accepted();
    void session.publish('topic', 'first');
    await turn();
    for (let i = 0; i < 65_600; i++) {
      void session.publish('topic', 'x');
      await Promise.resolve();
      const id = (i % 65_534) + 2;
      server.say({ cmd: 'puback', messageId: id });
      if (i % 1000 === 0) await turn();
    }
    await turn();
    const used = server.packets.filter(({ cmd }) => cmd === 'publish').map(({ messageId }) => messageId);
    assert.equal(used.filter((id) => id === 1).length, 1);
  });

  it('hands on messages, acknowledges those that want it, and says whether a subscription is granted', async () => {
    const { server, session, told } = await accepted();
    const granting = session.subscribe(['a', 'b']);
    await turn();
    const { messageId } = server.packets.at(-1)!;
    server.say({ cmd: 'suback', messageId: messageId!, granted: [0, 0x80] });
    assert.equal(await granting, false);
    server.say({ cmd: 'publish', topic: 'a', payload: 'x', qos: 1, messageId: 9, dup: false, retain: false });
    await turn();
    assert.equal(told.at(-1), 'a x');
    assert.deepEqual(
      server.packets.filter(({ cmd }) => cmd === 'puback').map(({ messageId: id }) => id),
      [9],
    );
  });

  it('ends for a CONNACK that refuses, for bytes that are no MQTT, and for a closed stream; each time once', async () => {
    const refused = start();
    refused.server.say({ cmd: 'connack', returnCode: 2, sessionPresent: false });
    const garbled = start();
    garbled.server.push(Buffer.from([0x00, 0x01, 0x00, 0xff, 0xff]));
    const gone = await accepted();
    gone.server.destroy();
    await turn();
    await turn();
    assert.deepEqual(refused.told, ['ended: MQTT return code 2']);
    assert.match(garbled.told.join(), /^ended: it sent something that is not MQTT/);
    assert.deepEqual(gone.told, ['accepted', 'ended: the connection was closed']);
    assert.ok(refused.server.destroyed && garbled.server.destroyed);
  });

  it('pings, and ends when nobody answers', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const { server, told } = await accepted();
    const pings = () => server.packets.filter(({ cmd }) => cmd === 'pingreq').length;
    mock.timers.tick(30_000);
    await turn();
    assert.equal(pings(), 1);
    server.say({ cmd: 'pingresp' });
    await turn();
    mock.timers.tick(30_000);
    await turn();
    assert.deepEqual([pings(), told], [2, ['accepted']]);
    mock.timers.tick(30_000);
    await turn();
    assert.deepEqual([pings(), told], [2, ['accepted', 'ended: no answer to a ping']]);
    assert.ok(server.destroyed);
  });

  it('leaves a subscription open when nobody answers any more', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const { session, told } = await accepted();
    let settled = false;
    void session.subscribe(['a']).then(() => (settled = true));
    for (let beats = 0; beats < 3; beats++) {
      mock.timers.tick(15_000);
      await turn();
    }
    assert.deepEqual(told, ['accepted', 'ended: no answer to a ping']);
    assert.equal(settled, false);
  });

  it('says DISCONNECT when it is closed, and is silent afterwards', async () => {
    const { server, session, told } = await accepted();
    session.close();
    await once(server, 'finish');
    assert.equal(server.packets.at(-1)?.cmd, 'disconnect');
    server.destroy();
    await turn();
    assert.deepEqual(told, ['accepted']);
  });
});
