import { basicIngest } from '../../broker/basicIngest.ts';
import type { Publication } from '../../broker/core.ts';
import type { MessageBroker } from '../../broker/broker.ts';
import { propertiesOf, propertiesProblem } from '../../broker/messageProperties.ts';
import { QUOTAS } from '../../broker/quotas.ts';
import { isReserved, publishProblem } from '../../broker/topics.ts';
import { AwsError, type HttpRequest } from '../../kernel/http.ts';
import { defined } from '../../kit/defined.ts';
import { parseJson } from '../../kit/json.ts';

const invalid = (message: string): AwsError => new AwsError('InvalidRequestException', message);

/**
 * Publish, with AWS credentials or the certificate of a device. What MQTT 5 adds to a message is in the query and in
 * headers (AWS IoT API reference, "Publish").
 * @param topic decoded
 * @param limits whether AWS's quotas hold
 */
export function publishCall(
  broker: MessageBroker,
  request: HttpRequest,
  topic: string,
  limits: boolean,
): void {
  // Measured: over HTTPS every topic with a dollar is refused. Basic Ingest was not among those tried.
  const problem =
    isReserved(topic) && basicIngest(topic) === undefined ? 'reserved' : publishProblem(topic, limits);
  if (problem !== undefined) throw invalid(`The topic is ${problem}.`);
  const qos = request.query.get('qos') ?? '0';
  if (qos !== '0' && qos !== '1') throw invalid('QoS must be 0 or 1.');
  if (limits && request.body.length > QUOTAS.payloadBytes) {
    throw new AwsError('RequestEntityTooLargeException', 'The payload exceeds 128 KB.', 413);
  }
  const publication: Publication = {
    topic,
    payload: request.body,
    qos: qos === '1' ? 1 : 0,
    retain: request.query.get('retain') === 'true',
    ...propertiesIn(request),
  };
  const tooMuch = limits ? propertiesProblem(publication.properties) : undefined;
  if (tooMuch !== undefined) throw invalid(`The message cannot be sent: ${tooMuch}.`);
  const device = request.signed ? undefined : request.client;
  if (device !== undefined && !broker.mayPublish(device, topic, publication.retain)) {
    throw new AwsError('ForbiddenException', 'Forbidden', 403);
  }
  broker.publishFromHttp(publication, device);
}

function propertiesIn({ query, headers }: HttpRequest): Pick<Publication, 'properties' | 'expiryS'> {
  const text = (name: string) => query.get(name) ?? undefined;
  const responseTopic = text('responseTopic');
  if (responseTopic !== undefined && /[+#]/.test(responseTopic))
    throw invalid('The response topic has wildcards.');
  const given = defined({
    contentType: text('contentType'),
    responseTopic,
    correlationData: base64(headers['x-amz-mqtt5-correlation-data'], 'correlation data'),
    payloadFormatIndicator: formatOf(headers['x-amz-mqtt5-payload-format-indicator']),
    userProperties: userPropertiesIn(headers['x-amz-mqtt5-user-properties']),
  });
  return { properties: propertiesOf(given), expiryS: expiryIn(query) };
}

function expiryIn(query: URLSearchParams): number | undefined {
  const text = query.get('messageExpiry');
  if (text === null) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw invalid('The message expiry is not a number of seconds.');
  return Number(text);
}

function formatOf(name: string | undefined): boolean | undefined {
  if (name === undefined) return undefined;
  if (name !== 'UTF8_DATA' && name !== 'UNSPECIFIED_BYTES')
    throw invalid('Unknown payload format indicator.');
  return name === 'UTF8_DATA';
}

function base64(text: string | undefined, what: string): Buffer | undefined {
  if (text === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw invalid(`The ${what} is not base64.`);
  return Buffer.from(text, 'base64');
}

/** A JSON array of objects with one property each, in base64. */
function userPropertiesIn(text: string | undefined): Readonly<Record<string, string>>[] | undefined {
  const json = base64(text, 'list of user properties');
  if (json === undefined) return undefined;
  const list = parseJson(json.toString());
  const isPair = (item: unknown): item is Record<string, string> =>
    typeof item === 'object' &&
    item !== null &&
    Object.values(item).length === 1 &&
    Object.values(item).every((value) => typeof value === 'string');
  if (!Array.isArray(list) || !list.every(isPair))
    throw invalid('The user properties are not a list of objects with one property each.');
  return list;
}
