import type { Message } from '../../core/message.ts';
import { nobodySignedIn } from './needs.ts';

/** What one thing that a deployment can do is allowed with. */
export type CredentialNeed = { readonly kind: 'iam' } | GivenNeed;
/** What somebody has to give something for. */
export type GivenNeed = PasswordNeed | IssuerNeed;

/** Somebody of a user pool. */
export interface PasswordNeed {
  readonly kind: 'password';
  /** Tells one pool from another of the same connection; passwords are kept by it. */
  readonly realm: string;
  /** "User name in the user pool of CMS". */
  readonly label: Message;
}

/** An access token of an OAuth issuer. */
export interface IssuerNeed {
  readonly kind: 'issuer';
  /** URL of the issuer; tokens are kept by it. */
  readonly issuer: string;
  /** "Access token of the sign-in of Fleet Operations". */
  readonly label: Message;
}

export const IAM: CredentialNeed = { kind: 'iam' };

/** Who signs in. */
export interface SignIn {
  username: string;
  password: string;
  /** Used when the user has to be made. */
  email?: string;
  /** What was said of the generation's own options of signing in (`signIn.options` of its fields), by their names. */
  options?: Readonly<Record<string, string>>;
  /** Asked for the new permanent password after a NEW_PASSWORD_REQUIRED challenge. Without it: SIGN_IN_CHALLENGE. */
  newPassword?: () => Promise<string>;
  /** Keeps the pool's settings before they are changed, where signing in changes them. */
  keepPoolChange?: (change: PoolChange) => void | Promise<void>;
}

/** What the password of a new user must be. */
export interface PasswordRules {
  /** All of it, to complete "needs …"; undefined when anything will do. */
  readonly needs: Message | undefined;
  /** What a password lacks, as a whole sentence; undefined when it is good. */
  problem(password: string): Message | undefined;
}

/** What an OAuth issuer gave out. */
export interface Token {
  token: string;
}

/** What is given for a need. */
export type Given = SignIn | Token;

/** A user pool that is opened for self sign-up, and its settings before that. Holds no secret. */
export interface PoolChange {
  userPoolId: string;
  before: Readonly<Record<string, unknown>>;
}

/** Where a deployment gets credentials from, when something needs them: a front end asks, or looks into its store. */
export interface Credentials {
  /** @throws CmsError CMS_UNAUTHORIZED when nobody signs in here and nobody can be asked */
  password(need: PasswordNeed, signal: AbortSignal): Promise<SignIn>;
  /** @throws CmsError CMS_UNAUTHORIZED when there is none and nobody can be asked */
  token(need: IssuerNeed, signal: AbortSignal): Promise<string>;
  /** Told that what was given for a need was refused, so that it is not given again. */
  refused?(need: GivenNeed): Promise<void>;
}

/** Who signs in is known already, and there is no token. */
export function givenCredentials(signIn: SignIn): Credentials {
  return {
    password: () => Promise.resolve(signIn),
    token: (need) => Promise.reject(nobodySignedIn(need)),
  };
}
