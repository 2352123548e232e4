import assert from 'node:assert/strict';
import { checkPacket, UnknownProtocolLevel } from '../../../../src/sandbox/broker/packetCheck.ts';
import { PacketProblem } from '../../../../src/sandbox/broker/packetReader.ts';
import { startBroker, type TestBroker } from '../../../support/testBroker.ts';

/** A packet of one type and its body in hex; blanks are for the reader. */
function packet(first: string, body: string): Buffer {
  const bytes = Buffer.from(body.replaceAll(' ', ''), 'hex');
  return Buffer.concat([Buffer.from(first, 'hex'), Buffer.from([bytes.length]), bytes]);
}
const MQTT = '0004 4d515454';
/** CONNECT with a client id of one letter. */
const connect = (level: string, flags: string, rest = '0001 61') =>
  packet('10', `${MQTT} ${level} ${flags} 003c ${level === '05' ? '00' : ''} ${rest}`);

function codeOf(bytes: Buffer, version?: 4 | 5): number | undefined {
  try {
    checkPacket(bytes, version);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof PacketProblem);
    return error.code;
  }
}

describe('packets are checked before they are parsed', () => {
  describe('good ones pass', () => {
    const good: [string, Buffer, (4 | 5)?][] = [
      ['CONNECT of MQTT 3.1.1', connect('04', '02')],
      ['CONNECT of MQTT 5', connect('05', '02')],
      ['user name and password', connect('04', 'c2', '0001 61 0001 75 0001 70')],
      ['a password alone in MQTT 5', connect('05', '42', '0001 61 0001 70')],
      ['a will', connect('04', '0e', '0001 61 0001 74 0001 77')],
      ['a will in MQTT 5', connect('05', '0e', '0001 61 00 0001 74 0001 77')],
      ['PUBLISH', packet('32', '0001 61 0001 ff'), 4],
      ['PUBLISH with an alias and no topic', packet('30', '0000 03 23 0001'), 5],
      ['a topic with a letter beyond the BMP', packet('30', '0004 f09f9a97'), 4],
      ['a topic with U+FFFD, which is a character like others', packet('30', '0003 efbfbd'), 4],
      ['a topic with U+FEFF', packet('30', '0003 efbbbf'), 4],
      ['PUBACK', packet('40', '0001'), 4],
      ['PUBACK with a reason', packet('40', '0001 10'), 5],
      ['PUBACK with properties', packet('40', '0001 10 00'), 5],
      ['SUBSCRIBE', packet('82', '0001 0001 61 01'), 4],
      ['SUBSCRIBE with options', packet('82', '0001 00 0001 61 2d'), 5],
      ['UNSUBSCRIBE', packet('a2', '0001 0001 61'), 4],
      ['PINGREQ', packet('c0', ''), 4],
      ['DISCONNECT', packet('e0', ''), 4],
      ['DISCONNECT with a reason', packet('e0', '04'), 5],
      ['DISCONNECT with properties', packet('e0', '00 05 11 00000000'), 5],
    ];
    for (const [name, bytes, version] of good) {
      it(name, () => assert.equal(codeOf(bytes, version), undefined));
    }
  });

  describe('malformed ones do not', () => {
    // MQTT 3.1.1 and 5: 1.5.3 (1.5.4), 2.2.2 (2.1.3), 2.3.1 (2.2.1), 3.1.2, 3.3.1, 3.8.3, 3.10.3.
    const bad: [string, Buffer, (4 | 5)?][] = [
      ['a client id with U+0000', connect('04', '02', '0003 610062')],
      ['a client id with a surrogate', connect('04', '02', '0003 eda080')],
      ['an overlong client id', connect('04', '02', '0002 c080')],
      ['a user name with U+0000', connect('04', '82', '0001 61 0002 0075')],
      ['a user name that is no UTF-8', connect('04', '82', '0001 61 0001 ff')],
      ['a will topic with U+0000', connect('04', '06', '0001 61 0001 00 0000')],
      ['a will with QoS 3', connect('04', '1e', '0001 61 0001 74 0001 77')],
      ['a retained will that is not there', connect('04', '22')],
      ['the QoS of a will that is not there', connect('04', '0a')],
      ['a reserved connect flag', connect('04', '03')],
      ['a password without user name', connect('04', '42', '0001 61 0001 70')],
      ['bytes left over after CONNECT', connect('04', '02', '0001 61 00')],
      ['a will that is not there', connect('04', '06')],
      ['CONNECT with flags in its header', packet('11', `${MQTT} 04 02 003c 0001 61`)],
      ['a topic with U+0000', packet('30', '0003 610062'), 4],
      ['a topic with a surrogate', packet('30', '0003 edbfbf'), 4],
      ['PUBLISH with QoS 3', packet('36', '0001 61 0001'), 4],
      ['a duplicate of QoS 0', packet('38', '0001 61'), 4],
      ['a topic cut short', packet('30', '0005 61'), 4],
      ['PUBACK with a byte too many', packet('40', '0001 00'), 4],
      ['PUBACK with a byte too few', packet('40', '00'), 4],
      ['PUBACK with flags', packet('42', '0001'), 4],
      ['a filter with U+0000', packet('82', '0001 0001 00 01'), 4],
      ['a filter without its QoS', packet('82', '0001 0001 61'), 4],
      ['a filter with QoS 3', packet('82', '0001 0001 61 03'), 4],
      ['a filter with options in MQTT 3.1.1', packet('82', '0001 0001 61 05'), 4],
      ['a filter with reserved options', packet('82', '0001 00 0001 61 41'), 5],
      ['SUBSCRIBE with wrong flags', packet('80', '0001 0001 61 01'), 4],
      ['an UNSUBSCRIBE filter that is no UTF-8', packet('a2', '0001 0002 c328'), 4],
      ['an UNSUBSCRIBE filter with U+0000', packet('a2', '0001 0001 00'), 4],
      ['UNSUBSCRIBE with wrong flags', packet('a0', '0001 0001 61'), 4],
      ['PINGREQ with a body', packet('c0', '00'), 4],
      ['PINGREQ with flags', packet('c1', ''), 4],
      ['DISCONNECT with a body in MQTT 3.1.1', packet('e0', '00'), 4],
      ['AUTH in MQTT 3.1.1', packet('f0', '00 00'), 4],
      ['type 0', packet('00', ''), 4],
      ['an unknown property', packet('30', '0001 61 02 7f00'), 5],
      ['properties cut short', packet('30', '0001 61 09 02'), 5],
      ['a user property that is no UTF-8', packet('30', '0001 61 07 26 0001 61 0001 ff'), 5],
      ['a content type with U+0000', packet('30', '0001 61 04 03 0001 00'), 5],
      ['a length of properties in more bytes than it needs', packet('30', '0001 61 8000'), 5],
      ['a packet length in more bytes than it needs', Buffer.from('c08000', 'hex'), 5],
    ];
    for (const [name, bytes, version] of bad) it(name, () => assert.equal(codeOf(bytes, version), 0x81));
  });

  describe('protocol errors do not', () => {
    const bad: [string, Buffer, (4 | 5)?][] = [
      ['PUBLISH with packet identifier 0', packet('32', '0001 61 0000'), 4],
      ['PUBACK with packet identifier 0', packet('40', '0000'), 4],
      ['SUBSCRIBE with packet identifier 0', packet('82', '0000 0001 61 01'), 4],
      ['UNSUBSCRIBE with packet identifier 0', packet('a2', '0000 0001 61'), 4],
      ['SUBSCRIBE without filters', packet('82', '0001'), 4],
      ['UNSUBSCRIBE without filters', packet('a2', '0001'), 4],
      ['UNSUBSCRIBE without filters in MQTT 5', packet('a2', '0001 00'), 5],
      ['a second CONNECT', connect('04', '02'), 4],
      ['a packet that only brokers send', packet('20', '0000'), 4],
      ['PUBREL', packet('62', '0001'), 4],
      ['AUTH', packet('f0', '00 00'), 5],
      ['a property that came twice', packet('30', '0001 61 04 0101 0101'), 5],
      ['a property of another packet', packet('30', '0001 61 05 11 00000001'), 5],
      ['a subscription identifier in PUBLISH', packet('30', '0001 61 02 0b01'), 5],
      ['a subscription identifier of 0', packet('82', '0001 02 0b00 0001 61 01'), 5],
      ['a payload format of 2', packet('30', '0001 61 02 0102'), 5],
      ['a response topic with wildcards', packet('30', '0001 61 04 08 0001 2b'), 5],
      ['a receive maximum of 0', packet('10', `${MQTT} 05 02 003c 03 21 0000 0001 61`)],
      ['a maximum packet size of 0', packet('10', `${MQTT} 05 02 003c 05 27 00000000 0001 61`)],
      ['retain handling 3', packet('82', '0001 00 0001 61 31'), 5],
    ];
    for (const [name, bytes, version] of bad) it(name, () => assert.equal(codeOf(bytes, version), 0x82));
  });

  it('keeps the order of user properties, and those that are empty', () => {
    const pair = (name: string, value: string) => `26 0001 ${name} 000${value === '' ? 0 : 1} ${value}`;
    const pairs = [pair('61', '31'), pair('62', ''), pair('61', '33')].join(' ');
    const length = Buffer.from(pairs.replaceAll(' ', ''), 'hex').length;
    const { userProperties } = checkPacket(
      packet('30', `0001 74 ${length.toString(16).padStart(2, '0')} ${pairs}`),
      5,
    );
    assert.deepEqual(userProperties, [
      ['a', '1'],
      ['b', ''],
      ['a', '3'],
    ]);
  });
});

