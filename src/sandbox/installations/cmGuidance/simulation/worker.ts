import { X509Certificate } from 'node:crypto';
import type { Context } from '../../../kernel/context.ts';
import { certificateFacts } from '../../../kernel/certificateFacts.ts';
import { type Authorizer, createAuthorization } from '../../../broker/authorization.ts';
import type { Aws } from '../../../services/services.ts';
import type { Data } from '../data.ts';
import { textOf } from '../rows.ts';
import type { Stream } from '../stream/stream.ts';
import type { Worker } from './runs.ts';

/**
 * What a thread of the simulator may do: it has the vehicle's own certificate, from its row or from any with its VIN.
 * It is no client of the broker, but the policy of the certificate is asked as if it were.
 */
export function createWorker(
  context: Context,
  { iot }: Pick<Aws, 'iot'>,
  data: Data,
  stream: Pick<Stream, 'onMessage'>,
  answerCommand: Worker['answerCommand'],
): Worker {
  const authorization = createAuthorization(context, iot.registry);

  function certificateOf(vehicleId: string, vin: string): X509Certificate | undefined {
    const rows = data.storage('vehicle-certificates');
    const row =
      rows.get({ vehicleId }) ?? rows.all().find((each) => each.vin === vin || each.thingName === vin);
    return row === undefined ? undefined : new X509Certificate(textOf(row.certificatePem));
  }

  function authorizerOf(vehicleId: string, vin: string, clientId: string): Authorizer | string {
    const certificate = certificateOf(vehicleId, vin);
    if (certificate === undefined) return 'No certificate found';
    const facts = certificateFacts(certificate);
    if (iot.registry.certificate(facts.certificateId)?.status !== 'ACTIVE') return 'Connection refused';
    return authorization.of(
      { kind: 'certificate', certificate: facts, sourceIp: '127.0.0.1' },
      { clientId, persistent: true, willTopic: undefined },
    );
  }

  return {
    answerCommand,
    mayPublish(vehicleId, vin, clientId, topic) {
      const authorizer = authorizerOf(vehicleId, vin, clientId);
      if (typeof authorizer === 'string') return authorizer;
      if (!authorizer.connect()) return 'Connection refused';
      return authorizer.publish(topic, false) ? undefined : 'Connection lost: the publish was denied';
    },
    mayHear(vehicleId, clientId, vin) {
      const authorizer = authorizerOf(vehicleId, vin, clientId);
      return (
        typeof authorizer !== 'string' &&
        authorizer.subscribe(`cms/commands/${vehicleId}/request`) &&
        authorizer.subscribe(`cms/commands/things/${vin}/executions/+/sovd/request`)
      );
    },
    publish(rule, vehicleId, clientId, message) {
      stream.onMessage({
        topic: vehicleId,
        payload: Buffer.from(JSON.stringify(message)),
        ...{ clientId, certificateId: undefined, rule },
      });
    },
  };
}
