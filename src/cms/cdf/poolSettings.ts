import type { UpdateUserPoolCommandInput, UserPoolType } from '@aws-sdk/client-cognito-identity-provider';
import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { CmsError, sentenceOf } from '../../core/errors.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import type { PoolChange } from '../contract/credentials.ts';
import { callCognito } from '../../aws/cognito/cognito.ts';
import type { UserPool } from '../../aws/cognito/cognito.ts';

/** Every setting of a pool that can be written: UpdateUserPool resets those that are left out. */
export type PoolDocument = Omit<UpdateUserPoolCommandInput, 'UserPoolId'>;

const RESTORE_TIMEOUT_MS = 30_000;

// A field a newer SDK adds to UpdateUserPool makes this fail to compile, so none can be forgotten.
const WRITABLE: Record<keyof PoolDocument, true> = {
  Policies: true,
  DeletionProtection: true,
  LambdaConfig: true,
  AutoVerifiedAttributes: true,
  SmsVerificationMessage: true,
  EmailVerificationMessage: true,
  EmailVerificationSubject: true,
  VerificationMessageTemplate: true,
  SmsAuthenticationMessage: true,
  UserAttributeUpdateSettings: true,
  MfaConfiguration: true,
  DeviceConfiguration: true,
  EmailConfiguration: true,
  SmsConfiguration: true,
  UserPoolTags: true,
  AdminCreateUserConfig: true,
  UserPoolAddOns: true,
  DcrConfiguration: true,
  AccountRecoverySetting: true,
  PoolName: true,
  UserPoolTier: true,
  KeyConfiguration: true,
  IssuerConfiguration: true,
  AcrConfiguration: true,
};

/**
 * Runs `work` while the pool lets people sign themselves up, and closes it again whatever happens. The whole
 * document is read, one field changed, and the whole written back, so nothing is reset. `keep` is given the old
 * document before anything is changed. A pool that is open already stays so.
 * @throws CmsError REQUEST_INVALID for a pool with MFA, whose settings UpdateUserPool alone cannot carry over
 */
export async function withOpenSignUp<T>(
  pool: UserPool,
  keep: ((change: PoolChange) => void | Promise<void>) | undefined,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const before = await readPool(pool, signal);
  if (before.AdminCreateUserConfig?.AllowAdminCreateUserOnly !== true) return work();
  if (before.MfaConfiguration !== undefined && before.MfaConfiguration !== 'OFF') {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The user pool uses MFA: it cannot be opened for self sign-up safely.'),
      { remedy: l10n.t('Create the user as administrator instead.') },
    );
  }
  const change: PoolChange = { userPoolId: pool.userPoolId, before: { ...before } };
  await keep?.(change);
  try {
    await writeSignUp(pool, before, false, signal);
    return await work();
  } finally {
    // Also after a cancel: an admin pool must not stay open to the public.
    await undoPoolChange(pool.connection, change, AbortSignal.timeout(RESTORE_TIMEOUT_MS));
  }
}

const keptSchema = z.looseObject({
  AdminCreateUserConfig: z.looseObject({ AllowAdminCreateUserOnly: z.boolean() }),
});

/**
 * Sets self sign-up back to what it was; all else stays as it is now, so that changes made in between survive.
 * @throws CmsError AWS_CALL_FAILED saying that the pool may still be open
 */
export async function undoPoolChange(
  connection: Connection,
  change: PoolChange,
  signal: AbortSignal,
): Promise<void> {
  const pool = { connection, userPoolId: change.userPoolId };
  try {
    const { AllowAdminCreateUserOnly } = keptSchema.parse(change.before).AdminCreateUserConfig;
    await writeSignUp(pool, await readPool(pool, signal), AllowAdminCreateUserOnly, signal);
  } catch (error) {
    const why = sentenceOf(error);
    const { userPoolId } = change;
    throw new CmsError(
      'AWS_CALL_FAILED',
      l10n.t('The user pool may still be open for self sign-up: {why}', { why }),
      {
        remedy: l10n.t('Turn it off: user pool {userPoolId}, Sign-up, self-registration.', {
          userPoolId,
        }),
        details: { userPoolId },
        cause: error,
      },
    );
  }
}

type Pool = Pick<UserPool, 'connection' | 'userPoolId'>;

async function readPool(pool: Pool, signal: AbortSignal): Promise<PoolDocument> {
  const answer = await callCognito(
    pool,
    l10n.t('reading the settings of the user pool'),
    signal,
    (client, sdk, options) =>
      client.send(new sdk.DescribeUserPoolCommand({ UserPoolId: pool.userPoolId }), options),
  );
  return writableOf(expectField(answer, 'UserPool', 'DescribeUserPool'));
}

/** The document UpdateUserPool needs to leave a described pool as it is. */
export function writableOf(described: UserPoolType): PoolDocument {
  const all: UserPoolType & PoolDocument = { ...described };
  if (described.Name !== undefined) all.PoolName = described.Name;
  const document: PoolDocument = Object.fromEntries(
    Object.entries(all).filter(([key, value]) => key in WRITABLE && value !== undefined),
  );
  const { UnusedAccountValidityDays: days, ...create } = document.AdminCreateUserConfig ?? {};
  // Cognito refuses UnusedAccountValidityDays: its successor in the password policy says the same.
  if (days !== undefined) {
    document.AdminCreateUserConfig = create;
    document.Policies = {
      ...document.Policies,
      PasswordPolicy: { TemporaryPasswordValidityDays: days, ...document.Policies?.PasswordPolicy },
    };
  }
  return document;
}

async function writeSignUp(
  pool: Pool,
  document: PoolDocument,
  adminOnly: boolean,
  signal: AbortSignal,
): Promise<void> {
  const input = {
    ...document,
    UserPoolId: pool.userPoolId,
    AdminCreateUserConfig: { ...document.AdminCreateUserConfig, AllowAdminCreateUserOnly: adminOnly },
  };
  await callCognito(pool, l10n.t('changing self sign-up of the user pool'), signal, (client, sdk, options) =>
    client.send(new sdk.UpdateUserPoolCommand(input), options),
  );
}