describe('protocol levels that are not spoken @slow', () => {
  let test: TestBroker;
  before(async () => {
    test = await startBroker();
  });
  after(() => test.close());

  const levels: [string, Buffer][] = [
    ['MQIsdp 3', packet('10', '0006 4d5149736470 03 02 003c 0001 61')],
    ...['00', '03', '06', '83', '84', '85', 'ff'].map((level): [string, Buffer] => [
      `MQTT ${Number.parseInt(level, 16)}`,
      packet('10', `${MQTT} ${level} 02 003c 0001 61`),
    ]),
  ];
  for (const [name, bytes] of levels) {
    it(`${name}: CONNACK 1, and the log says why`, async () => {
      assert.throws(() => checkPacket(bytes, undefined), UnknownProtocolLevel);
      const client = test.open(await test.device());
      client.write(bytes);
      assert.equal((await client.next('connack')).returnCode, 1);
      assert.deepEqual(await client.closed(), []);
      assert.ok(test.context.lines.some((line) => line.includes('only MQTT 3.1.1 and 5 are spoken here')));
    });
  }

  it('another protocol than MQTT gets no answer', async () => {
    const client = test.open(await test.device());
    client.write(packet('10', '0004 58515454 04 02 003c 0001 61'));
    assert.deepEqual(await client.closed(), []);
  });
});
