import type { IDisconnectPacket, Packet } from 'mqtt-packet';
import type { Connection, Established } from './core.ts';
import { handlePublish } from './publishing.ts';
import { REASON } from './reasonCodes.ts';
import { handleSubscribe, handleUnsubscribe } from './subscribing.ts';

/**
 * Does what a packet of a connected client asks for.
 * @returns whether it counts as a sign of life (AWS IoT Core Developer Guide, "MQTT keep alive")
 */
export function receive(connection: Connection, established: Established, packet: Packet): boolean {
  switch (packet.cmd) {
    case 'publish':
      handlePublish(connection, established, packet);
      return true;
    case 'subscribe':
      handleSubscribe(connection, established, packet);
      return true;
    case 'puback':
      established.session.acknowledge(packet.messageId ?? 0);
      return true;
    case 'pingreq':
      connection.send({ cmd: 'pingresp' });
      return true;
    case 'unsubscribe':
      handleUnsubscribe(connection, established, packet);
      return false;
    case 'disconnect':
      leave(connection, established, packet);
      return false;
    default:
      refuse(connection, `it sent ${packet.cmd}`);
      return false;
  }
}

/** DISCONNECT of the client. With another reason than 0 it wants its will sent (MQTT 5, section 3.14.2.1). */
function leave(connection: Connection, established: Established, packet: IDisconnectPacket): void {
  const { session } = established;
  const expiryS = packet.properties?.sessionExpiryInterval;
  if (expiryS !== undefined && expiryS > 0 && !session.persistent) {
    refuse(connection, 'it asked for a longer session with DISCONNECT');
    return;
  }
  if (expiryS !== undefined)
    session.expiryMs = Math.min(expiryS, connection.core.quotas.longestSessionExpiryS) * 1000;
  if ((packet.reasonCode ?? REASON.success) === REASON.success) established.will = undefined;
  connection.finish('CLIENT_INITIATED_DISCONNECT');
}

function refuse(connection: Connection, why: string): void {
  connection.drop('CLIENT_ERROR', why, REASON.protocolError);
}
