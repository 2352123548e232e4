import { certificateIdOf } from '../kernel/principal.ts';
import type { Connection, Established } from './core.ts';
import {
  rejected,
  TOO_MANY_REQUESTS,
  type ProvisioningAnswer,
  type ProvisioningRequest,
} from './fleetProvisioning.ts';
import { filterMatches } from './topics.ts';

/**
 * Answers a fleet provisioning request only on the connection it came from, because the answer can contain a
 * private key. The answer is lost when the client has not subscribed to it beforehand.
 */
export function answerProvisioning(
  connection: Connection,
  client: Established,
  request: ProvisioningRequest & { payload: Buffer },
  acknowledge: () => void,
): void {
  const { core } = connection;
  const fault = core.context.faults.take('mqtt:claim', request.operation);
  const perform = () =>
    core.provisioning.answer(request, request.payload, {
      clientId: client.clientId,
      certificateId: certificateIdOf(connection.principal),
    });
  const reply = (answer: ProvisioningAnswer) => send(connection, client, request.topic, answer);

  switch (fault?.kind) {
    case 'hang':
      return;
    case 'swallow':
      acknowledge();
      return;
    case 'error':
      acknowledge();
      reply(rejected(fault.status ?? 400, fault.code, fault.message ?? fault.code));
      return;
    case 'throttle':
      acknowledge();
      reply(TOO_MANY_REQUESTS);
      return;
    case 'reset':
      if (fault.when === 'after') connection.contain(perform);
      connection.cut();
      return;
    case 'drop':
      if (fault.when === 'before-ack') {
        connection.contain(perform);
        connection.cut();
        return;
      }
      break;
    case 'delay':
    case 'twice':
    case undefined:
      break;
  }
  acknowledge();
  connection.contain(async () => {
    const answer = await perform();
    const act = (): void => {
      reply(answer);
      if (fault?.kind === 'twice') reply(answer);
      if (fault?.kind === 'drop') connection.finish('SERVER_ERROR', 'injected fault');
    };
    if (fault?.kind === 'delay') connection.later(fault.ms, act);
    else act();
  });
}

function send(connection: Connection, client: Established, topic: string, answer: ProvisioningAnswer): void {
  if (!connection.open) return;
  const answerTopic = `${topic}/${answer.accepted ? 'accepted' : 'rejected'}`;
  const grantedQos = [...client.session.subscriptions]
    .filter(([filter]) => filterMatches(filter, answerTopic))
    .map(([, qos]) => qos);
  if (grantedQos.length === 0) return;
  client.session.deliver({
    topic: answerTopic,
    payload: Buffer.from(JSON.stringify(answer.body)),
    qos: grantedQos.includes(1) ? 1 : 0,
    retain: false,
    transient: true,
  });
}
