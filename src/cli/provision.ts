import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CmsDeployment } from '../cms/deployment.ts';
import { defined } from '../core/defined.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { parseRequest } from '../onboarding/request.ts';
import { claimOf } from '../onboarding/requestParts.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import type { ProvisionDeps, ProvisionRequest } from '../provisioning/contract.ts';
import { provision } from '../provisioning/provision.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import { EXIT } from './exitCodes.ts';
import { openStack } from './open.ts';
import { type CmsFlags, examples, withCms, withOutput } from './options.ts';
import { requestOf, type RequestFlags, withRequest } from './requestOptions.ts';
import { inSession, type Session } from './session.ts';

export type ProvisionFlags = CmsFlags & RequestFlags & { replace?: boolean };

const FIELDS = [
  'vin',
  'allowAnyVin',
  'keys',
  'claim',
  'claimCertificateFile',
  'claimKeyFile',
  'keepClaimFiles',
  'templateName',
  'tags',
];

export function addProvision(program: Command): void {
  const command = program
    .command('provision')
    .description('get the production certificate of a vehicle, and nothing else of onboarding');
  withProvisioning(command).option(
    '--replace',
    'set a pair on disk that cannot be used aside, and get a new one',
  );
  withCms(command);
  examples(
    withOutput(command),
    'cms-enablement provision --vin LSH14J4C4LA046511 --keys csr-ec',
    'cms-enablement provision --vin LSH14J4C4LA046511 --claim temporary --certs ./certs',
    'cms-enablement provision --vin LSH14J4C4LA046511 --replace',
  );
  command.action((flags: ProvisionFlags) => inSession(flags, (session) => run(flags, session)));
}

/** Options for the vehicle, the claim and the key. */
export function withProvisioning(command: Command): Command {
  return withRequest(command, FIELDS);
}

export function provisionRequestOf(
  flags: ProvisionFlags,
  { work }: Session,
): Omit<ProvisionRequest, 'vehicle'> & { vin: string } {
  // Provisioning does not need an owner. These values only complete the request, so that it can be validated.
  const owner = { username: 'nobody', firstName: '-', lastName: '-' };
  const { request, warnings } = parseRequest({ ...requestOf(flags), ...owner }, work.clock.now());
  for (const message of warnings) work.progress({ step: 'check', level: 'warn', message });
  const { vin, keys, templateName, tags } = request;
  return defined({ vin, keys, templateName, claim: claimOf(request), tags });
}

/** The dependencies of provisioning and rotation: the CMS, local certificates, and a device process. */
export async function provisionDepsOf(
  flags: CmsFlags,
  session: Session,
): Promise<ProvisionDeps & { deployment: CmsDeployment }> {
  const { connection, deployment } = await openStack(flags, session);
  return {
    connection,
    deployment,
    provisioner: deployment.provisioner,
    certificates: createCertificateStore(resolve(flags.certs)),
    device: session.use(await startDevice()),
  };
}

async function run(flags: ProvisionFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const request = { ...provisionRequestOf(flags, session), replace: flags.replace === true };
  // Checked before any call to AWS, because afterwards it would be too late to find that the folder is not writable.
  await createCertificateStore(resolve(flags.certs)).ready();
  const deps = await provisionDepsOf(flags, session);
  const { vin, ...wishes } = request;
  const vehicle = deps.deployment.refOf(vin);
  await ensureSetup(request, deps, work);
  const { result, identity, certificateArn, files } = await provision({ ...wishes, vehicle }, deps, work);
  const { certificateId, notAfter } = identity;
  const inUse = [...new Set([...files, identity.files.certificate, identity.files.privateKey])];
  output.result(
    'result',
    { vin, result, certificateId, certificateArn, notAfter, files: inUse },
    [`${vin}: certificate ${certificateId} (${result})`, ...inUse.map((file) => `  ${file}`)].join('\n'),
  );
  return EXIT.ok;
}
