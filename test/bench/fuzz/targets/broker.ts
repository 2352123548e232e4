import { Duplex } from 'node:stream';
import { X509Certificate } from 'node:crypto';
import { generate, type Packet } from 'mqtt-packet';
import { certificateFacts } from '../../../../src/sandbox/kernel/certificateFacts.ts';
import { CONNECT, startBroker } from '../../../support/testBroker.ts';
import { Broken, type Target } from '../target.ts';

const packets = (...list: readonly Packet[]): Buffer => Buffer.concat(list.map((packet) => generate(packet)));
const publish = (topic: string, payload: string, qos: 0 | 1 = 1): Packet => ({
  cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...(qos > 0 ? { messageId: 7 } : {}),
}); // prettier-ignore
const subscribe = (...topics: readonly string[]): Packet => ({
  cmd: 'subscribe',
  messageId: 1,
  subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })),
});

/** What clients say after CONNECT. */
const SAID: readonly Buffer[] = [
  packets(subscribe('a/+', '$aws/things/client/shadow/#'), publish('a/b', '{"c":1}'), { cmd: 'pingreq' }),
  packets({ ...publish('a', 'kept'), retain: true } as Packet, { cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['a/+'] }),
  packets(publish('$aws/certificates/create/json', '{}'), publish('$aws/provisioning-templates/t/provision/json', '{"certificateOwnershipToken":"a","parameters":{}}')),
  packets(publish('$aws/things/client/jobs/start-next', '{}'), { cmd: 'puback', messageId: 7 }, { cmd: 'disconnect' }),
]; // prettier-ignore

const broker: Target = {
  name: 'mqtt',
  slow: true,
  seeds: [
    ...SAID,
    packets(CONNECT, publish('a', '')),
    packets({
      ...CONNECT,
      clean: false,
      will: { topic: 'w', payload: Buffer.from('x'), qos: 1, retain: true },
    }),
  ],
  words: ['$aws/', 'a/+', '#', '\x00\x04MQTT\x04', '\x82\x06\x00\x01\x00\x01a\x01', '\xc0\x00', '\x32\x05'],
  sources: ['/src/sandbox/broker/', '/node_modules/mqtt-packet/'],
  async open() {
    const test = await startBroker({ limits: false });
    const pair = await test.device();
    const certificate = certificateFacts(new X509Certificate(pair.certificatePem));
    const connect = generate({ ...CONNECT, keepalive: 0 });
    return {
      async read(input) {
        const stream = new Pipe();
        test.broker.attach(stream, { kind: 'certificate', certificate, sourceIp: '127.0.0.1' });
        if (input[0] !== 0x10) stream.push(connect);
        stream.push(input);
        stream.push(null);
        // Read, worked on, answered; each in a turn of its own.
        for (let turns = 0; turns < 4 || (!stream.destroyed && turns < 100); turns++)
          await new Promise(setImmediate);
        const ended = stream.destroyed;
        stream.destroy();
        test.messages.length = 0;
        const error = test.context.lines.splice(0).find((line) => line.startsWith('error'));
        if (error !== undefined) throw new Broken(error);
        if (!ended) throw new Broken('a connection that was closed is kept');
        return stream.said.map((byte) => (byte >> 4).toString(16)).join('').slice(0, 4) || 'nothing'; // prettier-ignore
      },
      reset() {
        test.broker.reset();
        return Promise.resolve();
      },
      close: () => test.close(),
    };
  },
};

/** A byte stream without a network; keeps the first byte of each of the answers. */
class Pipe extends Duplex {
  readonly said: number[] = [];

  override _read(): void {
    // It is pushed.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.said.length < 8) this.said.push(chunk[0] ?? 0);
    done();
  }
}

export const brokerTargets: readonly Target[] = [broker];
