import type { Context } from '../../kernel/context.ts';
import { derivedUuid } from '../../services/cloudformation/stack.ts';
import { randomPassword } from '../../services/cognito/passwordPolicy.ts';
import type { Aws } from '../../services/services.ts';
import type { Names } from './names.ts';
import { DAYS, type GuidanceSpec } from './spec.ts';

/** Who may sign in to one deployment. */
export interface Identity {
  readonly userPoolId: string;
  readonly userPoolArn: string;
  readonly clientId: string;
  readonly identityPoolId: string;
  readonly demoSecretArn: string;
}

export const DEMO_USER = 'FleetManager@example.com';
const DEMO_PASSWORD_LENGTH = 24;

/** The groups that the stack `ui` makes; the later ones have no access to the main API. */
export const GROUPS = [
  'platform-admin',
  'fleet-viewer',
  'fleet-operator',
  'fleet-guest',
  'fleet-driver',
  'vehicle-owner',
  'dealer-admin',
  'service-advisor',
  'f-and-i-manager',
  'district-manager',
  'parts-manager',
  'bdc-rep',
  'dms-viewer',
  'dms-technician',
];

const policy = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
  TemporaryPasswordValidityDays: 7,
};

/** Makes the user pool, its client, its groups and the demo user, unless they are there. */
export function ensureIdentity(
  { config, store }: Context,
  { cognito, secretsManager }: Pick<Aws, 'cognito' | 'secretsManager'>,
  { stage, switches }: GuidanceSpec,
  names: Names,
): Identity {
  const { pools } = cognito;
  const known = store.table<{ userPoolId: string; clientId: string }>('cm-guidance.identities');

  function create(): { userPoolId: string; clientId: string } {
    const seed = `cm-guidance/${stage}`;
    const mutable = ['fleetIds', 'role', 'vehicleId', 'dealerIds', 'districtIds', 'customerId'];
    const fixed = ['tenantId', 'driverId', 'provisionedVia'];
    const userPoolId = pools.create({
      seed,
      name: `${names.prefix}-ui-users`,
      aliasAttributes: [],
      emailIsUsername: true,
      requiredAttributes: ['email'],
      customAttributes: [
        ...mutable.map((name) => ({ name, mutable: true })),
        ...fixed.map((name) => ({ name, mutable: false })),
      ],
      settings: {
        AutoVerifiedAttributes: ['email'],
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      },
      policy,
    });
    const clientId = pools.createClient(userPoolId, {
      seed,
      name: `${names.prefix}-ui-client`,
      settings: {
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        WriteAttributes: ['email', 'name'],
      },
    });
    pools.ensureGroups(userPoolId, GROUPS);
    const password = randomPassword({ ...policy, MinimumLength: DEMO_PASSWORD_LENGTH });
    secretsManager.secrets.ensure({ name: names.demoSecret, value: password });
    pools.createUser(userPoolId, {
      username: DEMO_USER,
      attributes: { email_verified: 'true' },
      password,
      temporary: false,
      groups: [switches.asOf < DAYS.demoOperator ? 'platform-admin' : 'fleet-operator'],
    });
    const made = { userPoolId, clientId };
    known.set(stage, made);
    return made;
  }

  const made = known.get(stage) ?? create();
  return {
    ...made,
    userPoolArn: pools.arnOf(made.userPoolId),
    demoSecretArn: secretsManager.secrets.arnOf(names.demoSecret),
    identityPoolId: `${config.region}:${derivedUuid(`${config.accountId}/${stage}`)}`,
  };
}
