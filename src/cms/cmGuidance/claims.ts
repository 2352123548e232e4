import * as z from 'zod';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';

/** What the id token of somebody who signed in says of them. */
export interface Claims {
  readonly groups: readonly string[];
  /** Of `custom:fleetIds`. */
  readonly fleetIds: readonly string[];
  readonly email: string | undefined;
  /** Milliseconds since 1970. */
  readonly issuedAt: number | undefined;
}

const schema = z.object({
  token_use: z.string().optional().catch(undefined),
  'cognito:groups': z.array(z.string()).optional().catch(undefined),
  'custom:fleetIds': z.string().optional().catch(undefined),
  email: z.string().optional().catch(undefined),
  iat: z.number().optional().catch(undefined),
});

/** Undefined for what is no id token. */
export function claimsOf(idToken: string): Claims | undefined {
  const [, body = ''] = idToken.split('.');
  const read = parseJson(schema, Buffer.from(body, 'base64url').toString('utf8'));
  if (!read.ok || (read.value.token_use ?? 'id') !== 'id') return undefined;
  const { email, iat, ...claims } = read.value;
  const fleetIds = claims['custom:fleetIds']?.split(',').map((id) => id.trim()) ?? [];
  return {
    groups: claims['cognito:groups'] ?? [],
    fleetIds: fleetIds.filter((id) => id !== ''),
    email,
    issuedAt: iat === undefined ? undefined : iat * 1000,
  };
}

/** Groups that see every fleet, and groups that see the fleets of their token. */
const OF_ALL = ['platform-admin', 'fleet-viewer'];
const OF_FLEETS = ['fleet-operator', 'fleet-guest'];
const WRITING = ['platform-admin', 'fleet-operator'];

/** Whether somebody sees every fleet, whatever fleets the token has. */
export function seesAll({ groups }: Pick<Claims, 'groups'>): boolean {
  return groups.some((group) => OF_ALL.includes(group));
}

export function isAdmin({ groups }: Pick<Claims, 'groups'>): boolean {
  return groups.includes('platform-admin');
}

/** The user that the stack `ui` makes; its password is a secret of AWS. */
const DEMO_USER = 'fleetmanager@example.com';

/** What somebody may do here, in a sentence, and whether that is too little to work with. */
export function judgeClaims(claims: Claims): { words: Message; wrong: boolean } {
  const { groups, fleetIds } = claims;
  const group = groups.find((each) => [...OF_ALL, ...OF_FLEETS].includes(each));
  const fleets = fleetIds.join(', ');
  if (group === undefined) {
    const words =
      groups.length === 0
        ? l10n.t('You are in no group: you see nothing, or, on releases before August 2026, everything.')
        : l10n.t('Your groups ({groups}) have no access to the fleets of this CMS.', {
            groups: groups.join(', '),
          });
    return { words, wrong: true };
  }
  if (OF_FLEETS.includes(group) && fleetIds.length === 0) {
    // The stack makes it so: on a fresh stage it sees nothing.
    if (claims.email?.toLowerCase() === DEMO_USER) {
      return {
        words: l10n.t(
          'You are the demo user, a {group} without fleets: you will see nothing, and cannot create a fleet.',
          { group },
        ),
        wrong: true,
      };
    }
    return {
      words: l10n.t('You are a {group} without fleets: you will see nothing.', { group }),
      wrong: true,
    };
  }
  const isReading = !groups.some((each) => WRITING.includes(each));
  if (OF_FLEETS.includes(group)) {
    const words = isReading
      ? l10n.t('You are a {group}: you may look at the fleets {fleets}.', { group, fleets })
      : l10n.t('You are a {group}: you may work on the fleets {fleets}.', { group, fleets });
    return { words, wrong: false };
  }
  const words = isReading
    ? l10n.t('You are a {group}: you may look at all fleets.', { group })
    : l10n.t('You are a {group}: you may work on all fleets.', { group });
  return { words, wrong: false };
}
