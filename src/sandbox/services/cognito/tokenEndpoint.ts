import { timingSafeEqual } from 'node:crypto';
import type { HttpRequest, HttpResponse, HttpService } from '../../kernel/http.ts';
import type { ClientRecord, State } from './state.ts';
import type { TokenService } from './tokens.ts';

const PATH = '/oauth2/token';
const OPERATION = 'POST /oauth2/token';

/** An error of the endpoint, by the names of OAuth 2.0 (RFC 6749, 5.2). */
class Refusal extends Error {}

/**
 * The token endpoint of the pools' domains, for app clients that sign in for themselves (`client_credentials`). On AWS
 * each domain has its own; here the client's id says whose it is.
 */
export function createTokenEndpoint(state: State, tokens: TokenService): HttpService {
  async function token(request: HttpRequest): Promise<HttpResponse> {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const client = clientOf(request, form);
    const grant = form.get('grant_type') ?? '';
    if (grant === '') throw new Refusal('invalid_request');
    if (grant !== 'client_credentials') throw new Refusal('unsupported_grant_type');
    const {
      AllowedOAuthFlows = [],
      AllowedOAuthFlowsUserPoolClient,
      AllowedOAuthScopes = [],
    } = client.settings;
    if (!AllowedOAuthFlowsUserPoolClient || !AllowedOAuthFlows.includes(grant)) {
      throw new Refusal('unauthorized_client');
    }
    const asked = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    if (asked.some((scope) => !AllowedOAuthScopes.includes(scope))) throw new Refusal('invalid_scope');
    const scopes = asked.length === 0 ? AllowedOAuthScopes : asked;
    const pool = state.pools.get(client.poolId);
    if (pool === undefined) throw new Refusal('invalid_client');
    const { accessToken, expiresIn } = await tokens.issueToClient(pool, client, scopes);
    return json(200, { access_token: accessToken, expires_in: expiresIn, token_type: 'Bearer' });
  }

  /** By HTTP Basic or in the body. */
  function clientOf(request: HttpRequest, form: URLSearchParams): ClientRecord {
    const [, basic] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(request.headers.authorization ?? '') ?? [];
    const [, id, secret] =
      basic === undefined
        ? [undefined, form.get('client_id') ?? '', form.get('client_secret') ?? '']
        : (/^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? []);
    const client = state.clients.get(id ?? '');
    if (client?.clientSecret === undefined || !isSame(client.clientSecret, secret ?? '')) {
      throw new Refusal('invalid_client');
    }
    return client;
  }

  return {
    name: 'cognito-idp',
    operations: [OPERATION],
    tooFast: { code: 'TooManyRequestsException', message: 'Rate exceeded', status: 429 },
    unknownStatus: 404,
    claims: ({ path, headers }) => path === PATH && headers['x-amz-target'] === undefined,
    operation: ({ method }) => (method === 'POST' ? OPERATION : undefined),
    unsigned: () => true,
    async handle(_operation, request) {
      try {
        return await token(request);
      } catch (error) {
        if (error instanceof Refusal) return json(400, { error: error.message });
        throw error;
      }
    },
    error: ({ code, status }) => json(status, { error: code }),
  };
}

function isSame(secret: string, given: string): boolean {
  const [one, other] = [Buffer.from(secret), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function json(status: number, body: object): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-cache, no-store' },
    body: JSON.stringify(body),
  };
}
