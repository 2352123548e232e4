import type { IPublishPacket } from 'mqtt-packet';
import { certificateIdOf } from '../kernel/principal.ts';
import { basicIngest, ingest } from './basicIngest.ts';
import type { Connection, Established, Publication, Will } from './core.ts';
import { provisioningRequest } from './fleetProvisioning.ts';
import { expiresAt, propertiesOf, propertiesProblem } from './messageProperties.ts';
import { answerProvisioning } from './provisioningAnswers.ts';
import type { DisconnectReason } from './presence.ts';
import { QUOTAS } from './quotas.ts';
import { REASON } from './reasonCodes.ts';
import { isReserved, publishProblem } from './topics.ts';

/**
 * Handles PUBLISH synchronously: checks, authorizes, delivers and acknowledges, in this order. A publish that is not
 * allowed ends the connection without an acknowledgment, but for QoS 1 of MQTT 5, where PUBACK says why.
 */
export function handlePublish(connection: Connection, client: Established, packet: IPublishPacket): void {
  const { core } = connection;
  const { qos, retain, messageId = 0 } = packet;
  const payload = Buffer.from(packet.payload);
  if (qos === 2) {
    refuseQos2(connection, 'publish');
    return;
  }
  const topic = topicOf(connection, client, packet);
  if (topic === undefined) return;
  const refuse = (refusal: Refusal) => refusePublish(connection, packet, refusal);
  if (connection.version === 5 && qos === 1) {
    if (client.inFlight.has(messageId)) {
      refuse({ code: REASON.identifierInUse, why: `it used the packet identifier ${messageId} twice` });
      return;
    }
    if (client.inFlight.size >= QUOTAS.unacknowledged) {
      const why = `more than ${QUOTAS.unacknowledged} of its messages are not acknowledged`;
      connection.drop('CLIENT_ERROR', why, REASON.receiveMaximumExceeded);
      return;
    }
  }
  const problem = publishProblem(topic, core.quotas.enforced);
  if (problem !== undefined || (retain && isReserved(topic))) {
    const why = `it published to a topic that is ${problem ?? 'reserved'}`;
    refuse({ code: REASON.topicInvalid, why });
    return;
  }
  const properties = propertiesOf(packet.properties);
  const tooMuch = core.quotas.enforced ? quotaProblem(payload, properties) : undefined;
  if (tooMuch !== undefined) {
    refuse({ code: REASON.quotaExceeded, why: tooMuch });
    return;
  }
  // "Publish requests that exceed that quota are discarded": neither delivered nor acknowledged.
  if (!connection.publishes.take()) {
    discard(connection, client, packet);
    return;
  }
  if (!client.authorizer.publish(topic, retain)) {
    core.context.log(
      'info',
      `${JSON.stringify(client.clientId)} may not publish to ${JSON.stringify(topic)}`,
    );
    refuse({ reason: 'AUTH_ERROR', code: REASON.notAuthorized, why: 'not authorized to publish' });
    return;
  }

  if (qos === 1) client.inFlight.add(messageId);
  const acknowledge = () => {
    if (qos !== 1) return;
    client.inFlight.delete(messageId);
    connection.send({ cmd: 'puback', messageId, reasonCode: REASON.success });
  };
  const request = provisioningRequest(topic);
  if (request !== undefined) {
    answerProvisioning(connection, client, { ...request, payload }, acknowledge);
    return;
  }
  const expiryS = packet.properties?.messageExpiryInterval;
  const take = () => accept(connection, client, { topic, payload, qos, retain, properties, expiryS });
  const fault = core.context.faults.take('mqtt:publish', topic);
  switch (fault?.kind) {
    case 'hang':
    case 'throttle':
      return;
    case 'delay':
      connection.later(fault.ms, () => {
        take();
        acknowledge();
      });
      return;
    case 'swallow':
      take();
      return;
    case 'twice':
      take();
      break;
    case 'error':
      connection.cut();
      return;
    case 'reset':
      if (fault.when === 'after') take();
      connection.cut();
      return;
    case 'drop':
      take();
      if (fault.when === 'after-ack') acknowledge();
      connection.finish('SERVER_ERROR', 'injected fault');
      return;
    case undefined:
      break;
  }
  take();
  acknowledge();
}

