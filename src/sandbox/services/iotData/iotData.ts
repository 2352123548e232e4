import type { ThingService } from '../iot/contract.ts';
import type { Context } from '../../kernel/context.ts';
import { type HttpRequest, type HttpResponse, type HttpService, AwsError } from '../../kernel/http.ts';
import type { MessageBroker } from '../../broker/broker.ts';
import { QUOTAS } from '../../broker/quotas.ts';
import { createShadowCalls, shadowOperation } from './shadowCalls.ts';
import { publishProblem } from '../../broker/topics.ts';

/**
 * The HTTPS side of the message broker (AWS IoT Core data plane API): Publish, GetRetainedMessage,
 * ListRetainedMessages, and the shadows. Callers have AWS credentials and may do everything.
 */
export function createIotData(
  context: Context,
  broker: MessageBroker,
  shadow?: ThingService,
): { service: HttpService } {
  const shadows = createShadowCalls(shadow, (topic, payload) => broker.publish(topic, payload));
  const operations: Readonly<Record<string, (request: HttpRequest) => HttpResponse>> = {
    Publish(request) {
      const topic = pathTail(request, '/topics/');
      const problem = publishProblem(topic, context.config.limits);
      if (problem !== undefined) throw new AwsError('InvalidRequestException', `The topic is ${problem}.`);
      const qos = request.query.get('qos') ?? '0';
      if (qos !== '0' && qos !== '1') throw new AwsError('InvalidRequestException', 'QoS must be 0 or 1.');
      if (context.config.limits && request.body.length > QUOTAS.payloadBytes) {
        throw new AwsError('RequestEntityTooLargeException', 'The payload exceeds 128 KB.', 413);
      }
      if (request.query.get('retain') === 'true') {
        broker.retained.keep({ topic, payload: request.body, qos: qos === '1' ? 1 : 0, retain: true });
      }
      broker.publishFromHttp(topic, request.body);
      return json(request, { message: 'OK', traceId: request.requestId });
    },

    GetRetainedMessage(request) {
      const message = broker.retained.get(pathTail(request, '/retainedMessage/'));
      if (message === undefined) {
        throw new AwsError('ResourceNotFoundException', 'No retained message found for the topic.', 404);
      }
      return json(request, {
        topic: message.topic,
        payload: message.payload.toString('base64'),
        qos: message.qos,
        lastModifiedTime: message.lastModified,
      });
    },

    ListRetainedMessages(request) {
      const most = Number(request.query.get('maxResults') ?? LARGEST_PAGE);
      if (!Number.isInteger(most) || most < 1 || most > LARGEST_PAGE) {
        throw new AwsError('InvalidRequestException', `maxResults must be between 1 and ${LARGEST_PAGE}.`);
      }
      const after = request.query.get('nextToken');
      const rest = broker.retained.list().filter(({ topic }) => after === null || topic > decodeToken(after));
      const page = rest.slice(0, most);
      const last = page.at(-1);
      return json(request, {
        retainedTopics: page.map(({ topic, payload, qos, lastModified }) => ({
          topic,
          payloadSize: payload.length,
          qos,
          lastModifiedTime: lastModified,
        })),
        ...(rest.length > page.length && last !== undefined
          ? { nextToken: Buffer.from(last.topic).toString('base64url') }
          : {}),
      });
    },

    GetThingShadow: (request) => json(request, shadows.GetThingShadow(request)),
    UpdateThingShadow: (request) => json(request, shadows.UpdateThingShadow(request)),
    DeleteThingShadow: (request) => json(request, shadows.DeleteThingShadow(request)),
  };

  const service: HttpService = {
    name: 'iot-data',
    operations: Object.keys(operations),
    operation(request) {
      const { method, path } = request;
      if (method === 'POST' && path.startsWith('/topics/')) return 'Publish';
      if (method === 'GET' && path.startsWith('/retainedMessage/')) return 'GetRetainedMessage';
      if (method === 'GET' && path === '/retainedMessage') return 'ListRetainedMessages';
      return shadowOperation(request);
    },
    tooFast: { code: 'ThrottlingException', message: 'Rate exceeded', status: 429 },
    unknownStatus: 404,
    claims: ({ path, headers }) => headers['x-amz-target'] === undefined && PATHS.test(path),
    unsigned: () => false,
    async handle(operation, request) {
      const work = operations[operation];
      if (work === undefined) throw new AwsError('ResourceNotFoundException', 'No such operation.', 404);
      return work(request);
    },
    error: ({ code, message, status }, request) => ({
      status,
      headers: { ...jsonHeaders(request), 'x-amzn-errortype': code },
      body: JSON.stringify({ message, traceId: request.requestId }),
    }),
  };
  return { service };
}

const LARGEST_PAGE = 200;
const PATHS = /^\/(topics\/|retainedMessage(\/|$)|things\/[^/]+\/shadow$)/;

/** The topic may come with its slashes encoded (AWS SDKs) or not (curl). */
function pathTail(request: HttpRequest, prefix: string): string {
  try {
    return decodeURIComponent(request.path.slice(prefix.length));
  } catch {
    throw new AwsError('InvalidRequestException', 'The topic is not percent-encoded correctly.');
  }
}

const decodeToken = (token: string): string => Buffer.from(token, 'base64url').toString();

function jsonHeaders(request: HttpRequest): Record<string, string> {
  return { 'content-type': 'application/json', 'x-amzn-requestid': request.requestId };
}

function json(request: HttpRequest, body: unknown): HttpResponse {
  return { status: 200, headers: jsonHeaders(request), body: JSON.stringify(body) };
}
