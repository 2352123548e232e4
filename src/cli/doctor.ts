import { resolve } from 'node:path';
import type { Command } from 'commander';
import { english } from '../core/wording.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { planNetwork } from '../aws/networkPlan.ts';
import { diagnose } from '../onboarding/diagnose.ts';
import { diagnoseNetwork } from '../onboarding/diagnoseNetwork.ts';
import type { Finding } from '../onboarding/diagnoseDeps.ts';
import { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
import { parseFields, vehicleRequestSchema } from '../onboarding/request.ts';
import { parseVin } from '../onboarding/vin.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { EXIT } from './exitCodes.ts';
import { connect, finder, optionsOf, signInOf } from './open.ts';
import {
  type CmsFlags,
  examples,
  notEmpty,
  type SignInFlags,
  withCms,
  withOutput,
  withPassword,
} from './options.ts';
import { requestOf, type RequestFlags, withRequest } from './requestOptions.ts';
import { inSession, type Session } from './session.ts';

type DoctorFlags = CmsFlags &
  Partial<SignInFlags> &
  RequestFlags & { vin?: string; publish: boolean; network?: boolean };

const MARKS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const;

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description("say why a vehicle's data would not arrive: one line a check, with the remedy")
    .option('--vin <vin>', 'the vehicle to look at')
    .option('--network', 'look at proxies, certificates, hosts and ports instead; needs no credentials')
    .option('--no-publish', 'look only, and send no telemetry as the vehicle');
  withRequest(command, ['templateName', 'latitude', 'longitude']);
  withPassword(command).option('--username <name>', 'CMS user to sign in as', notEmpty);
  withCms(command);
  examples(
    withOutput(command),
    'cms-enablement doctor --vin LSH14J4C4LA046511 --username testCMSUser1',
    'cms-enablement doctor --vin LSH14J4C4LA046511 --username testCMSUser1 --no-publish --json',
    'cms-enablement doctor --network --region us-west-2',
  );
  command.action((flags: DoctorFlags) => {
    if (flags.network === true) return inSession(flags, (session) => lookAtNetwork(flags, session));
    const vin = flags.vin ?? missing(command, '--vin <vin>');
    const username = flags.username ?? missing(command, '--username <name>');
    return inSession(flags, (session) => run({ ...flags, vin, username }, session));
  });
}

/** As commander says it of an option that is always required. */
function missing(command: Command, option: string): never {
  return command.error(`error: required option '${option}' not specified`);
}

async function lookAtNetwork(flags: DoctorFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const connection = await connect(flags, session);
  let failed = 0;
  for await (const finding of diagnoseNetwork(await planNetwork(optionsOf(flags)), connection, work)) {
    if (finding.status === 'fail') failed++;
    output.result('finding', finding, describe(finding));
  }
  const summary =
    failed === 0
      ? 'Nothing on the network keeps this machine from AWS.'
      : `The network keeps this machine from AWS: ${failed === 1 ? 'a check' : `${failed} checks`} failed.`;
  output.result('result', { failed }, summary);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function run(flags: DoctorFlags & SignInFlags & { vin: string }, session: Session): Promise<number> {
  const { output, work } = session;
  const { vin } = parseVin(flags.vin, { allowAnyVin: true });
  const { templateName, latitude, longitude } = parseFields(
    vehicleRequestSchema.pick({ templateName: true, latitude: true, longitude: true }),
    requestOf({ ...flags, vin: undefined, username: undefined }),
  );
  const signIn = await signInOf(flags, session);
  const connection = await connect(flags, session);
  const findings = diagnose(
    {
      vin,
      templateName,
      publish: flags.publish,
      position: { latitude, longitude },
    },
    {
      connection,
      signIn,
      findDeployment: finder(connection, flags),
      certificates: createCertificateStore(resolve(flags.certs)),
      device: session.use(await startDevice()),
      cloud: createCloudIdentities(connection),
    },
    work,
  );
  let failed = 0;
  for await (const finding of findings) {
    if (finding.status === 'fail') failed++;
    output.result('finding', finding, describe(finding));
  }
  const summary =
    failed === 0
      ? `Nothing keeps the data of ${vin} from arriving.`
      : `The data of ${vin} would not arrive: ${failed === 1 ? 'a check' : `${failed} checks`} failed.`;
  output.result('result', { vin, failed }, summary);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function describe({ status, title, message, remedy }: Finding): string {
  const line = `${MARKS[status]} ${english(title)}: ${english(message)}`;
  return remedy === undefined ? line : `${line} → ${english(remedy)}`;
}
