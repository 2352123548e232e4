import assert from 'node:assert/strict';
import { generate } from 'mqtt-packet';
import { MOST_PACKET_BYTES, PacketLengths } from '../../../src/core/mqttPackets.ts';

const publish = (bytes: number): Buffer =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, dup: false, retain: false });

describe('The lengths of MQTT packets', () => {
  it('may be all that AWS IoT sends, in any pieces', () => {
    const stream = Buffer.concat([
      generate({ cmd: 'pingresp' }),
      publish(1),
      publish(300),
      publish(131_072),
      publish(0),
    ]);
    for (const size of [1, 2, 3, 7, 1000, stream.length]) {
      const lengths = new PacketLengths();
      for (let i = 0; i < stream.length; i += size)
        assert.ok(lengths.accepts(stream.subarray(i, i + size)), `piece of ${size} at ${i}`);
    }
  });

  it('are refused as soon as one is announced that is too long', () => {
    const lengths = new PacketLengths();
    assert.ok(lengths.accepts(publish(10)));
    assert.equal(lengths.accepts(publish(MOST_PACKET_BYTES).subarray(0, 5)), false);
    assert.equal(new PacketLengths().accepts(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])), false);
    assert.equal(new PacketLengths().accepts(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])), false);
  });
});
