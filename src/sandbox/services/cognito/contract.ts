export type TokenCheck =
  { ok: true; username: string } | { ok: false; reason: 'missing' | 'invalid' | 'expired' };

export interface Tokens {
  /** Checks a raw `Authorization` header as an API Gateway COGNITO_USER_POOLS authorizer does. */
  checkIdToken(userPoolId: string, authorization: string | undefined): Promise<TokenCheck>;
  /** Whose an access token of this pool is, and for what; undefined if it is not good. */
  accessOf(
    userPoolId: string,
    token: string,
  ): Promise<{ clientId: string; scopes: readonly string[] } | undefined>;
}
