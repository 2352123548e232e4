import type { Context } from '../../kernel/context.ts';
import type { ClientSettingsInput } from '../../services/cognito/clientShape.ts';
import type { PasswordPolicy } from '../../services/cognito/passwordPolicy.ts';
import type { PoolSettingsInput } from '../../services/cognito/poolSettings.ts';
import type { UserPools } from '../../services/cognito/userPools.ts';
import type { CmsPools } from './contract.ts';

/** The pool, client and first user of each CMS stack, as its authorizer template creates them. */
export function createCmsPools({ config, store }: Context, userPools: UserPools): CmsPools {
  // By CMS stack name.
  const known = store.table<{ poolId: string; clientId: string }>('cognito.stacks');

  function create(stack: string): { poolId: string; clientId: string } {
    const poolId = userPools.create({
      seed: stack,
      name: `cms-admins-${config.accountId}`,
      aliasAttributes: ['email'],
      requiredAttributes: ['email'],
      settings: cmsSettings,
      policy: cmsPolicy,
    });
    const clientId = userPools.createClient(poolId, {
      seed: stack,
      name: `client-website-${config.accountId}`,
      settings: cmsClientSettings,
    });
    userPools.invite(poolId, {
      username: 'admin',
      attributes: { email: 'admin@example.com', email_verified: 'true' },
    });
    known.set(stack, { poolId, clientId });
    return { poolId, clientId };
  }

  return {
    poolOf(stack) {
      const { poolId, clientId } = known.get(stack) ?? create(stack);
      return { userPoolId: poolId, userPoolArn: userPools.arnOf(poolId), clientId };
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
