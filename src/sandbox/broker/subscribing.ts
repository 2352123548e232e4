import type { ISubscribePacket, ISubscription, IUnsubscribePacket } from 'mqtt-packet';
import type { Connection, Established } from './core.ts';
import { userPropertiesOf, userPropertiesProblem } from './messageProperties.ts';
import { QUOTAS } from './quotas.ts';
import { refuseQos2 } from './publishing.ts';
import { REASON } from './reasonCodes.ts';
import { filterProblem, hasWildcard } from './topics.ts';

/** MQTT 3.1.1, section 3.9.3. */
const FAILURE = 0x80;

/** Why one filter is refused. */
interface Refusal {
  reason: 'AUTH_ERROR' | 'CLIENT_ERROR';
  code: number;
  why: string;
}

/**
 * Handles SUBSCRIBE. AWS IoT closes the connection of a client of MQTT 3.1.1, without SUBACK, when one of the filters is
 * not allowed (answers from the maintainers of aws-iot-device-sdk-js; AWS IoT Developer Guide, "Reserved topics"). SUBACK
 * of MQTT 5 has a code for each filter.
 */
export function handleSubscribe(connection: Connection, client: Established, packet: ISubscribePacket): void {
  const { core } = connection;
  const { subscriptions } = packet;
  const whole = problemOf(packet, core.quotas.enforced);
  if (whole !== undefined) {
    connection.drop('CLIENT_ERROR', whole.why, whole.code);
    return;
  }
  if (subscriptions.some(({ qos }) => qos === 2)) {
    refuseQos2(connection, 'subscribe');
    return;
  }
  const refusals = subscriptions.map((subscription) => refusalOf(connection, client, subscription));
  const refused = refusals.find((refusal) => refusal !== undefined);
  if (connection.version === 4 && refused !== undefined) {
    connection.drop(refused.reason, refused.why);
    return;
  }
  const grant = () => grantAll(connection, client, packet, refusals);
  const fault = core.context.faults.take('mqtt:subscribe', subscriptions[0]?.topic);
  switch (fault?.kind) {
    case 'hang':
    case 'swallow':
      return;
    case 'delay':
      connection.later(fault.ms, grant);
      return;
    case 'error':
    case 'throttle':
      suback(
        connection,
        packet,
        subscriptions.map(() => FAILURE),
      );
      return;
    case 'reset':
      connection.cut();
      return;
    case 'drop':
      if (fault.when === 'after-ack') grant();
      connection.finish('SERVER_ERROR', 'injected fault');
      return;
    case 'twice':
    case undefined:
      grant();
  }
}

/** What is wrong with the packet as a whole. */
function problemOf(
  { subscriptions, properties }: ISubscribePacket,
  enforced: boolean,
): { code: number; why: string } | undefined {
  if (properties?.subscriptionIdentifier !== undefined) {
    // AWS's words (node-red/node-red#4133).
    const why = 'Subscription Id is not supported now';
    return { code: REASON.subscriptionIdentifiersNotSupported, why };
  }
  if (enforced && subscriptions.length > QUOTAS.filtersPerSubscribe) {
    const why = `it subscribed to ${subscriptions.length} filters at once`;
    return { code: REASON.quotaExceeded, why };
  }
  const user = enforced ? userPropertiesProblem(userPropertiesOf(properties?.userProperties)) : undefined;
  return user === undefined ? undefined : { code: REASON.quotaExceeded, why: user };
}

function refusalOf(
  { core }: Connection,
  { clientId, authorizer }: Established,
  { topic }: ISubscription,
): Refusal | undefined {
  const problem = filterProblem(topic, core.quotas.enforced);
  if (problem !== undefined) {
    const why = `it subscribed to a filter that is ${problem}`;
    return { reason: 'CLIENT_ERROR', code: REASON.filterInvalid, why };
  }
  if (authorizer.subscribe(topic)) return undefined;
  core.context.log('info', `${JSON.stringify(clientId)} may not subscribe to ${JSON.stringify(topic)}`);
  return { reason: 'AUTH_ERROR', code: REASON.notAuthorized, why: 'not authorized to subscribe' };
}

function grantAll(
  connection: Connection,
  client: Established,
  packet: ISubscribePacket,
  refusals: readonly (Refusal | undefined)[],
): void {
  if (!connection.open) return;
  const { core } = connection;
  const { session } = client;
  const exceeded = connection.version === 5 ? REASON.quotaExceeded : FAILURE;
  const isNew = new Set<ISubscription>();
  const granted = packet.subscriptions.map((subscription, index) => {
    const refusal = refusals[index];
    if (refusal !== undefined) return refusal.code;
    const { topic, qos } = subscription;
    if (!session.subscriptions.has(topic)) isNew.add(subscription);
    const full = core.quotas.enforced && session.subscriptions.size >= QUOTAS.subscriptionsPerConnection;
    if (!core.quotas.subscriptions.take() || (isNew.has(subscription) && full)) return exceeded;
    core.sessions.subscribe(session, topic, qos === 0 ? 0 : 1);
    return qos;
  });
  suback(connection, packet, granted);
  if (core.quotas.enforced && granted.includes(exceeded)) {
    // "AWS IoT Core might reject subscription requests … in excess of this amount and the connection is closed."
    const why = 'it has too many subscriptions';
    if (connection.version === 5) connection.drop('CLIENT_ERROR', why, exceeded);
    else connection.finish('CLIENT_ERROR', why);
    return;
  }
  for (const [index, problem] of refusals.entries()) {
    const filter = JSON.stringify(packet.subscriptions[index]?.topic);
    if (problem?.reason === 'CLIENT_ERROR')
      core.context.log('info', `Client ${JSON.stringify(client.clientId)}: ${problem.why}: ${filter}`);
  }
  const good = packet.subscriptions.filter((_, index) => refusals[index] === undefined);
  for (const subscription of good) {
    const { topic, qos, rh = 0 } = subscription;
    // Retain handling of MQTT 5: 1 = only for a new subscription, 2 = never.
    if (rh === 2 || (rh === 1 && !isNew.has(subscription))) continue;
    // Only a filter without wildcards gets a retained message.
    const retained = hasWildcard(topic) ? undefined : core.retained.get(topic);
    if (retained === undefined) continue;
    const { payload, properties, expiresAt } = retained;
    session.deliver({
      topic,
      payload,
      properties,
      expiresAt,
      retain: true,
      qos: qos === 0 ? 0 : retained.qos,
    });
  }
  if (good.length === 0) return;
  core.presence.subscribed(
    client,
    good.map(({ topic }) => topic),
  );
}

export function handleUnsubscribe(
  connection: Connection,
  client: Established,
  packet: IUnsubscribePacket,
): void {
  for (const filter of packet.unsubscriptions) connection.core.sessions.unsubscribe(client.session, filter);
  const granted = packet.unsubscriptions.map(() => REASON.success);
  connection.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted });
  connection.core.presence.unsubscribed(client, packet.unsubscriptions);
}

function suback(connection: Connection, packet: ISubscribePacket, granted: number[]): void {
  connection.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted });
}
