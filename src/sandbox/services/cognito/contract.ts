export type TokenCheck =
  { ok: true; username: string } | { ok: false; reason: 'missing' | 'invalid' | 'expired' };

export interface Tokens {
  /** Checks a raw `Authorization` header as an API Gateway COGNITO_USER_POOLS authorizer does. */
  checkIdToken(userPoolId: string, authorization: string | undefined): Promise<TokenCheck>;
}

export interface UserPools {
  /** The pool and client of a CMS stack, created on first use with the settings of its template. */
  poolOf(stackName: string): { userPoolId: string; userPoolArn: string; clientId: string };
}
