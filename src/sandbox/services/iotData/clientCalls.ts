import type { ClientAdministration } from '../../broker/administration.ts';
import { AwsError, type HttpRequest } from '../../kernel/http.ts';
import { present } from '../../kit/present.ts';

/** The operations on MQTT clients. Each returns the body of its answer, undefined for none, or throws AwsError. */
export type ClientCalls = Readonly<Record<ClientOperation, (request: HttpRequest) => object | undefined>>;
type ClientOperation = 'GetConnection' | 'DeleteConnection' | 'ListSubscriptions';

const PATH = /^\/connections\/([^/]+)(\/subscriptions)?$/;
const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 200;

export function clientOperation({ method, path }: HttpRequest): ClientOperation | undefined {
  const [found, , subscriptions] = PATH.exec(path) ?? [];
  if (found === undefined) return undefined;
  if (method === 'GET') return subscriptions === undefined ? 'GetConnection' : 'ListSubscriptions';
  return method === 'DELETE' && subscriptions === undefined ? 'DeleteConnection' : undefined;
}

export function createClientCalls(administration: ClientAdministration): ClientCalls {
  return {
    GetConnection(request) {
      const sockets = flag(request, 'includeSocketInformation');
      return administration.connection(clientOf(request), sockets) ?? unknown();
    },

    DeleteConnection(request) {
      const cleanSession = flag(request, 'cleanSession');
      const preventWill = flag(request, 'preventWillMessage');
      if (!administration.disconnect(clientOf(request), { cleanSession, preventWill })) unknown();
      return undefined;
    },

    ListSubscriptions(request) {
      const most = Number(request.query.get('maxResults') ?? DEFAULT_PAGE);
      if (!Number.isInteger(most) || most < 1 || most > LARGEST_PAGE)
        throw invalid(`maxResults must be between 1 and ${LARGEST_PAGE}.`);
      const all = administration.subscriptions(clientOf(request)) ?? unknown();
      const from = offsetOf(request.query.get('nextToken'));
      const subscriptions = all.slice(from, from + most);
      const next = from + subscriptions.length;
      return next < all.length ? { subscriptions, nextToken: tokenOf(next) } : { subscriptions };
    },
  };
}

function clientOf({ path }: HttpRequest): string {
  let clientId: string;
  try {
    clientId = decodeURIComponent(present(PATH.exec(path)?.[1], 'The client id in the path'));
  } catch {
    throw invalid('The client ID is not percent-encoded correctly.');
  }
  if (clientId.startsWith('$') || clientId.length > 128) throw invalid('Invalid client ID');
  return clientId;
}

/** SDKs write `true`, the API reference `TRUE`. */
function flag({ query }: HttpRequest, name: string): boolean {
  const text = (query.get(name) ?? 'false').toLowerCase();
  if (text !== 'true' && text !== 'false') throw invalid(`${name} must be true or false.`);
  return text === 'true';
}

const tokenOf = (offset: number): string => Buffer.from(String(offset)).toString('base64url');

function offsetOf(token: string | null): number {
  if (token === null) return 0;
  const offset = Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalid('Invalid nextToken');
  return offset;
}

const invalid = (message: string): AwsError => new AwsError('InvalidRequestException', message);

function unknown(): never {
  throw new AwsError('ResourceNotFoundException', 'No client with this ID has a session.', 404);
}
