import { randomUUID } from 'node:crypto';
import type { IConnectPacket } from 'mqtt-packet';
import type { Connection, Will } from './core.ts';
import { publishProblem } from './topics.ts';

/** MQTT 3.1.1, table 3.1. */
const UNACCEPTABLE_PROTOCOL = 1;
const IDENTIFIER_REJECTED = 2;

const MAX_CLIENT_ID_BYTES = 128;
const MIN_KEEP_ALIVE_S = 30;
const MAX_KEEP_ALIVE_S = 1200;

/**
 * Handles CONNECT. When a policy or a quota forbids it, AWS IoT closes the connection without an answer ("error code
 * 7" in "AWS IoT differences from MQTT version 3.1.1 specification" is what clients call a lost connection).
 */
export function handleConnect(connection: Connection, packet: IConnectPacket): void {
  const { core } = connection;
  if (packet.protocolVersion !== 4) {
    refuseVersion(connection, 'only MQTT 3.1.1 is spoken here');
    return;
  }
  const { clientId } = packet;
  // `$` is reserved for client ids that AWS IoT generates.
  if (clientId === '' || clientId.startsWith('$') || Buffer.byteLength(clientId) > MAX_CLIENT_ID_BYTES) {
    refuse(connection, IDENTIFIER_REJECTED, 'its client id is empty, too long or reserved');
    return;
  }
  const fault = core.context.faults.take('mqtt:connect', clientId);
  switch (fault?.kind) {
    case 'hang':
      connection.connecting = true;
      return;
    case 'delay':
      connection.connecting = true;
      connection.later(fault.ms, () => accept(connection, packet));
      return;
    case 'error':
      refuse(connection, fault.status ?? 3, fault.message ?? fault.code);
      return;
    case 'throttle':
      connection.drop('THROTTLED');
      return;
    case 'swallow':
    case 'reset':
    case 'drop':
      if (fault.kind === 'drop' && fault.when === 'after-ack') {
        accept(connection, packet);
        connection.finish('SERVER_ERROR', 'injected fault');
      } else {
        connection.drop('SERVER_ERROR', 'injected fault');
      }
      return;
    case 'twice':
    case undefined:
      accept(connection, packet);
  }
}

function accept(connection: Connection, packet: IConnectPacket): void {
  if (!connection.open) return;
  const { core, principal } = connection;
  const { clientId } = packet;
  const clean = packet.clean ?? true;
  if (!core.quotas.connects.take() || !core.quotas.connectsByClientId.take(clientId)) {
    connection.drop('THROTTLED', 'too many connects a second');
    return;
  }
  const will = willOf(packet);
  if (will === 'unusable' || (will !== undefined && publishProblem(will.topic, core.quotas.enforced))) {
    connection.drop('CLIENT_ERROR', 'its will cannot be published');
    return;
  }
  const authorizer = core.authorization.of(principal, {
    clientId,
    persistent: !clean,
    willTopic: will?.topic,
  });
  if (!authorizer.connect()) {
    core.context.log('info', `Connect of ${JSON.stringify(clientId)} is not allowed by its policies`);
    connection.drop('AUTH_ERROR', 'not authorized to connect');
    return;
  }

  connection.clientId = clientId;
  core.clients.claim(clientId, connection)?.drop('DUPLICATE_CLIENTID');
  const { session, resumed } = core.sessions.open(clientId, clean);
  const seconds = packet.keepalive === 0 ? MAX_KEEP_ALIVE_S : (packet.keepalive ?? MAX_KEEP_ALIVE_S);
  const established = {
    clientId,
    principal,
    session,
    authorizer,
    will,
    keepAliveMs: Math.min(Math.max(seconds, MIN_KEEP_ALIVE_S), MAX_KEEP_ALIVE_S) * 1000,
    sessionIdentifier: randomUUID(),
    versionNumber: core.presence.nextVersion(),
  };
  connection.establish(established);
  // The session may hold subscriptions that this certificate's policies do not allow. They are dropped silently,
  // because the client did not request them in this connection.
  for (const filter of session.subscriptions.keys()) {
    if (!authorizer.subscribe(filter)) core.sessions.unsubscribe(session, filter);
  }
  connection.send({ cmd: 'connack', returnCode: 0, sessionPresent: resumed });
  session.attach(connection);
  core.presence.connected(established);
  session.resume(core.quotas.storedPerSecond);
  connection.releaseHeld();
}

function willOf(packet: IConnectPacket): Will | 'unusable' | undefined {
  if (packet.will === undefined) return undefined;
  const { topic, payload, qos = 0, retain = false } = packet.will;
  // AWS IoT does not support QoS 2.
  if (qos === 2) return 'unusable';
  return { topic, payload: Buffer.from(payload), qos, retain };
}

/** "Unacceptable protocol version", in the form of MQTT 3.1.1. */
export function refuseVersion(connection: Connection, why: string): void {
  refuse(connection, UNACCEPTABLE_PROTOCOL, why);
}

function refuse(connection: Connection, returnCode: number, why: string): void {
  connection.send({ cmd: 'connack', returnCode, sessionPresent: false });
  connection.finish('CLIENT_ERROR', why);
}
