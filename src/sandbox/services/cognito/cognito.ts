import type { Tokens, UserPools } from './contract.ts';
import type { Context } from '../../kernel/context.ts';
import { type HttpRequest, type HttpResponse, type HttpService, AwsError } from '../../kernel/http.ts';
import { adminUserOperations } from './adminUserOperations.ts';
import { authOperations } from './authOperations.ts';
import { createChallenges } from './challenges.ts';
import { clientOperations } from './clientOperations.ts';
import { createCodes } from './codes.ts';
import { createDirectory } from './directory.ts';
import { createSigningKeys } from './keys.ts';
import { listUsersOperations } from './listUsers.ts';
import { createLockout } from './lockout.ts';
import type { Operations } from './operations.ts';
import { poolOperations } from './poolOperations.ts';
import { sessionOperations } from './sessionOperations.ts';
import { createSignIn } from './signIn.ts';
import { signUpOperations } from './signUpOperations.ts';
import { createStackPools } from '../../installations/cdf/userPools.ts';
import { openState } from './state.ts';
import { createTokens } from './tokens.ts';
import { createWellKnown } from './wellKnown.ts';
import { jsonAnswer, jsonError } from './wire.ts';

const target = 'AWSCognitoIdentityProviderService.';

/**
 * Amazon Cognito user pools as the CMS stacks use them: the JSON 1.1 API under `X-Amz-Target`, and the public
 * documents under `/<poolId>/.well-known/`.
 */
export function createCognito(context: Context): {
  service: HttpService;
  tokens: Tokens;
  pools: UserPools;
  seed(): void;
} {
  const { config, clock, log } = context;
  const state = openState(context.store);
  const directory = createDirectory(state, clock);
  const keys = createSigningKeys(state);
  const tokens = createTokens(config, clock, state, keys);
  const challenges = createChallenges(state, clock);
  const codes = createCodes(state, clock, log);
  const lockout = createLockout(state, clock, config.limits);
  const signIn = createSignIn({ directory, challenges, tokens, lockout, clock });
  const stacks = createStackPools(context, state);
  const wellKnown = createWellKnown(config, state, keys);

  const operations: Operations = {
    ...poolOperations(state, directory, clock),
    ...clientOperations(state, directory, clock),
    ...adminUserOperations({ state, directory, codes, clock, log }),
    ...listUsersOperations(directory),
    ...signUpOperations({ directory, codes, clock, log }),
    ...authOperations({ state, directory, signIn, challenges, tokens, clock }),
    ...sessionOperations(state, directory, tokens, clock),
  };
  const isOperation = (name: string): boolean => Object.hasOwn(operations, name);

  const service: HttpService = {
    name: 'cognito-idp',
    operations: [...Object.keys(operations), ...wellKnown.operations],
    operation(request) {
      const header = request.headers['x-amz-target'];
      if (header === undefined) return wellKnown.operation(request);
      const name = header.startsWith(target) ? header.slice(target.length) : '';
      return isOperation(name) ? name : undefined;
    },
    unsigned: (name) => wellKnown.serves(name) || (isOperation(name) && operations[name]?.unsigned === true),
    async handle(name, request): Promise<HttpResponse> {
      if (wellKnown.serves(name)) return wellKnown.handle(name, request);
      const operation = isOperation(name) ? operations[name] : undefined;
      try {
        if (operation === undefined) throw new AwsError('UnknownOperationException', '');
        return jsonAnswer(await operation.run(request), request);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return jsonError(error.code, error.message, error.status, request);
      }
    },
    error: (code: string, message: string, status: number, request: HttpRequest) =>
      jsonError(code, message, status, request),
  };

  return { service, tokens, pools: stacks, seed: () => stacks.seed() };
}
