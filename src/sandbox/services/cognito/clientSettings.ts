import { isStandardAttribute, isWritableByClients } from './attributes.ts';
import type { ClientAuthFlow, ClientSettings, ClientSettingsInput } from './clientShape.ts';
import { invalidParameter } from './errors.ts';
import type { PoolRecord } from './state.ts';

/**
 * Checks settings and fills in the service's defaults for missing ones. That is why UpdateUserPoolClient resets
 * settings that the call omits.
 */
export function completeClientSettings(
  pool: PoolRecord,
  input: ClientSettingsInput,
  action: 'creating' | 'updating',
): ClientSettings {
  checkAttributeLists(pool, input, action);
  checkFlows(input.ExplicitAuthFlows ?? []);
  for (const provider of input.SupportedIdentityProviders ?? []) {
    if (provider !== 'COGNITO') {
      throw invalidParameter(`The provider ${provider} does not exist for User Pool ${pool.id}.`);
    }
  }
  const settings = {
    ...input,
    // AWS treats 0 as "the default".
    RefreshTokenValidity: input.RefreshTokenValidity === 0 ? 30 : (input.RefreshTokenValidity ?? 30),
    AllowedOAuthFlowsUserPoolClient: input.AllowedOAuthFlowsUserPoolClient ?? false,
    EnableTokenRevocation: input.EnableTokenRevocation ?? true,
    EnablePropagateAdditionalUserContextData: input.EnablePropagateAdditionalUserContextData ?? false,
    AuthSessionValidity: input.AuthSessionValidity ?? 3,
  };
  checkLifetimes(tokenLifetimes(settings));
  return settings;
}

function checkAttributeLists(
  pool: PoolRecord,
  input: ClientSettingsInput,
  action: 'creating' | 'updating',
): void {
  const written = input.WriteAttributes;
  const writeOk =
    written === undefined ||
    (written.every(isWritableByClients) && pool.requiredAttributes.every((name) => written.includes(name)));
  if (!writeOk) throw invalidParameter(`Invalid write attributes specified while ${action} a client`);
  if (input.ReadAttributes?.every(isStandardAttribute) === false) {
    throw invalidParameter(`Invalid read attributes specified while ${action} a client`);
  }
}

function checkFlows(flows: readonly ClientAuthFlow[]): void {
  const modern = flows.filter((flow) => flow.startsWith('ALLOW_'));
  if (modern.length > 0 && modern.length < flows.length) {
    throw invalidParameter(
      'ExplicitAuthFlows: values with ALLOW_ prefix cannot be used along with values without ALLOW_ prefix.',
    );
  }
}

const unitSeconds = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };

/** The lifetimes of a client's tokens, in seconds. */
export function tokenLifetimes(settings: ClientSettings): { id: number; access: number; refresh: number } {
  const units = settings.TokenValidityUnits;
  const seconds = (value: number | undefined, of: keyof typeof unitSeconds, byDefault: number): number =>
    value === undefined ? byDefault : value * unitSeconds[of];
  return {
    id: seconds(settings.IdTokenValidity, units?.IdToken ?? 'hours', 3600),
    access: seconds(settings.AccessTokenValidity, units?.AccessToken ?? 'hours', 3600),
    refresh: seconds(settings.RefreshTokenValidity, units?.RefreshToken ?? 'days', 30 * 86400),
  };
}

function checkLifetimes(lifetimes: ReturnType<typeof tokenLifetimes>): void {
  const inside = (seconds: number, min: number, max: number): boolean => seconds >= min && seconds <= max;
  const ok =
    inside(lifetimes.id, 300, 86400) &&
    inside(lifetimes.access, 300, 86400) &&
    inside(lifetimes.refresh, 3600, 315360000);
  if (!ok) throw invalidParameter('Invalid range for token validity.');
}

const byDefault: readonly ClientAuthFlow[] = [
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
  'ALLOW_CUSTOM_AUTH',
];

/** A way of signing in, named by the flow that enables it. */
export type SignInFlow = 'ADMIN_USER_PASSWORD' | 'USER_PASSWORD' | 'USER_SRP' | 'REFRESH_TOKEN' | 'CUSTOM';

/**
 * Whether a client allows a way of signing in. With the older names (without `ALLOW_`), SRP, custom and refresh are
 * always on, except that CUSTOM_AUTH_FLOW_ONLY disables SRP.
 */
export function allowsFlow(settings: ClientSettings, flow: SignInFlow): boolean {
  const configured = settings.ExplicitAuthFlows ?? [];
  const flows = configured.length === 0 ? byDefault : configured;
  if (flows.some((name) => name.startsWith('ALLOW_'))) return flows.includes(`ALLOW_${flow}_AUTH`);
  switch (flow) {
    case 'ADMIN_USER_PASSWORD':
      return flows.includes('ADMIN_NO_SRP_AUTH');
    case 'USER_PASSWORD':
      return flows.includes('USER_PASSWORD_AUTH');
    case 'USER_SRP':
      return !flows.includes('CUSTOM_AUTH_FLOW_ONLY');
    case 'REFRESH_TOKEN':
    case 'CUSTOM':
      return true;
  }
}
