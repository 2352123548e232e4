export type TokenCheck =
  { ok: true; username: string } | { ok: false; reason: 'missing' | 'invalid' | 'expired' };

/** What stands in a token, such as `aud`, `cognito:groups` and `custom:…`. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Tokens {
  /** Checks a raw `Authorization` header as an API Gateway COGNITO_USER_POOLS authorizer does. */
  checkIdToken(userPoolId: string, authorization: string | undefined): Promise<TokenCheck>;
  /** What stands in an id token of this pool; undefined if it is not good. */
  claimsOf(userPoolId: string, token: string): Promise<Claims | undefined>;
  /** Whose an access token of this pool is, and for what; undefined if it is not good. */
  accessOf(
    userPoolId: string,
    token: string,
  ): Promise<{ clientId: string; scopes: readonly string[] } | undefined>;
}
