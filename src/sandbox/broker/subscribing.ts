import type { ISubscribePacket, IUnsubscribePacket } from 'mqtt-packet';
import type { Connection, Established } from './core.ts';
import { QUOTAS } from './quotas.ts';
import { filterProblem, hasWildcard } from './topics.ts';

/** MQTT 3.1.1, section 3.9.3. */
const FAILURE = 0x80;

/**
 * Handles SUBSCRIBE. AWS IoT closes the connection, without SUBACK, when one of the filters is not allowed (answers
 * from the maintainers of aws-iot-device-sdk-js; AWS IoT Developer Guide, "Reserved topics").
 */
export function handleSubscribe(connection: Connection, client: Established, packet: ISubscribePacket): void {
  const { core } = connection;
  const { subscriptions } = packet;
  const { enforced } = core.quotas;
  if (enforced && subscriptions.length > QUOTAS.filtersPerSubscribe) {
    connection.drop('CLIENT_ERROR', `it subscribed to ${subscriptions.length} filters at once`);
    return;
  }
  for (const { topic, qos } of subscriptions) {
    const problem = qos === 2 ? 'wanted with quality of service 2' : filterProblem(topic, enforced);
    if (problem !== undefined) {
      connection.drop('CLIENT_ERROR', `it subscribed to a filter that is ${problem}`);
      return;
    }
  }
  const forbidden = subscriptions.find(({ topic }) => !client.authorizer.subscribe(topic));
  if (forbidden !== undefined) {
    core.context.log(
      'info',
      `${JSON.stringify(client.clientId)} may not subscribe to ${JSON.stringify(forbidden.topic)}`,
    );
    connection.drop('AUTH_ERROR', 'not authorized to subscribe');
    return;
  }
  const grant = () => grantAll(connection, client, packet);
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
      connection.drop('SERVER_ERROR', 'injected fault');
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

function grantAll(connection: Connection, client: Established, packet: ISubscribePacket): void {
  if (!connection.open) return;
  const { core } = connection;
  const { session } = client;
  const granted = packet.subscriptions.map(({ topic, qos }) => {
    const isNew = !session.subscriptions.has(topic);
    const full = core.quotas.enforced && session.subscriptions.size >= QUOTAS.subscriptionsPerConnection;
    if (!core.quotas.subscriptions.take() || (isNew && full)) return FAILURE;
    core.sessions.subscribe(session, topic, qos === 0 ? 0 : 1);
    return qos;
  });
  suback(connection, packet, granted);
  if (core.quotas.enforced && granted.includes(FAILURE)) {
    // "AWS IoT Core might reject subscription requests … in excess of this amount and the connection is closed."
    connection.finish('CLIENT_ERROR', 'it has too many subscriptions');
    return;
  }
  for (const { topic, qos } of packet.subscriptions) {
    // Only a filter without wildcards gets a retained message.
    const retained = hasWildcard(topic) ? undefined : core.retained.get(topic);
    if (retained === undefined) continue;
    const { payload } = retained;
    session.deliver({ topic, payload, retain: true, qos: qos === 0 ? 0 : retained.qos });
  }
  core.presence.subscribed(
    client,
    packet.subscriptions.map(({ topic }) => topic),
  );
}

export function handleUnsubscribe(
  connection: Connection,
  client: Established,
  packet: IUnsubscribePacket,
): void {
  for (const filter of packet.unsubscriptions) connection.core.sessions.unsubscribe(client.session, filter);
  connection.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [] });
  connection.core.presence.unsubscribed(client, packet.unsubscriptions);
}

function suback(connection: Connection, packet: ISubscribePacket, granted: number[]): void {
  connection.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted });
}
