import type { SandboxConfig } from '../../kernel/context.ts';
import type { HttpResponse, HttpService } from '../../kernel/http.ts';
import type { SigningKeys } from './keys.ts';
import type { State } from './state.ts';
import { issuerOf } from './tokens.ts';

const path = /^\/([\w-]+_[0-9a-zA-Z]+)\/\.well-known\/(jwks\.json|openid-configuration)$/;
/** AWS answers below it for every pool, with documents that exist or not. */
const WELL_KNOWN = /^\/[^/]+\/\.well-known\/[^/]+$/;
const names: Record<string, string> = {
  'jwks.json': 'GET jwks.json',
  'openid-configuration': 'GET openid-configuration',
};

/** The public documents of a pool: its keys, and the OpenID Connect discovery document. */
export function createWellKnown(config: SandboxConfig, state: State, keys: SigningKeys): HttpService {
  return {
    name: 'cognito-idp',
    operations: Object.values(names),
    tooFast: { code: 'TooManyRequestsException', message: 'Rate exceeded', status: 400 },
    unknownStatus: 404,
    claims: ({ path: asked, headers }) => headers['x-amz-target'] === undefined && WELL_KNOWN.test(asked),
    unsigned: () => true,
    operation(request) {
      if (request.method !== 'GET') return undefined;
      const [, , document] = path.exec(request.path) ?? [];
      return document === undefined ? undefined : names[document];
    },
    async handle(_operation, request) {
      const [, poolId = '', document] = path.exec(request.path) ?? [];
      if (!state.pools.has(poolId)) {
        return publicJson(404, { message: `User pool ${poolId} does not exist.` });
      }
      if (document === 'jwks.json') return publicJson(200, { keys: [(await keys.of(poolId)).publicJwk] });
      const issuer = issuerOf(config, poolId);
      return publicJson(200, {
        id_token_signing_alg_values_supported: ['RS256'],
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        response_types_supported: ['code', 'token'],
        scopes_supported: ['openid', 'email', 'phone', 'profile'],
        subject_types_supported: ['public'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      });
    },
    error: ({ message, status }) => publicJson(status, { message }),
  };
}

function publicJson(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=86400' },
    body: JSON.stringify(value),
  };
}
