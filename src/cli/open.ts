import { resolve } from 'node:path';
import type { Connection, ConnectionOptions } from '../aws/connection.ts';
import { createConnection } from '../aws/createConnection.ts';
import type { CmsDeployment, SignIn } from '../cms/deployment.ts';
import { openDeployment } from '../cms/open.ts';
import { defined } from '../core/defined.ts';
import { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import type { CertificateFlags, ConnectionFlags, SignInFlags, StackFlags } from './options.ts';
import { mfaCodeOf, newPasswordOf, passwordOf } from './password.ts';
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
  { stack, core }: StackFlags,
): (signal: AbortSignal) => Promise<CmsDeployment> {
  return (signal) => openDeployment(connection, defined({ stack, core }), signal);
}

export async function signInOf(flags: SignInFlags, session: Session): Promise<SignIn> {
  const { username } = flags;
  return {
    username,
    password: await passwordOf(username, flags, session.work.signal),
    newPassword: () => {
      session.output.quiet();
      return newPasswordOf(username, session.work.signal);
    },
  };
}

/** Connects and finds the CMS that the flags name, without signing in. */
export async function openStack(flags: ConnectionFlags & StackFlags, session: Session) {
  const connection = await connect(flags, session);
  return { connection, deployment: await finder(connection, flags)(session.work.signal) };
}

/** Connects, finds the CMS and signs in, for commands on an existing CMS. */
export async function openSignedIn(
  flags: ConnectionFlags & StackFlags & SignInFlags & CertificateFlags,
  session: Session,
) {
  const signIn = await signInOf(flags, session);
  const { connection, deployment } = await openStack(flags, session);
  await deployment.signIn(signIn, { create: false }, session.work.signal);
  return {
    connection,
    deployment,
    cloud: createCloudIdentities(connection),
    certificates: createCertificateStore(resolve(flags.certs)),
  };
}
