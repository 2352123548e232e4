import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../../../src/sandbox/kernel/http.ts';
import { createCmsPools } from '../../../src/sandbox/installations/cdf/userPools.ts';
import type { CmsPools } from '../../../src/sandbox/installations/cdf/contract.ts';
import { type Cognito, createCognito } from '../../../src/sandbox/services/cognito/cognito.ts';
import type { TestContext, TestContextOverrides } from '../../support/sandboxContext.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

/** Drives the service as the edge does, without a port. */
export interface CognitoHarness extends Omit<Cognito, 'pools'> {
  pools: CmsPools;
  seed: () => void;
  context: TestContext;
  userPoolId: string;
  clientId: string;
  send: (operation: string, input: unknown) => Promise<HttpResponse>;
  /** The answer of a call that must succeed. */
  call: <T = Record<string, unknown>>(operation: string, input: unknown) => Promise<T>;
  /** `Code: message` of a call that must be refused with status 400. */
  refusal: (operation: string, input: unknown) => Promise<string>;
  /** A confirmed user with a verified email. */
  addUser: (username: string, password: string, email?: string) => Promise<void>;
  /** Another client of the stack's pool. */
  addClient: (settings: Record<string, unknown>) => Promise<string>;
  get: (path: string) => Promise<{ status: number; body: unknown }>;
}

export const plainFlows = [
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
];

export function cognitoRequest(overrides: Partial<HttpRequest>): HttpRequest {
  return {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    requestId: randomUUID(),
    region: 'us-west-2',
    signed: true,
    trusted: false,
    ...overrides,
  };
}

/** Made once for all tests that do not ask for their own: making a key takes some 200 ms. */
let sharedKey: { kid: string; privateJwk: unknown } | undefined;

export function createCognitoHarness(
  overrides: TestContextOverrides = {},
  options: { ownKey?: boolean; stacks?: string[] } = {},
): CognitoHarness {
  const context = createTestContext(overrides);
  const cognito = createCognito(context);
  const pools = createCmsPools(context, cognito.pools);
  const seed = () => {
    for (const stack of options.stacks ?? ['cms-dev1']) pools.poolOf(stack);
  };
  seed();
  const { userPoolId, clientId } = pools.poolOf('cms-dev1');
  if (options.ownKey !== true) {
    sharedKey ??= {
      kid: 'shared',
      privateJwk: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    };
    context.store.table('cognito.keys').set(userPoolId, sharedKey);
  }

  const send = (operation: string, input: unknown): Promise<HttpResponse> => {
    const request = cognitoRequest({
      headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
      body: Buffer.from(typeof input === 'string' ? input : JSON.stringify(input)),
    });
    assert.equal(cognito.service.operation(request), operation);
    return answered(cognito.service, operation, request);
  };

  const call = async <T>(operation: string, input: unknown): Promise<T> => {
    const response = await send(operation, input);
    const text = String(response.body);
    assert.equal(response.status, 200, `${operation}: ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  };

  return {
    ...cognito,
    pools,
    seed,
    context,
    userPoolId,
    clientId,
    send,
    call,
    async refusal(operation, input) {
      const response = await send(operation, input);
      const body = JSON.parse(String(response.body)) as { __type: string; message: string };
      assert.equal(response.status, 400, `${operation}: ${String(response.body)}`);
      assert.equal(response.headers?.['x-amzn-errortype'], `${body.__type}:`);
      return `${body.__type}: ${body.message}`;
    },
    async addUser(username, password, email = `${username}@example.com`) {
      const who = { UserPoolId: userPoolId, Username: username };
      await call('AdminCreateUser', {
        ...who,
        MessageAction: 'SUPPRESS',
        UserAttributes: [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: 'true' },
        ],
      });
      await call('AdminSetUserPassword', { ...who, Password: password, Permanent: true });
    },
    async addClient(settings) {
      const made = await call<{ UserPoolClient: { ClientId: string } }>('CreateUserPoolClient', {
        UserPoolId: userPoolId,
        ClientName: 'test-client',
        ...settings,
      });
      return made.UserPoolClient.ClientId;
    },
    async get(path) {
      const request = cognitoRequest({ method: 'GET', path, signed: false });
      const operation = cognito.service.operation(request);
      assert.ok(operation !== undefined, `${path} is not recognised`);
      assert.ok(cognito.service.unsigned(operation));
      const response = await cognito.service.handle(operation, request);
      return { status: response.status, body: JSON.parse(String(response.body)) as unknown };
    },
  };
}

/** Signs in with a password in clear and gives the tokens. */
export async function signInPlain(
  cognito: CognitoHarness,
  clientId: string,
  username: string,
  password: string,
): Promise<{ IdToken: string; AccessToken: string; RefreshToken: string; ExpiresIn: number }> {
  const answer = await cognito.call<{
    AuthenticationResult: { IdToken: string; AccessToken: string; RefreshToken: string; ExpiresIn: number };
  }>('InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: clientId,
    AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  return answer.AuthenticationResult;
}
