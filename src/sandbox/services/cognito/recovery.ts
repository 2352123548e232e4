import type { PoolSettings, PoolSettingsInput } from './poolSettings.ts';
import { invalidParameter, notAuthorized } from './errors.ts';
import type { PoolRecord, UserRecord } from './state.ts';

/** What a code can be sent to. */
export type Contact = 'email' | 'phone_number';

/** "If you do not specify AccountRecoverySetting" (developer guide): a verified phone first, then a verified email. */
const legacy: readonly Contact[] = ['phone_number', 'email'];

export function checkRecovery(setting: PoolSettingsInput['AccountRecoverySetting']): void {
  const mechanisms = setting?.RecoveryMechanisms ?? [];
  if (mechanisms.length > 1 && mechanisms.some(({ Name }) => Name === 'admin_only')) {
    throw invalidParameter('admin_only cannot be used with any other account recovery mechanism.');
  }
}

/** Throws unless users of the pool may recover their accounts themselves. */
export function checkSelfService({ settings }: PoolRecord): void {
  if (mechanismsOf(settings).some(({ Name }) => Name === 'admin_only')) {
    throw notAuthorized('Contact administrator to reset password.');
  }
}

/** Where the reset code of this user goes. Throws unless one can be sent. */
export function recoveryContact(pool: PoolRecord, user: UserRecord): Contact {
  checkSelfService(pool);
  if (!user.enabled) throw notAuthorized('User is disabled.');
  if (user.status === 'FORCE_CHANGE_PASSWORD') {
    throw notAuthorized('User password cannot be reset in the current state.');
  }
  const { attributes } = user;
  const contact = contactsOf(pool.settings).find(
    (name) => attributes[name] !== undefined && attributes[`${name}_verified`] === 'true',
  );
  if (contact === undefined) {
    throw invalidParameter(
      'Cannot reset password for the user as there is no registered/verified email or phone_number',
    );
  }
  return contact;
}

/** In the order in which they are tried. */
function contactsOf(settings: PoolSettings): readonly Contact[] {
  const mechanisms = mechanismsOf(settings);
  if (mechanisms.length === 0) return legacy;
  return [...mechanisms]
    .sort((a, b) => a.Priority - b.Priority)
    .map(({ Name }) => (Name === 'verified_phone_number' ? 'phone_number' : 'email'));
}

function mechanismsOf(settings: PoolSettings) {
  return settings.AccountRecoverySetting?.RecoveryMechanisms ?? [];
}