/**
 * Quality of service 2: a client of MQTT 5 is told with DISCONNECT; any other gets no answer ("does not send a PUBACK
 * or SUBACK"), and its connection stays.
 */
export function refuseQos2(connection: Connection, what: 'publish' | 'subscribe'): void {
  if (connection.version === 5) {
    connection.drop('CLIENT_ERROR', 'AWS IoT has no quality of service 2', REASON.qosNotSupported);
    return;
  }
  const client = JSON.stringify(connection.clientId);
  connection.core.context.log('info', `A ${what} of ${client} with quality of service 2 is ignored`);
}

/** The topic, by its alias or as it is; undefined when it has none and the connection has ended. */
function topicOf(
  connection: Connection,
  { aliases }: Established,
  packet: IPublishPacket,
): string | undefined {
  if (connection.version === 4) return packet.topic;
  const resolved = aliases.resolve(packet.topic, packet.properties?.topicAlias);
  if ('topic' in resolved) return resolved.topic;
  if (resolved.problem === 'invalid') {
    const why = `topic aliases go from 1 to ${QUOTAS.topicAliases}`;
    connection.drop('CLIENT_ERROR', why, REASON.topicAliasInvalid);
  } else {
    connection.drop('CLIENT_ERROR', 'it published without a topic', REASON.protocolError);
  }
  return undefined;
}

function quotaProblem(payload: Buffer, properties: Publication['properties']): string | undefined {
  return payload.length > QUOTAS.payloadBytes
    ? `its payload of ${payload.length} bytes is too large`
    : propertiesProblem(properties);
}

interface Refusal {
  reason?: DisconnectReason;
  code: number;
  why: string;
}

/** Only a client of MQTT 5 that waits for PUBACK can be told; any other is disconnected. */
function refusePublish(
  connection: Connection,
  { qos, messageId = 0 }: IPublishPacket,
  { reason = 'CLIENT_ERROR', code, why }: Refusal,
): void {
  if (connection.version === 4 || qos === 0) {
    connection.drop(reason, why, code);
    return;
  }
  const client = JSON.stringify(connection.clientId);
  connection.core.context.log('info', `A message of client ${client} is refused: ${why}`);
  connection.send({ cmd: 'puback', messageId, reasonCode: code });
}

function discard(connection: Connection, client: Established, packet: IPublishPacket): void {
  if (!client.throttled) {
    client.throttled = true;
    const name = JSON.stringify(client.clientId);
    connection.core.context.log('info', `Client ${name} publishes too often: some messages are discarded`);
  }
  if (connection.version === 5 && packet.qos === 1) {
    connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: REASON.quotaExceeded });
  }
}

/**
 * Accepts the message: retains it if asked to, and passes it to topic rules and subscribers.
 * @param answered whether the services for things answer it; a will they never see ("Device Shadow service", LWT)
 */
function accept(
  connection: Connection,
  client: Established,
  publication: Publication,
  answered = true,
): void {
  const { core } = connection;
  const { expiryS, ...rest } = publication;
  const message = { ...rest, expiresAt: expiresAt(expiryS, core.context.clock.now()) };
  if (message.retain) core.retained.keep(message);
  const { topic, payload } = message;
  const from = { clientId: client.clientId, certificateId: certificateIdOf(connection.principal) };
  const rule = basicIngest(topic);
  if (rule !== undefined) {
    ingest(core, { rule, payload, ...from });
    return;
  }
  core.onMessage({ topic, payload, ...from });
  const request = core.things.find(message.topic);
  if (request?.isMessage !== false) core.sessions.route({ ...message, retain: false });
  // The answer must follow the acknowledgment.
  if (request !== undefined && answered)
    queueMicrotask(() => connection.contain(() => request.answer(message.payload, client.session)));
}

/** For a client that left without a DISCONNECT. A will that the policies forbid is not sent. */
export function publishWill(connection: Connection, client: Established, will: Will): void {
  if (client.authorizer.publish(will.topic, will.retain)) accept(connection, client, will, false);
}
