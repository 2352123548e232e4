import { randomUUID } from 'node:crypto';
import type { IConnectPacket } from 'mqtt-packet';
import { defined } from '../kit/defined.ts';
import type { Connection, Established, Will } from './core.ts';
import {
  propertiesOf,
  propertiesProblem,
  userPropertiesOf,
  userPropertiesProblem,
} from './messageProperties.ts';
import { QUOTAS } from './quotas.ts';
import { REASON } from './reasonCodes.ts';
import { TopicAliases } from './topicAliases.ts';
import { publishProblem } from './topics.ts';

/** MQTT 3.1.1, table 3.1. */
const UNACCEPTABLE_PROTOCOL = 1;
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
/** MQTT 5 has another number for it. */
const SERVER_UNAVAILABLE_5 = 0x88;

const MAX_CLIENT_ID_BYTES = 128;
const MIN_KEEP_ALIVE_S = 30;
const MAX_KEEP_ALIVE_S = 1200;

/**
 * Handles CONNECT. When a policy or a quota forbids it, AWS IoT closes the connection of a client of MQTT 3.1.1 without
 * an answer ("error code 7" in "AWS IoT differences from MQTT version 3.1.1 specification" is what clients call a lost
 * connection). A client of MQTT 5 is told by CONNACK.
 */
export function handleConnect(connection: Connection, packet: IConnectPacket): void {
  const { core } = connection;
  const problem = connection.version === 5 ? problemOf5(packet) : problemOf4(packet);
  if (problem !== undefined) {
    refuse(connection, problem.code, problem.why);
    return;
  }
  const { clientId } = packet;
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
      refuse(connection, injected(connection, fault.status), fault.message ?? fault.code);
      return;
    case 'throttle':
      refuseQuietly(connection, 'THROTTLED', REASON.quotaExceeded, 'injected fault');
      return;
    case 'swallow':
    case 'reset':
    case 'drop':
      if (fault.kind === 'drop' && fault.when === 'after-ack') {
        accept(connection, packet);
        connection.finish('SERVER_ERROR', 'injected fault');
      } else {
        connection.cut();
      }
      return;
    case 'twice':
    case undefined:
      accept(connection, packet);
  }
}

interface Problem {
  code: number;
  why: string;
}

function problemOf4({ clientId }: IConnectPacket): Problem | undefined {
  return clientId === '' || isUnusable(clientId)
    ? { code: IDENTIFIER_REJECTED, why: 'its client id is empty, too long or reserved' }
    : undefined;
}

function problemOf5({ clientId, properties = {} }: IConnectPacket): Problem | undefined {
  if (isUnusable(clientId))
    return { code: REASON.clientIdInvalid, why: 'its client id is too long or reserved' };
  if (properties.authenticationMethod !== undefined)
    return { code: REASON.badAuthenticationMethod, why: 'AWS IoT has no enhanced authentication' };
  if ((properties.maximumPacketSize ?? QUOTAS.packetBytes) < QUOTAS.smallestPacketBytes) {
    const why = `it takes packets of ${properties.maximumPacketSize} bytes only`;
    return { code: REASON.unspecified, why };
  }
  const user = userPropertiesProblem(userPropertiesOf(properties.userProperties));
  return user === undefined ? undefined : { code: REASON.quotaExceeded, why: user };
}

/** `$` is reserved for client ids that AWS IoT generates. */
const isUnusable = (clientId: string): boolean =>
  clientId.startsWith('$') || Buffer.byteLength(clientId) > MAX_CLIENT_ID_BYTES;

