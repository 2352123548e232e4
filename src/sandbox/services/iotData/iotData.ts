import type { ThingService } from '../iot/contract.ts';
import type { Context } from '../../kernel/context.ts';
import { type HttpRequest, type HttpResponse, type HttpService, AwsError } from '../../kernel/http.ts';
import type { MessageBroker } from '../../broker/broker.ts';
import { clientOperation, createClientCalls } from './clientCalls.ts';
import { publishCall } from './publishCall.ts';
import { createShadowCalls, shadowOperation } from './shadowCalls.ts';

/**
 * The HTTPS side of the message broker (AWS IoT Core data plane API): Publish, retained messages, MQTT clients and their
 * subscriptions, and the shadows. Callers have AWS credentials and may do everything; a device with its certificate may
 * publish what its policies allow.
 */
export function createIotData(
  context: Context,
  broker: MessageBroker,
  shadow?: ThingService,
): { service: HttpService } {
  const shadows = createShadowCalls(shadow, (topic, payload) => broker.publish(topic, payload));
  const clients = createClientCalls(broker.administration);
  const operations: Readonly<Record<string, (request: HttpRequest) => HttpResponse>> = {
    Publish(request) {
      publishCall(broker, request, pathTail(request, '/topics/'), context.config.limits);
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

    GetConnection: (request) => json(request, clients.GetConnection(request)),
    ListSubscriptions: (request) => json(request, clients.ListSubscriptions(request)),
    DeleteConnection(request) {
      clients.DeleteConnection(request);
      return { status: 200, headers: jsonHeaders(request), body: '' };
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
      return clientOperation(request) ?? shadowOperation(request);
    },
    tooFast: { code: 'ThrottlingException', message: 'Rate exceeded', status: 429 },
    unknownStatus: 404,
    claims: ({ path, headers }) => headers['x-amz-target'] === undefined && PATHS.test(path),
    // A device may publish with its certificate alone.
    unsigned: (operation, client) => operation === 'Publish' && client?.kind === 'certificate',
    handle(operation, request) {
      const work = operations[operation];
      if (work === undefined)
        return Promise.reject(new AwsError('ResourceNotFoundException', 'No such operation.', 404));
      return Promise.resolve(work(request));
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
const PATHS = /^\/(topics\/|connections\/|retainedMessage(\/|$)|things\/[^/]+\/shadow$)/;

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
