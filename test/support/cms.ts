import { CreateKeysAndCertificateCommand } from '@aws-sdk/client-iot';
import type { Connection } from '../../src/aws/connection.ts';
import { createConnection } from '../../src/aws/createConnection.ts';
import type { CdfApi } from '../../src/cms/cdf/api.ts';
import { openCdfApi } from '../../src/cms/cdf/generation.ts';
import type { Credentials } from '../../src/cms/contract/credentials.ts';
import { findDeployments } from '../../src/cms/discover.ts';
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

/** The APIs of the only CMS v1 there is. */
export async function openCdf(connection: Connection, signal: AbortSignal): Promise<CdfApi> {
  for await (const found of findDeployments(connection, signal)) {
    if (found.generation === 'cdf') return openCdfApi(connection, found);
  }
  throw new Error('There is no CMS v1.');
}

/** The same, with the user `person` signed in. */
export async function signedIn(connection: Connection, signal: AbortSignal): Promise<CdfApi> {
  const api = await openCdf(connection, signal);
  await api.signIn(person, { create: true }, signal);
  return api;
}

/** Nobody signs in here. */
export const nobody: Credentials = {
  password: () => Promise.reject(new Error('Nobody was to sign in.')),
  token: () => Promise.reject(new Error('No token was to be asked for.')),
};

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
