import { malformed, PacketProblem, PacketReader, protocolError } from './packetReader.ts';
import { readProperties, type UserProperties } from './packetProperties.ts';

/** The versions of MQTT that are spoken here: 4 is MQTT 3.1.1. */
export type ProtocolVersion = 4 | 5;

/** CONNECT asks for a version of MQTT that is not spoken here. */
export class UnknownProtocolLevel extends PacketProblem {}

/** What the check has read of a packet on the way. */
export interface CheckedPacket {
  /** The version that a CONNECT asks for; otherwise the one that was given. */
  version: ProtocolVersion;
  userProperties: UserProperties;
  willUserProperties: UserProperties;
}

const SUBSCRIBE_FLAGS = 0x02;

/**
 * Checks a whole packet of a client, byte by byte, before it is parsed: `mqtt-packet` replaces what is not UTF-8, and
 * overlooks bytes that are too many and flags that contradict each other. Throws PacketProblem.
 * @param version undefined before CONNECT
 */
export function checkPacket(packet: Buffer, version: ProtocolVersion | undefined): CheckedPacket {
  const { type, flags, body } = split(packet, version);
  if (type === 1) {
    if (version !== undefined) throw protocolError('it sent CONNECT twice');
    if (flags !== 0) throw malformed('CONNECT has flags in its header');
    return checkConnect(body);
  }
  const spoken = version ?? 4;
  const userProperties = checkOther(type, flags, body, spoken);
  if (body.left > 0) throw malformed(`${body.left} bytes are left over`);
  return { version: spoken, userProperties, willUserProperties: [] };
}

function split(packet: Buffer, version: ProtocolVersion | undefined) {
  const reader = new PacketReader(packet);
  const first = reader.byte('its header');
  // Only MQTT 5 demands that the length be no longer than it needs to be.
  if (version === 5) reader.variable('its length');
  else while ((reader.byte('its length') & 0x80) !== 0);
  return { type: first >> 4, flags: first & 0x0f, body: reader };
}

function checkConnect(body: PacketReader): CheckedPacket {
  const name = body.text('the protocol name');
  if (name !== 'MQTT' && name !== 'MQIsdp') throw protocolError('its protocol is not MQTT');
  const level = body.byte('the protocol level');
  if (name !== 'MQTT' || (level !== 4 && level !== 5)) {
    throw new UnknownProtocolLevel(0, `only MQTT 3.1.1 and 5 are spoken here, not ${name} level ${level}`);
  }
  const flags = body.byte('the connect flags');
  const has = (bit: number) => (flags & bit) !== 0;
  const will = has(0x04);
  const willQos = (flags >> 3) & 0x03;
  if (has(0x01)) throw malformed('the reserved connect flag is set');
  if (willQos === 3) throw malformed('its will has both QoS bits set');
  if (!will && (willQos !== 0 || has(0x20))) throw malformed('it describes a will and has none');
  if (level === 4 && has(0x40) && !has(0x80)) throw malformed('it has a password and no user name');
  body.uint16('the keep-alive');
  const userProperties = level === 5 ? readProperties(body, 'CONNECT') : [];
  body.text('the client id');
  let willUserProperties: UserProperties = [];
  if (will) {
    if (level === 5) willUserProperties = readProperties(body, 'will');
    body.text('the topic of its will');
    body.binary('the payload of its will');
  }
  if (has(0x80)) body.text('the user name');
  if (has(0x40)) body.binary('the password');
  if (body.left > 0) throw malformed(`${body.left} bytes are left over after CONNECT`);
  return { version: level, userProperties, willUserProperties };
}

/** Everything but CONNECT. Returns the user properties. */
function checkOther(type: number, flags: number, body: PacketReader, version: ProtocolVersion) {
  switch (type) {
    case 3:
      return checkPublish(flags, body, version);
    case 4:
      return checkPuback(flags, body, version);
    case 8:
      return checkSubscribe(flags, body, version);
    case 10:
      return checkUnsubscribe(flags, body, version);
    case 12:
      if (flags !== 0) throw malformed('PINGREQ has flags in its header');
      return [];
    case 14:
      return checkDisconnect(flags, body, version);
    case 0:
      throw malformed('there is no packet of type 0');
    case 15:
      if (version === 4) throw malformed('MQTT 3.1.1 has no packet of type 15');
      throw protocolError('AWS IoT has no AUTH');
    case 5:
    case 6:
    case 7:
      throw protocolError('AWS IoT has no quality of service 2');
    default:
      throw protocolError(`packets of type ${type} come from brokers only`);
  }
}

function checkPublish(flags: number, body: PacketReader, version: ProtocolVersion): UserProperties {
  const qos = (flags >> 1) & 0x03;
  if (qos === 3) throw malformed('PUBLISH has both QoS bits set');
  if (qos === 0 && (flags & 0x08) !== 0) throw malformed('PUBLISH with QoS 0 is marked as a duplicate');
  body.text('the topic');
  if (qos > 0) identifier(body, 'PUBLISH');
  const user = version === 5 ? readProperties(body, 'PUBLISH') : [];
  body.part(body.left, 'the payload');
  return user;
}

function checkPuback(flags: number, body: PacketReader, version: ProtocolVersion): UserProperties {
  if (flags !== 0) throw malformed('PUBACK has flags in its header');
  identifier(body, 'PUBACK');
  if (version === 4 || body.left === 0) return [];
  body.byte('the reason code');
  return body.left === 0 ? [] : readProperties(body, 'PUBACK');
}

function checkSubscribe(flags: number, body: PacketReader, version: ProtocolVersion): UserProperties {
  if (flags !== SUBSCRIBE_FLAGS) throw malformed('SUBSCRIBE has wrong flags in its header');
  identifier(body, 'SUBSCRIBE');
  const user = version === 5 ? readProperties(body, 'SUBSCRIBE') : [];
  if (body.left === 0) throw protocolError('SUBSCRIBE has no filters');
  while (body.left > 0) {
    body.text('a filter');
    const options = body.byte('the options of a filter');
    if ((options & 0x03) === 3) throw malformed('a filter has both QoS bits set');
    if ((options & (version === 5 ? 0xc0 : 0xfc)) !== 0) throw malformed('a filter has reserved options');
    if ((options & 0x30) === 0x30) throw protocolError('there is no retain handling 3');
  }
  return user;
}

function checkUnsubscribe(flags: number, body: PacketReader, version: ProtocolVersion): UserProperties {
  if (flags !== SUBSCRIBE_FLAGS) throw malformed('UNSUBSCRIBE has wrong flags in its header');
  identifier(body, 'UNSUBSCRIBE');
  const user = version === 5 ? readProperties(body, 'UNSUBSCRIBE') : [];
  if (body.left === 0) throw protocolError('UNSUBSCRIBE has no filters');
  while (body.left > 0) body.text('a filter');
  return user;
}

function checkDisconnect(flags: number, body: PacketReader, version: ProtocolVersion): UserProperties {
  if (flags !== 0) throw malformed('DISCONNECT has flags in its header');
  if (version === 4 || body.left === 0) return [];
  body.byte('the reason code');
  return body.left === 0 ? [] : readProperties(body, 'DISCONNECT');
}

/** MQTT 3.1.1, section 2.3.1: a packet identifier is not 0. */
function identifier(body: PacketReader, name: string): void {
  if (body.uint16(`the packet identifier of ${name}`) === 0)
    throw protocolError(`${name} has packet identifier 0`);
}
