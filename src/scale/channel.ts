import type { MqttClient } from 'mqtt';
import { lostMqtt, mqttProblem, openMqtt, type MqttWish } from '../aws/mqttOverWebSocket.ts';
import type { Connection } from '../aws/connection.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';

/** One connection to the run channel. It is not opened again: who holds it decides that. */
export interface Channel {
  /** Resolves when AWS IoT has acknowledged it. @throws CmsError when the connection is lost before */
  publish(topic: string, message: object, retain?: boolean): Promise<void>;
  /** Takes a retained message away. @throws CmsError when the connection is lost before */
  clear(topic: string): Promise<void>;
  /** Resolves with the reason when the connection is lost or closed. */
  readonly lost: Promise<CmsError>;
  close(): Promise<void>;
}

/** AWS IoT takes so many in one SUBSCRIBE. */
const MOST_FILTERS = 8;
const ALLOW = l10n.t(
  'Allow what docs/iam/scale.json says: iot:Connect, iot:Publish, iot:RetainPublish, iot:Subscribe and iot:Receive for the run channel.',
);

/**
 * Opens the run channel, and hands on what comes on these topics.
 * @throws CmsError ACCESS_DENIED when a policy forbids it, ENDPOINT_UNREACHABLE, CANCELLED
 */
export async function openChannel(
  connection: Connection,
  wish: MqttWish & { topics: readonly string[] },
  received: (topic: string, text: string) => void,
  signal: AbortSignal,
): Promise<Channel> {
  let client: MqttClient;
  try {
    client = await openMqtt(connection, wish, signal);
  } catch (error) {
    throw forbidden(mqttProblem(error, connection));
  }
  client.on('error', () => undefined);
  client.on('message', (topic, payload) => received(topic, payload.toString('utf8')));
  const lost = lostMqtt(client, connection, new AbortController().signal).then(
    (error) => mqttProblem(error, connection),
    (error: unknown) => mqttProblem(error, connection),
  );
  const unlessLost = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([
      work,
      lost.then((why) => {
        throw why;
      }),
    ]);
  try {
    for (let at = 0; at < wish.topics.length; at += MOST_FILTERS) {
      const some = wish.topics.slice(at, at + MOST_FILTERS);
      const granted = await unlessLost(client.subscribeAsync(some, { qos: 1 }));
      const refused = granted.find(({ qos }) => qos === 128);
      if (refused !== undefined) {
        const { topic } = refused;
        throw new CmsError(
          'ACCESS_DENIED',
          l10n.t('AWS IoT refused the run channel: no subscription to {topic}.', { topic }),
          { step: 'channel', remedy: ALLOW },
        );
      }
    }
  } catch (error) {
    client.end(true);
    throw isCmsError(error) ? error : mqttProblem(error, connection);
  }
  let accepted = false;
  /** AWS IoT does not say that a policy forbids a message: it closes the connection. */
  const publish = async (topic: string, text: string, retain: boolean): Promise<void> => {
    try {
      await unlessLost(client.publishAsync(topic, text, { qos: 1, retain }));
      accepted = true;
    } catch (error) {
      if (accepted || !isCmsError(error)) throw error;
      throw new CmsError(
        error.code,
        l10n.t('AWS IoT closed the run channel at the first message, to {topic}.', { topic }),
        { step: 'channel', remedy: ALLOW, cause: error },
      );
    }
  };
  return {
    lost,
    publish: (topic, message, retain = false) => publish(topic, JSON.stringify(message), retain),
    clear: (topic) => publish(topic, '', true),
    async close() {
      await client.endAsync().catch(() => undefined);
    },
  };
}

function forbidden(error: CmsError): CmsError {
  if (error.code !== 'ACCESS_DENIED') return error;
  return new CmsError(error.code, error.sentence, { step: 'channel', remedy: ALLOW, cause: error });
}
