import * as z from 'zod';

const authFlows = [
  'ADMIN_NO_SRP_AUTH',
  'CUSTOM_AUTH_FLOW_ONLY',
  'USER_PASSWORD_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_CUSTOM_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
  'ALLOW_USER_AUTH',
] as const;
export type ClientAuthFlow = (typeof authFlows)[number];

const unit = z.enum(['seconds', 'minutes', 'hours', 'days']);
const urls = z.array(z.string().min(1).max(1024)).max(100);
const names = z.array(z.string().min(1).max(2048));

/** The input of the app client settings, which UpdateUserPoolClient replaces as a whole. */
export const clientSettingsInput = z.object({
  RefreshTokenValidity: z.int().min(0).max(315360000).optional(),
  AccessTokenValidity: z.int().min(1).max(86400).optional(),
  IdTokenValidity: z.int().min(1).max(86400).optional(),
  TokenValidityUnits: z
    .object({
      AccessToken: unit.optional(),
      IdToken: unit.optional(),
      RefreshToken: unit.optional(),
    })
    .optional(),
  ReadAttributes: names.optional(),
  WriteAttributes: names.optional(),
  ExplicitAuthFlows: z.array(z.enum(authFlows)).optional(),
  SupportedIdentityProviders: z.array(z.string()).optional(),
  CallbackURLs: urls.optional(),
  LogoutURLs: urls.optional(),
  DefaultRedirectURI: z.string().min(1).max(1024).optional(),
  AllowedOAuthFlows: z.array(z.enum(['code', 'implicit', 'client_credentials'])).optional(),
  AllowedOAuthScopes: z.array(z.string()).optional(),
  AllowedOAuthFlowsUserPoolClient: z.boolean().optional(),
  AnalyticsConfiguration: z.record(z.string(), z.unknown()).optional(),
  PreventUserExistenceErrors: z.enum(['LEGACY', 'ENABLED']).optional(),
  EnableTokenRevocation: z.boolean().optional(),
  EnablePropagateAdditionalUserContextData: z.boolean().optional(),
  AuthSessionValidity: z.int().min(3).max(15).optional(),
});
export type ClientSettingsInput = z.infer<typeof clientSettingsInput>;

/** The complete settings, as DescribeUserPoolClient shows them. */
export interface ClientSettings extends ClientSettingsInput {
  RefreshTokenValidity: number;
  AllowedOAuthFlowsUserPoolClient: boolean;
  EnableTokenRevocation: boolean;
  EnablePropagateAdditionalUserContextData: boolean;
  AuthSessionValidity: number;
}
