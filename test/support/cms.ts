import { CreateKeysAndCertificateCommand } from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import { createConnection } from '../../src/aws/createConnection.ts';
import type { CmsDeployment } from '../../src/cms/deployment.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { CmsError } from '../../src/core/errors.ts';
import { testCredentials } from './sandbox.ts';
import type { SandboxProcess } from './sandbox.ts';
import { testWork } from './works.ts';

export const person = { username: 'testCMSUser1', password: 'Testing1234' };

export function connectTo(sandbox: SandboxProcess): Promise<Connection> {
  return createConnection(
    {
      endpoint: sandbox.endpoint,
      region: sandbox.ready.region,
      caFile: sandbox.caFile,
      credentials: testCredentials,
    },
    testWork(),
  );
}

/** The sandbox's CMS, with the user `person` signed in. */
export async function signedIn(connection: Connection, signal: AbortSignal): Promise<CmsDeployment> {
  const deployment = await openDeployment(connection, {}, signal);
  await deployment.signIn(person, { create: true }, signal);
  return deployment;
}

/** Creates a certificate that a device can be registered with. */
export async function newCertificate(connection: Connection): Promise<string> {
  const answer = await (
    await connection.iot()
  ).send(new CreateKeysAndCertificateCommand({ setAsActive: false }));
  return answer.certificateId!;
}

/** The CmsError that the work fails with. Throws if it does not fail with one. */
export async function errorOf(work: Promise<unknown>): Promise<CmsError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CmsError) return error;
  throw new Error(`expected a CmsError, got ${String(error)}`, { cause: error });
}
