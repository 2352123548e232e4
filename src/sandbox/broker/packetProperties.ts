import { malformed, protocolError, type PacketReader } from './packetReader.ts';

/** Where a client may put properties (MQTT 5, table 2-4). */
export type PropertyPlace =
  'CONNECT' | 'will' | 'PUBLISH' | 'PUBACK' | 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'DISCONNECT' | 'AUTH';

type Kind =
  'flag' | 'uint16' | 'nonzero16' | 'uint32' | 'nonzero32' | 'variable' | 'text' | 'binary' | 'pair';

const KINDS: Readonly<Record<number, readonly [name: string, kind: Kind, places: readonly PropertyPlace[]]>> =
  {
    0x01: ['Payload Format Indicator', 'flag', ['PUBLISH', 'will']],
    0x02: ['Message Expiry Interval', 'uint32', ['PUBLISH', 'will']],
    0x03: ['Content Type', 'text', ['PUBLISH', 'will']],
    0x08: ['Response Topic', 'text', ['PUBLISH', 'will']],
    0x09: ['Correlation Data', 'binary', ['PUBLISH', 'will']],
    0x0b: ['Subscription Identifier', 'variable', ['SUBSCRIBE']],
    0x11: ['Session Expiry Interval', 'uint32', ['CONNECT', 'DISCONNECT']],
    0x15: ['Authentication Method', 'text', ['CONNECT', 'AUTH']],
    0x16: ['Authentication Data', 'binary', ['CONNECT', 'AUTH']],
    0x17: ['Request Problem Information', 'flag', ['CONNECT']],
    0x18: ['Will Delay Interval', 'uint32', ['will']],
    0x19: ['Request Response Information', 'flag', ['CONNECT']],
    0x1f: ['Reason String', 'text', ['PUBACK', 'DISCONNECT', 'AUTH']],
    0x21: ['Receive Maximum', 'nonzero16', ['CONNECT']],
    0x22: ['Topic Alias Maximum', 'uint16', ['CONNECT']],
    0x23: ['Topic Alias', 'uint16', ['PUBLISH']],
    0x26: [
      'User Property',
      'pair',
      ['CONNECT', 'will', 'PUBLISH', 'PUBACK', 'SUBSCRIBE', 'UNSUBSCRIBE', 'DISCONNECT', 'AUTH'],
    ],
    0x27: ['Maximum Packet Size', 'nonzero32', ['CONNECT']],
  };
const USER_PROPERTY = 0x26;
const RESPONSE_TOPIC = 0x08;

/** Names and values in the order in which they came; a name may come several times. */
export type UserProperties = readonly (readonly [name: string, value: string])[];

/** Checks the properties of a packet, and returns those of the user. Throws PacketProblem. */
export function readProperties(reader: PacketReader, place: PropertyPlace): UserProperties {
  const properties = reader.part(reader.variable('the length of its properties'), 'its properties');
  const seen = new Set<number>();
  const user: [string, string][] = [];
  while (properties.left > 0) {
    const id = properties.variable('a property');
    const [name, kind, places] = KINDS[id] ?? [];
    if (name === undefined || kind === undefined) throw malformed(`there is no property ${id}`);
    if (places?.includes(place) !== true)
      throw protocolError(`${place} has no property ${JSON.stringify(name)}`);
    if (id === USER_PROPERTY) {
      user.push([properties.text('the name of a user property'), properties.text('a user property')]);
      continue;
    }
    if (seen.has(id)) throw protocolError(`the property ${JSON.stringify(name)} came twice`);
    seen.add(id);
    const value = readValue(properties, kind, name);
    if (id === RESPONSE_TOPIC && /[+#]/.test(String(value)))
      throw protocolError('its response topic has wildcards');
  }
  return user;
}

function readValue(reader: PacketReader, kind: Kind, name: string): number | string | Buffer {
  switch (kind) {
    case 'flag': {
      const value = reader.byte(name);
      if (value > 1) throw protocolError(`${name} must be 0 or 1`);
      return value;
    }
    case 'uint16':
      return reader.uint16(name);
    case 'uint32':
      return reader.uint32(name);
    case 'nonzero16':
    case 'nonzero32': {
      const value = kind === 'nonzero16' ? reader.uint16(name) : reader.uint32(name);
      if (value === 0) throw protocolError(`${name} must not be 0`);
      return value;
    }
    case 'variable': {
      const value = reader.variable(name);
      if (value === 0) throw protocolError(`${name} must not be 0`);
      return value;
    }
    case 'binary':
      return reader.binary(name);
    case 'text':
    case 'pair':
      return reader.text(name);
  }
}
