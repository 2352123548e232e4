import { resolve } from 'node:path';
import type { Connection, ConnectionOptions } from '../aws/connection.ts';
import { createConnection } from '../aws/createConnection.ts';
import type { Credentials, SignIn } from '../cms/contract/credentials.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { OnboardingFields } from '../cms/contract/fields.ts';
import { openDeployment } from '../cms/open.ts';
import { defined } from '../core/defined.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { notPossible } from '../onboarding/onboard.ts';
import { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import {
  type CertificateFlags,
  type ConnectionFlags,
  partsOf,
  type SignInFlags,
  type StackFlags,
} from './options.ts';
import { mfaCodeOf, newPasswordOf, passwordOf, tokenOf, typedSignIn } from './password.ts';
import type { Session } from './session.ts';

/** What the flags say about a connection. */
export function optionsOf(flags: ConnectionFlags): ConnectionOptions {
  const { profile, region, endpoint, endpointSecret, ca, mqttPort } = flags;
  return defined({ profile, region, endpoint, endpointSecret, caFile: ca, mqttPort });
}

/** Creates the connection described by the flags, the environment and the profile. */
export async function connect(flags: ConnectionFlags, session: Session): Promise<Connection> {
  const connection = await createConnection(
    {
      ...optionsOf(flags),
      mfaCode: (serial) => {
        session.output.quiet();
        return mfaCodeOf(serial, session.work.signal);
      },
    },
    session.work,
  );
  const { warning } = connection;
  if (warning !== undefined) session.work.progress({ step: 'connect', level: 'warn', message: warning });
  return session.use(connection);
}

/** Returns a function that finds the CMS that the flags name. */
export function finder(
  connection: Connection,
  flags: StackFlags,
  { generations }: Pick<Session, 'generations'>,
  credentials: Credentials,
): (signal: AbortSignal) => Promise<Deployment> {
  const { deployment, stack } = flags;
  const choice = { ...defined({ deployment, stack }), parts: partsOf(flags, generations) };
  return (signal) => openDeployment(connection, choice, credentials, signal, generations);
}

/** What was asked for in a session, by whom or what it is for, and which realm and issuer asked first. */
interface Asked {
  readonly signIns: Map<string, Promise<SignIn>>;
  readonly tokens: Map<string, Promise<string>>;
  firstRealm?: string;
  firstIssuer?: string;
}

/** A session may make several sets of credentials; what was given to it goes to one realm and issuer all the same. */
const askedIn = new WeakMap<Session, Asked>();

function askedOf(session: Session): Asked {
  const known = askedIn.get(session);
  if (known !== undefined) return known;
  const asked: Asked = { signIns: new Map(), tokens: new Map() };
  askedIn.set(session, asked);
  return asked;
}

/**
 * Who signs in, as the flags say it; passwords and tokens are asked for when they are first needed, and once for each
 * realm and issuer of the session. What this command was given is for the first that asks and goes to no other.
 * @param more what else is known of the one who signs in
 */
export function credentialsOf(
  flags: SignInFlags,
  session: Session,
  more: Omit<SignIn, 'username' | 'password' | 'newPassword'> = {},
): Credentials {
  const { signal } = session.work;
  const asked = askedOf(session);
  const quiet = (): void => session.output.quiet();
  const ask = async (username: string): Promise<SignIn> => ({
    username,
    password: await passwordOf(username, flags, signal),
    newPassword: () => {
      quiet();
      return newPasswordOf(username, signal);
    },
  });
  return {
    async password({ realm, label }) {
      quiet();
      asked.firstRealm ??= realm;
      if (realm !== asked.firstRealm) {
        return once(asked.signIns, realm, () => typedSignIn(label, signal, quiet));
      }
      const { username } = flags;
      if (username === undefined) {
        throw new CmsError('REQUEST_INVALID', l10n.t('No user is specified to sign in.'), {
          remedy: l10n.t('Use --username: {what}.', { what: label }),
        });
      }
      return { ...more, ...(await once(asked.signIns, `${realm}\n${username}`, () => ask(username))) };
    },
    token({ issuer, label }) {
      quiet();
      asked.firstIssuer ??= issuer;
      return once(asked.tokens, issuer, () => tokenOf(label, issuer === asked.firstIssuer, signal));
    },
  };
}

function once<T>(answers: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(key, answer);
  return answer;
}

/** Connects and finds the CMS that the flags name; nobody is signed in before something needs it. */
export async function openStack(flags: ConnectionFlags & StackFlags & SignInFlags, session: Session) {
  const connection = await connect(flags, session);
  const find = finder(connection, flags, session, credentialsOf(flags, session));
  return { connection, deployment: await find(session.work.signal) };
}

/** The same with what is known of vehicles on this machine and in AWS IoT. */
export async function openVehicles(
  flags: ConnectionFlags & StackFlags & SignInFlags & CertificateFlags,
  session: Session,
) {
  const { connection, deployment } = await openStack(flags, session);
  return {
    connection,
    deployment,
    cloud: createCloudIdentities(connection),
    certificates: createCertificateStore(resolve(flags.certs)),
  };
}

/** What was opened already, not to connect, and perhaps be asked for a code, twice. */
export type OpenedStack = Awaited<ReturnType<typeof openStack>>;

/**
 * What no generation takes needs no cloud to be told so.
 * @param given the fields that were given
 * @throws what `check` throws for the one that comes closest: others lack fields that it does not have, or do not know
 * those that were given
 */
export function refuseForAll(
  { generations }: Pick<Session, 'generations'>,
  given: readonly string[],
  check: (fields: OnboardingFields) => unknown,
): void {
  let refusal: { error: unknown; distance: number } | undefined;
  for (const { onboarding } of generations) {
    if (onboarding === undefined) continue;
    try {
      check(onboarding);
      return;
    } catch (error) {
      const problems = isCmsError(error) ? Number(error.details.problems ?? 1) : 1;
      const unknown = given.filter((name) => !Object.hasOwn(onboarding.schema.shape, name));
      const distance = problems + unknown.length;
      if (refusal === undefined || distance < refusal.distance) refusal = { error, distance };
    }
  }
  if (refusal !== undefined) throw refusal.error;
}

/**
 * By what a request is checked: of the only generation that onboards vehicles, else of the deployment that the flags
 * name, which is opened then.
 */
export async function fieldsFor(
  flags: ConnectionFlags & StackFlags & SignInFlags,
  session: Session,
): Promise<{ fields: OnboardingFields; opened?: OpenedStack }> {
  const able = session.generations.flatMap(({ onboarding }) => onboarding ?? []);
  const [only, another] = able;
  if (only !== undefined && another === undefined) return { fields: only };
  const opened = await openStack(flags, session);
  const { onboarding } = session.generations.find(({ id }) => id === opened.deployment.generation) ?? {};
  if (onboarding === undefined) throw notPossible(opened.deployment, 'onboard');
  return { fields: onboarding, opened };
}
