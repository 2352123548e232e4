import { randomInt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { AwsError } from '../../kernel/http.ts';
import type { Contact } from './recovery.ts';
import type { CodeRecord, State, UserRecord } from './state.ts';
import { userKey } from './state.ts';

export interface CodeDelivery {
  Destination: string;
  DeliveryMedium: 'EMAIL' | 'SMS';
  AttributeName: Contact;
}

/** Confirmation and reset codes. Nothing is sent: read the code from the table `cognito.codes`. */
export interface Codes {
  /** Creates a new code, which replaces the previous one. */
  issue(user: UserRecord, purpose: CodeRecord['purpose'], contact?: Contact): CodeDelivery;
  /** Consumes a correct code. Throws ExpiredCodeException or CodeMismatchException. */
  redeem(user: UserRecord, purpose: CodeRecord['purpose'], code: string): void;
}

const hour = 3_600_000;
const lifetimes = { confirm: 24 * hour, reset: hour };

export function createCodes(state: State, clock: Clock, log: Log): Codes {
  return {
    issue(user, purpose, contact = 'email') {
      state.codes.set(userKey(user.poolId, user.username), {
        code: String(randomInt(1_000_000)).padStart(6, '0'),
        purpose,
        expiresAt: clock.now() + lifetimes[purpose],
      });
      log(
        'info',
        `cognito-idp: ${contact === 'email' ? 'no mail' : 'no text message'} is sent; the ${purpose} code of ${user.username} is in the state`,
      );
      // AWS sends nothing without an address; the sandbox never sends anything.
      return contact === 'email'
        ? delivery(user.attributes.email ?? '')
        : textMessage(user.attributes.phone_number ?? '');
    },
    redeem(user, purpose, code) {
      const key = userKey(user.poolId, user.username);
      const record = state.codes.get(key);
      if (record?.purpose !== purpose || record.expiresAt <= clock.now()) throw expiredCode();
      if (!equal(record.code, code)) {
        throw new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.');
      }
      state.codes.delete(key);
    },
  };
}

export function expiredCode(): AwsError {
  return new AwsError('ExpiredCodeException', 'Invalid code provided, please request a code again.');
}

/** The address, masked as AWS does for somebody who is not signed in: `t***@e***`. */
export function delivery(email: string): CodeDelivery {
  const [name = '', domain = ''] = email.split('@');
  return {
    Destination: `${name.charAt(0)}***@${domain.charAt(0)}***`,
    DeliveryMedium: 'EMAIL',
    AttributeName: 'email',
  };
}

/** The number, masked but for its last four digits. */
function textMessage(phone: string): CodeDelivery {
  return {
    Destination: `+${'*'.repeat(Math.max(0, phone.length - 5))}${phone.slice(-4)}`,
    DeliveryMedium: 'SMS',
    AttributeName: 'phone_number',
  };
}

function equal(expected: string, actual: string): boolean {
  const a = Buffer.from(expected, 'utf8');
  const b = Buffer.from(actual, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}