function accept(connection: Connection, packet: IConnectPacket): void {
  if (!connection.open) return;
  const { core, principal } = connection;
  // Only MQTT 5 comes here without a client id.
  const assigned = packet.clientId === '' ? randomUUID() : undefined;
  const clientId = assigned ?? packet.clientId;
  if (!core.quotas.connects.take() || !core.quotas.connectsByClientId.take(clientId)) {
    refuseQuietly(connection, 'THROTTLED', REASON.quotaExceeded, 'too many connects a second');
    return;
  }
  const will = willOf(packet);
  const willProblem = will && problemOfWill(will, core.quotas.enforced);
  if (willProblem !== undefined) {
    refuseQuietly(connection, 'CLIENT_ERROR', willProblem.code, willProblem.why);
    return;
  }
  const clean = packet.clean ?? true;
  const expiryS = sessionExpiryOf(connection, packet);
  const authorizer = core.authorization.of(principal, {
    clientId,
    persistent: expiryS > 0,
    willTopic: will?.topic,
  });
  if (!authorizer.connect()) {
    core.context.log('info', `Connect of ${JSON.stringify(clientId)} is not allowed by its policies`);
    refuseQuietly(connection, 'AUTH_ERROR', REASON.notAuthorized, 'not authorized to connect');
    return;
  }

  connection.clientId = clientId;
  core.clients.claim(clientId, connection)?.drop('DUPLICATE_CLIENTID');
  const wish = { version: connection.version, clean, expiryMs: expiryS * 1000 };
  const { session, resumed } = core.sessions.open(clientId, wish);
  const keepAliveS = keepAliveOf(packet);
  const { receiveMaximum, maximumPacketSize, topicAliasMaximum = 0 } = packet.properties ?? {};
  const established: Established = {
    clientId,
    principal,
    session,
    authorizer,
    will: will as Will | undefined,
    keepAliveMs: keepAliveS * 1000,
    since: core.context.clock.now(),
    receiveMaximum: Math.min(receiveMaximum ?? QUOTAS.unacknowledged, QUOTAS.unacknowledged),
    mostPacketBytes: maximumPacketSize ?? Infinity,
    aliases: new TopicAliases(QUOTAS.topicAliases, Math.min(topicAliasMaximum, QUOTAS.topicAliases)),
    inFlight: new Set(),
    throttled: false,
    sessionIdentifier: randomUUID(),
    versionNumber: core.presence.nextVersion(clientId),
  };
  connection.establish(established);
  // The session may hold subscriptions that this certificate's policies do not allow. They are dropped silently,
  // because the client did not request them in this connection.
  for (const filter of session.subscriptions.keys()) {
    if (!authorizer.subscribe(filter)) core.sessions.unsubscribe(session, filter);
  }
  if (connection.version === 4) {
    connection.send({ cmd: 'connack', returnCode: 0, sessionPresent: resumed });
  } else {
    connection.send({
      cmd: 'connack',
      reasonCode: REASON.success,
      sessionPresent: resumed,
      properties: {
        sessionExpiryInterval: expiryS,
        receiveMaximum: QUOTAS.unacknowledged,
        maximumQoS: 1,
        retainAvailable: true,
        maximumPacketSize: core.quotas.maxPacketBytes,
        ...defined({ assignedClientIdentifier: assigned }),
        topicAliasMaximum: QUOTAS.topicAliases,
        wildcardSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: false,
        serverKeepAlive: keepAliveS,
      },
    });
  }
  session.attach(connection);
  core.presence.connected(established);
  session.resume(core.quotas.storedPerSecond);
  core.sessions.resumeShared(session, core.quotas.sharedPerSecond);
  connection.releaseHeld();
}

/** How long its session outlives the connection, in seconds. */
function sessionExpiryOf({ version, core }: Connection, { clean, properties }: IConnectPacket): number {
  if (version === 4) return clean === false ? QUOTAS.sessionExpirySeconds : 0;
  return Math.min(properties?.sessionExpiryInterval ?? 0, core.quotas.longestSessionExpiryS);
}

function keepAliveOf({ keepalive = 0 }: IConnectPacket): number {
  return keepalive === 0
    ? MAX_KEEP_ALIVE_S
    : Math.min(Math.max(keepalive, MIN_KEEP_ALIVE_S), MAX_KEEP_ALIVE_S);
}

function willOf(packet: IConnectPacket): (Omit<Will, 'qos'> & { qos: 0 | 1 | 2 }) | undefined {
  if (packet.will === undefined) return undefined;
  const { topic, payload, qos = 0, retain = false, properties } = packet.will;
  return {
    topic,
    payload: Buffer.from(payload),
    qos,
    retain,
    properties: propertiesOf(properties),
    expiryS: properties?.messageExpiryInterval,
  };
}

function problemOfWill(will: Omit<Will, 'qos'> & { qos: number }, enforced: boolean): Problem | undefined {
  if (will.qos === 2) return { code: REASON.qosNotSupported, why: 'its will has quality of service 2' };
  const topic = publishProblem(will.topic, enforced);
  if (topic !== undefined) return { code: REASON.topicInvalid, why: `the topic of its will is ${topic}` };
  const properties = enforced ? propertiesProblem(will.properties) : undefined;
  return properties === undefined ? undefined : { code: REASON.quotaExceeded, why: properties };
}

/** "Unacceptable protocol version", in the form of MQTT 3.1.1. */
export function refuseVersion(connection: Connection, why: string): void {
  refuse(connection, UNACCEPTABLE_PROTOCOL, why);
}

function refuse(connection: Connection, code: number, why: string): void {
  connection.send(
    connection.version === 4
      ? { cmd: 'connack', returnCode: code, sessionPresent: false }
      : { cmd: 'connack', reasonCode: code, sessionPresent: false, properties: { reasonString: why } },
  );
  connection.finish('CLIENT_ERROR', why);
}

/** Where a client of MQTT 3.1.1 gets no answer. */
function refuseQuietly(
  connection: Connection,
  reason: 'AUTH_ERROR' | 'CLIENT_ERROR' | 'THROTTLED',
  code: number,
  why: string,
): void {
  if (connection.version === 5)
    connection.send({
      cmd: 'connack',
      reasonCode: code,
      sessionPresent: false,
      properties: { reasonString: why },
    });
  if (connection.version === 5) connection.finish(reason, why);
  else connection.drop(reason, why);
}

/** The code of an injected refusal; MQTT 5 knows none below 0x80. */
function injected({ version }: Connection, status: number | undefined): number {
  if (version === 4) return status ?? SERVER_UNAVAILABLE;
  return status !== undefined && status >= REASON.unspecified && status <= 0xff
    ? status
    : SERVER_UNAVAILABLE_5;
}
