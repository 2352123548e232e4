import { createHash } from 'node:crypto';
import type { UserPools } from '../../services/cognito/contract.ts';
import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';
import type { ClientSettingsInput } from '../../services/cognito/clientShape.ts';
import { completeClientSettings } from '../../services/cognito/clientSettings.ts';
import type { PasswordPolicy } from '../../services/cognito/passwordPolicy.ts';
import { randomPassword } from '../../services/cognito/passwordPolicy.ts';
import type { PoolSettingsInput } from '../../services/cognito/poolSettings.ts';
import { completePoolSettings } from '../../services/cognito/poolSettings.ts';
import type { PoolRecord, State } from '../../services/cognito/state.ts';
import { userKey } from '../../services/cognito/state.ts';
import { newUser } from '../../services/cognito/users.ts';

/** The pool, client and first user of each CMS stack, as its authorizer template creates them. */
export interface StackPools extends UserPools {
  /** Creates what the configured stacks lack. */
  seed(): void;
}

export function createStackPools(context: Context, state: State): StackPools {
  const { config, clock } = context;

  const createPool = (stackName: string): { poolId: string; clientId: string } => {
    const now = clock.now();
    const seedOf = (what: string): Buffer =>
      createHash('sha256').update(`${config.accountId}/${config.region}/${stackName}/${what}`).digest();
    const id = `${config.region}_${deriveId(seedOf('pool'), upperLowerDigits, 9)}`;
    const pool: PoolRecord = {
      id,
      arn: arnOf(config, 'cognito-idp', `userpool/${id}`),
      name: `cms-admins-${config.accountId}`,
      aliasAttributes: ['email'],
      requiredAttributes: ['email'],
      settings: completePoolSettings(cmsSettings, cmsPolicy),
      createdAt: now,
      modifiedAt: now,
    };
    state.pools.set(id, pool);
    const clientId = deriveId(seedOf('client'), lowerDigits, 26);
    state.clients.set(clientId, {
      poolId: id,
      clientId,
      name: `client-website-${config.accountId}`,
      settings: completeClientSettings(pool, cmsClientSettings, 'creating'),
      createdAt: now,
      modifiedAt: now,
    });
    addFirstAdmin(state, pool, now);
    const created = { poolId: id, clientId };
    state.stacks.set(stackName, created);
    return created;
  };

  const poolOf: UserPools['poolOf'] = (stackName) => {
    const { poolId, clientId } = state.stacks.get(stackName) ?? createPool(stackName);
    const userPoolArn = arnOf(config, 'cognito-idp', `userpool/${poolId}`);
    return { userPoolId: poolId, userPoolArn, clientId };
  };

  return {
    poolOf,
    seed: () => {
      for (const stack of config.stacks) poolOf(stack.name);
    },
  };
}

const cmsPolicy: PasswordPolicy = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: false,
  RequireSymbols: false,
  TemporaryPasswordValidityDays: 7,
};

const cmsSettings: PoolSettingsInput = {
  AutoVerifiedAttributes: ['email'],
  EmailVerificationSubject: 'Your CMS verification code',
  EmailVerificationMessage: 'Your verification code for the Connected Mobility Solution is {####}.',
  AdminCreateUserConfig: {
    AllowAdminCreateUserOnly: true,
    UnusedAccountValidityDays: 7,
    InviteMessageTemplate: {
      EmailSubject: 'Your CMS login',
      EmailMessage:
        '<p>You are invited to the Connected Mobility Solution. Sign in as {username} with the ' +
        'temporary password {####}.</p>',
    },
  },
  UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
};

const cmsClientSettings: ClientSettingsInput = {
  RefreshTokenValidity: 1,
  ReadAttributes: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'preferred_username',
    'updated_at',
    'email',
    'email_verified',
    'address',
    'phone_number',
    'phone_number_verified',
  ],
  WriteAttributes: ['address', 'email', 'phone_number'],
};

/** AWS mails the temporary password; here nobody knows it, so set one with AdminSetUserPassword. */
function addFirstAdmin(state: State, pool: PoolRecord, now: number): void {
  const admin = newUser(
    pool,
    {
      username: 'admin',
      attributes: { email: 'admin@example.com', email_verified: 'true' },
      password: randomPassword(pool.settings.Policies.PasswordPolicy),
      status: 'FORCE_CHANGE_PASSWORD',
    },
    now,
  );
  state.users.set(userKey(pool.id, admin.username), admin);
}

const lowerDigits = 'abcdefghijklmnopqrstuvwxyz0123456789';
const upperLowerDigits = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lowerDigits}`;

/** Derives an id from a hash of the stack's name, so that a stack keeps its ids across restarts and resets. */
function deriveId(hash: Buffer, alphabet: string, length: number): string {
  return Array.from({ length }, (_, index) => alphabet.charAt((hash[index] ?? 0) % alphabet.length)).join('');
}
