import type * as CognitoSdk from '@aws-sdk/client-cognito-identity-provider';
import type { Connection } from '../connection.ts';
import { toCmsError } from '../errors.ts';
import type { Message } from '../../core/message.ts';

type Sdk = typeof CognitoSdk;

/** The user pool of one CMS stack, and its app client (which has no secret). */
export interface UserPool {
  readonly connection: Connection;
  readonly userPoolId: string;
  readonly clientId: string;
  /** Users are called by their e-mail addresses; left out where an address is but an alias of a name. */
  readonly usernames?: 'e-mail';
}

/** One Cognito call, its errors as CmsError with the AWS error code in `details.awsCode`. */
export async function callCognito<T>(
  pool: Pick<UserPool, 'connection'>,
  doing: Message,
  signal: AbortSignal,
  call: (
    client: CognitoSdk.CognitoIdentityProviderClient,
    sdk: Sdk,
    options: { abortSignal: AbortSignal },
  ) => Promise<T>,
): Promise<T> {
  try {
    const sdk = await import('@aws-sdk/client-cognito-identity-provider');
    return await call(await pool.connection.cognito(), sdk, { abortSignal: signal });
  } catch (error) {
    throw toCmsError(error, doing);
  }
}
