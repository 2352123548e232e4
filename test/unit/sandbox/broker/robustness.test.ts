import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { createFrames } from '../../../../src/sandbox/broker/frames.ts';
import { CONNECT, startBroker, type TestBroker } from '../../../support/testBroker.ts';

describe('the message broker survives @slow', () => {
  let test: TestBroker;
  before(async () => {
    test = await startBroker();
  });
  after(() => test.close());

  /** It still serves others. */
  const alive = async () => {
    const client = await test.connect(await test.device(), 'alive');
    client.publish('alive', '');
    assert.equal((await client.next('puback')).cmd, 'puback');
    client.send({ cmd: 'disconnect' });
    await client.closed();
    test.uptime.advance(2000);
  };

  const bad: [string, Buffer][] = [
    ['an endless packet length', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a packet of 256 MB', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])],
    ['a CONNECT whose inner lengths lie', Buffer.from([0x10, 0x04, 0x00, 0xff, 0x4d, 0x51])],
    [
      'a CONNECT with a reserved flag',
      Buffer.from('100d00044d51545404' + '01' + '003c' + '0001' + '61', 'hex'),
    ],
    ['packet type 0', Buffer.from([0x00, 0x00])],
    ['HTTP', Buffer.from(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(80)}\r\n\r\n`)],
  ];
  for (const [name, bytes] of bad) {
    it(`${name}, before CONNECT`, async () => {
      const client = test.open(await test.device());
      client.write(bytes);
      assert.deepEqual(await client.closed(), []);
      await alive();
    });
  }

  for (const [name, bytes] of [
    ['a PUBLISH without its topic', Buffer.from([0x30, 0x01, 0x00])],
    ['a SUBSCRIBE without filters', Buffer.from([0x82, 0x02, 0x00, 0x01])],
    ['a SUBSCRIBE with wrong flags', Buffer.from([0x80, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x00])],
    ['a PUBLISH with both QoS bits', Buffer.from([0x36, 0x05, 0x00, 0x01, 0x61, 0x00, 0x01])],
    ['a PUBLISH with packet identifier 0', Buffer.from([0x32, 0x05, 0x00, 0x01, 0x61, 0x00, 0x00])],
    ['a SUBSCRIBE with packet identifier 0', Buffer.from([0x82, 0x06, 0x00, 0x00, 0x00, 0x01, 0x61, 0x01])],
    ['a topic that is no UTF-8', Buffer.from([0x32, 0x06, 0x00, 0x02, 0xff, 0xfe, 0x00, 0x01])],
    ['a CONNACK from a client', Buffer.from([0x20, 0x02, 0x00, 0x00])],
  ] as const) {
    it(`${name}, after CONNECT`, async () => {
      const client = await test.connect(await test.device(), 'bad');
      test.uptime.advance(2000);
      client.write(bytes);
      assert.deepEqual(await client.closed(), []);
      await alive();
    });
  }

  it('plain text on the TLS port', async () => {
    const socket = connect(test.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(generate(CONNECT));
    socket.resume();
    await once(socket, 'close');
    await alive();
  });

  it('a client that resets its connection in the middle of a packet', async () => {
    const client = await test.connect(await test.device(), 'rude');
    client.write(Buffer.from([0x30, 0x64, 0x00, 0x01]));
    client.socket.destroy();
    await client.closed();
    await alive();
  });
});

describe('cutting the byte stream into packets', () => {
  const packet = generate({
    cmd: 'publish',
    topic: 'a/b',
    payload: 'hello',
    qos: 0,
    dup: false,
    retain: false,
  });
  const ping = generate({ cmd: 'pingreq' });

  it('does not depend on how the bytes arrive', () => {
    const bytes = Buffer.concat([packet, ping, packet]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const seen: string[] = [];
        const frames = createFrames({
          maxBytes: 100,
          packet: ({ cmd }) => seen.push(cmd),
          broken: (why) => seen.push(why),
        });
        let from = 0;
        for (const to of [...cuts, bytes.length].sort((a, b) => a - b)) {
          frames.push(bytes.subarray(from, to));
          from = to;
        }
        assert.deepEqual(seen, ['publish', 'pingreq', 'publish']);
      }),
    );
  });

  it('never throws, and tells of broken input at most once', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        let broken = 0;
        const frames = createFrames({ maxBytes: 100, packet: () => undefined, broken: () => broken++ });
        for (const chunk of chunks) frames.push(Buffer.from(chunk));
        assert.ok(broken <= 1);
      }),
    );
  });

  it('refuses a packet by its length before its content comes', () => {
    let why = '';
    const frames = createFrames({ maxBytes: 100, packet: () => undefined, broken: (text) => (why = text) });
    frames.push(Buffer.from([0x30, 0x65]));
    assert.match(why, /103 bytes is too large/);
  });
});
