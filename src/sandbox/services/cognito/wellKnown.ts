import type { HttpRequest, HttpResponse } from '../../kernel/http.ts';
import type { SandboxConfig } from '../../kernel/context.ts';
import type { SigningKeys } from './keys.ts';
import type { State } from './state.ts';
import { issuerOf } from './tokens.ts';
import { publicJson } from './wire.ts';

/** The public documents of a pool: its keys, and the OpenID Connect discovery document. */
export interface WellKnown {
  readonly operations: readonly string[];
  operation(request: HttpRequest): string | undefined;
  serves(operation: string): boolean;
  handle(operation: string, request: HttpRequest): Promise<HttpResponse>;
}

const path = /^\/([\w-]+_[0-9a-zA-Z]+)\/\.well-known\/(jwks\.json|openid-configuration)$/;
const names: Record<string, string> = {
  'jwks.json': 'GET jwks.json',
  'openid-configuration': 'GET openid-configuration',
};

export function createWellKnown(config: SandboxConfig, state: State, keys: SigningKeys): WellKnown {
  const operations = Object.values(names);
  const serves = (operation: string): boolean => operations.includes(operation);
  return {
    operations,
    serves,
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
  };
}
