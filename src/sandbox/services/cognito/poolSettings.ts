import * as z from 'zod';
import { defined } from '../../kit/defined.ts';
import { pattern } from '../../protocols/constraint.ts';
import { invalidParameter } from './errors.ts';
import type { PasswordPolicy } from './passwordPolicy.ts';
import { checkRecovery } from './recovery.ts';

const anything = z.record(z.string(), z.unknown());
/** A message that contains the placeholder for the code or password. */
const message = pattern('[\\s\\S]*\\{####\\}[\\s\\S]*', 6, 20000);
const subject = z.string().min(1).max(140);

const recoveryMechanism = z.enum(['verified_email', 'verified_phone_number', 'admin_only']);

/** The input of the pool settings, which UpdateUserPool replaces as a whole. */
export const poolSettingsInput = z.object({
  Policies: z
    .object({
      PasswordPolicy: z
        .object({
          MinimumLength: z.int().min(6).max(99).optional(),
          RequireUppercase: z.boolean().optional(),
          RequireLowercase: z.boolean().optional(),
          RequireNumbers: z.boolean().optional(),
          RequireSymbols: z.boolean().optional(),
          TemporaryPasswordValidityDays: z.int().min(0).max(365).optional(),
        })
        .optional(),
    })
    .optional(),
  DeletionProtection: z.enum(['ACTIVE', 'INACTIVE']).optional(),
  LambdaConfig: anything.optional(),
  AutoVerifiedAttributes: z.array(z.enum(['phone_number', 'email'])).optional(),
  SmsVerificationMessage: message.optional(),
  EmailVerificationMessage: message.optional(),
  EmailVerificationSubject: subject.optional(),
  VerificationMessageTemplate: z
    .object({
      SmsMessage: message.optional(),
      EmailMessage: message.optional(),
      EmailSubject: subject.optional(),
      EmailMessageByLink: z.string().optional(),
      EmailSubjectByLink: subject.optional(),
      DefaultEmailOption: z.enum(['CONFIRM_WITH_LINK', 'CONFIRM_WITH_CODE']).optional(),
    })
    .optional(),
  SmsAuthenticationMessage: message.optional(),
  UserAttributeUpdateSettings: anything.optional(),
  MfaConfiguration: z.enum(['OFF', 'ON', 'OPTIONAL']).optional(),
  DeviceConfiguration: anything.optional(),
  EmailConfiguration: anything.optional(),
  SmsConfiguration: anything.optional(),
  UserPoolTags: z.record(z.string(), z.string()).optional(),
  AdminCreateUserConfig: z
    .object({
      AllowAdminCreateUserOnly: z.boolean().optional(),
      UnusedAccountValidityDays: z.int().min(0).max(365).optional(),
      InviteMessageTemplate: z
        .object({
          SMSMessage: message.optional(),
          EmailMessage: message.optional(),
          EmailSubject: subject.optional(),
        })
        .optional(),
    })
    .optional(),
  UserPoolAddOns: z
    .object({ AdvancedSecurityMode: z.enum(['OFF', 'AUDIT', 'ENFORCED']) })
    .loose()
    .optional(),
  AccountRecoverySetting: z
    .object({
      RecoveryMechanisms: z
        .array(z.object({ Priority: z.int().min(1).max(2), Name: recoveryMechanism }))
        .min(1)
        .max(2)
        .optional(),
    })
    .optional(),
  UserPoolTier: z.enum(['LITE', 'ESSENTIALS', 'PLUS']).optional(),
});
export type PoolSettingsInput = z.infer<typeof poolSettingsInput>;

/** The complete settings, as DescribeUserPool shows them. */
export interface PoolSettings extends Omit<
  PoolSettingsInput,
  'Policies' | 'AdminCreateUserConfig' | 'MfaConfiguration'
> {
  Policies: { PasswordPolicy: PasswordPolicy };
  AdminCreateUserConfig: {
    AllowAdminCreateUserOnly: boolean;
    UnusedAccountValidityDays: number;
    InviteMessageTemplate?: Record<string, string | undefined>;
  };
  MfaConfiguration: 'OFF';
}

