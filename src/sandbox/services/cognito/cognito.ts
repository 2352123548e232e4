import type { Context } from '../../kernel/context.ts';
import type { HttpService } from '../../kernel/http.ts';
import { createAwsJsonService, type Operations } from '../../protocols/awsJson.ts';
import { joinedService } from '../../protocols/joined.ts';
import type { Tokens } from './contract.ts';
import { adminUserOperations } from './adminUserOperations.ts';
import { authOperations } from './authOperations.ts';
import { createChallenges } from './challenges.ts';
import { clientOperations } from './clientOperations.ts';
import { createCodes } from './codes.ts';
import { createDirectory } from './directory.ts';
import { SENSITIVE } from './input.ts';
import { groupOperations } from './groups.ts';
import { createSigningKeys } from './keys.ts';
import { listUsersOperations } from './listUsers.ts';
import { createLockout } from './lockout.ts';
import { poolOperations } from './poolOperations.ts';
import { cognitoRates } from './rates.ts';
import { sessionOperations } from './sessionOperations.ts';
import { createSignIn } from './signIn.ts';
import { signUpOperations } from './signUpOperations.ts';
import { createUserPools, type UserPools } from './userPools.ts';
import { openState } from './state.ts';
import { createTokenEndpoint } from './tokenEndpoint.ts';
import { createTokens } from './tokens.ts';
import { createWellKnown } from './wellKnown.ts';

export interface Cognito {
  readonly service: HttpService;
  readonly tokens: Tokens;
  readonly pools: UserPools;
}

/**
 * Amazon Cognito user pools as the CMS stacks use them: the JSON 1.1 API under `X-Amz-Target`, and the public
 * documents under `/<poolId>/.well-known/` and the token endpoint.
 */
export function createCognito(context: Context): Cognito {
  const { config, clock, log } = context;
  const state = openState(context.store);
  const directory = createDirectory(state, clock);
  const keys = createSigningKeys(state);
  const tokens = createTokens(config, clock, state, keys);
  const challenges = createChallenges(state, clock);
  const codes = createCodes(state, clock, log);
  const lockout = createLockout(state, clock, config.limits);
  const signIn = createSignIn({ directory, challenges, tokens, lockout, clock });

  const operations: Operations = {
    ...poolOperations(state, directory, clock),
    ...clientOperations(state, directory, clock),
    ...adminUserOperations({ state, directory, codes, clock, log }),
    ...listUsersOperations(directory),
    ...groupOperations(state, directory, clock),
    ...signUpOperations({ directory, codes, clock, log }),
    ...authOperations({ state, directory, signIn, challenges, tokens, clock }),
    ...sessionOperations(state, directory, tokens, clock),
  };
  const api = createAwsJsonService({
    name: 'cognito-idp',
    target: 'AWSCognitoIdentityProviderService',
    version: '1.1',
    invalid: 'InvalidParameterException',
    sensitive: SENSITIVE,
    rates: cognitoRates,
    tooFast: 'TooManyRequestsException',
    operations,
  });
  const service = joinedService(
    api,
    createWellKnown(config, state, keys),
    createTokenEndpoint(state, tokens),
  );

  return { service, tokens, pools: createUserPools(context, state, directory) };
}
