import type { IPublishPacket } from 'mqtt-packet';
import type { Connection, Established, Will } from './core.ts';
import { provisioningRequest } from './fleetProvisioning.ts';
import { answerProvisioning } from './provisioningAnswers.ts';
import { certificateIdOf } from './principal.ts';
import { QUOTAS } from './quotas.ts';
import { isReserved, publishProblem } from './topics.ts';

/**
 * Handles PUBLISH synchronously: checks, authorizes, delivers and acknowledges, in this order. A publish that is not
 * allowed ends the connection without an acknowledgment.
 */
export function handlePublish(connection: Connection, client: Established, packet: IPublishPacket): void {
  const { core } = connection;
  const { topic, qos, retain, messageId } = packet;
  const payload = Buffer.from(packet.payload);
  if (qos === 2) {
    connection.drop('CLIENT_ERROR', 'AWS IoT has no quality of service 2');
    return;
  }
  const problem = publishProblem(topic, core.quotas.enforced);
  if (problem !== undefined || (retain && isReserved(topic))) {
    connection.drop('CLIENT_ERROR', `it published to a topic that is ${problem ?? 'reserved'}`);
    return;
  }
  if (core.quotas.enforced && payload.length > QUOTAS.payloadBytes) {
    connection.drop('CLIENT_ERROR', `its payload of ${payload.length} bytes is too large`);
    return;
  }
  // "Publish requests that exceed that quota are discarded": neither delivered nor acknowledged.
  if (!connection.publishes.take()) return;
  if (!client.authorizer.publish(topic, retain)) {
    core.context.log(
      'info',
      `${JSON.stringify(client.clientId)} may not publish to ${JSON.stringify(topic)}`,
    );
    connection.drop('AUTH_ERROR', 'not authorized to publish');
    return;
  }

  const acknowledge = () => {
    if (qos === 1) connection.send({ cmd: 'puback', messageId: messageId ?? 0 });
  };
  const request = provisioningRequest(topic);
  if (request !== undefined) {
    answerProvisioning(connection, client, { ...request, payload }, acknowledge);
    return;
  }
  const take = () => accept(connection, client, { topic, payload, qos, retain });
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
      connection.drop('SERVER_ERROR', 'injected fault');
      return;
    case 'reset':
      if (fault.when === 'after') take();
      connection.drop('SERVER_ERROR', 'injected fault');
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

/** Accepts the message: retains it if asked to, and passes it to topic rules and subscribers. */
function accept(connection: Connection, client: Established, message: Will): void {
  const { core } = connection;
  if (message.retain) core.retained.keep(message);
  core.onMessage({
    topic: message.topic,
    payload: message.payload,
    clientId: client.clientId,
    certificateId: certificateIdOf(connection.principal),
  });
  const request = core.things.find(message.topic);
  if (request?.isMessage !== false) core.sessions.route({ ...message, retain: false });
  // The answer must follow the acknowledgment.
  if (request !== undefined)
    queueMicrotask(() => connection.contain(() => request.answer(message.payload, client.session)));
}

/** For a client that left without a DISCONNECT. A will that the policies forbid is not sent. */
export function publishWill(connection: Connection, client: Established, will: Will): void {
  if (client.authorizer.publish(will.topic, will.retain)) accept(connection, client, will);
}