const defaultDays = 7;

/**
 * Fills in the service's defaults for missing settings. That is why UpdateUserPool resets settings that the call
 * omits (API reference: "If you don't provide a value for an attribute, it will be set to the default value"). One
 * exception, which others observed on AWS: an omitted password policy stays as it is.
 */
export function completePoolSettings(input: PoolSettingsInput, currentPolicy: PasswordPolicy): PoolSettings {
  const { Policies, AdminCreateUserConfig, MfaConfiguration, ...rest } = input;
  const policy = Policies?.PasswordPolicy;
  const unusedDays = AdminCreateUserConfig?.UnusedAccountValidityDays;
  if (unusedDays !== undefined && policy?.TemporaryPasswordValidityDays !== undefined) {
    throw invalidParameter(
      'Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays',
    );
  }
  if (MfaConfiguration === 'ON') {
    throw invalidParameter('Cannot turn MFA functionality ON, once the user pool has been created.');
  }
  if (MfaConfiguration === 'OPTIONAL') {
    throw invalidParameter('The sandbox has no multi-factor authentication: MfaConfiguration must be OFF.');
  }
  checkRecovery(input.AccountRecoverySetting);
  const days =
    policy?.TemporaryPasswordValidityDays ??
    unusedDays ??
    (policy === undefined ? currentPolicy.TemporaryPasswordValidityDays : defaultDays);
  const invitation = AdminCreateUserConfig?.InviteMessageTemplate;
  return {
    ...rest,
    ...verificationMessages(input),
    Policies: {
      PasswordPolicy: {
        ...(policy === undefined ? currentPolicy : completePolicy(policy)),
        TemporaryPasswordValidityDays: days,
      },
    },
    DeletionProtection: input.DeletionProtection ?? 'INACTIVE',
    LambdaConfig: input.LambdaConfig ?? {},
    MfaConfiguration: 'OFF',
    EmailConfiguration: input.EmailConfiguration ?? { EmailSendingAccount: 'COGNITO_DEFAULT' },
    UserPoolTags: input.UserPoolTags ?? {},
    AdminCreateUserConfig: {
      AllowAdminCreateUserOnly: AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false,
      UnusedAccountValidityDays: days,
      ...defined({ InviteMessageTemplate: invitation }),
    },
  };
}

type PolicyInput = NonNullable<NonNullable<PoolSettingsInput['Policies']>['PasswordPolicy']>;

/** In a password policy, a missing rule is off. */
function completePolicy(policy: PolicyInput): Omit<PasswordPolicy, 'TemporaryPasswordValidityDays'> {
  return {
    MinimumLength: policy.MinimumLength ?? 8,
    RequireUppercase: policy.RequireUppercase ?? false,
    RequireLowercase: policy.RequireLowercase ?? false,
    RequireNumbers: policy.RequireNumbers ?? false,
    RequireSymbols: policy.RequireSymbols ?? false,
  };
}

/** Verification messages are shown twice: as separate settings, and in the template that replaced those. */
function verificationMessages(
  input: PoolSettingsInput,
): Pick<
  PoolSettings,
  | 'EmailVerificationMessage'
  | 'EmailVerificationSubject'
  | 'SmsVerificationMessage'
  | 'VerificationMessageTemplate'
> {
  const template = input.VerificationMessageTemplate;
  const email = input.EmailVerificationMessage ?? template?.EmailMessage;
  const emailSubject = input.EmailVerificationSubject ?? template?.EmailSubject;
  const sms = input.SmsVerificationMessage ?? template?.SmsMessage;
  return {
    ...defined({
      EmailVerificationMessage: email,
      EmailVerificationSubject: emailSubject,
      SmsVerificationMessage: sms,
    }),
    VerificationMessageTemplate: {
      ...template,
      ...defined({ EmailMessage: email, EmailSubject: emailSubject, SmsMessage: sms }),
      DefaultEmailOption: template?.DefaultEmailOption ?? 'CONFIRM_WITH_CODE',
    },
  };
}
