import { resolve } from 'node:path';
import type { Command } from 'commander';
import { english } from '../core/wording.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { diagnose } from '../onboarding/diagnose.ts';
import type { Finding } from '../onboarding/diagnoseDeps.ts';
import { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
import { parseFields, vehicleRequestSchema } from '../onboarding/request.ts';
import { parseVin } from '../onboarding/vin.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { EXIT } from './exitCodes.ts';
import { connect, finder, signInOf } from './open.ts';
import { type CmsFlags, examples, type SignInFlags, withCms, withOutput, withSignIn } from './options.ts';
import { requestOf, type RequestFlags, withRequest } from './requestOptions.ts';
import { inSession, type Session } from './session.ts';

type DoctorFlags = CmsFlags & SignInFlags & RequestFlags & { vin: string; publish: boolean };

const MARKS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const;

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description("say why a vehicle's data would not arrive: one line a check, with the remedy")
    .requiredOption('--vin <vin>', 'the vehicle to look at')
    .option('--no-publish', 'look only, and send no telemetry as the vehicle');
  withRequest(command, ['templateName', 'latitude', 'longitude']);
  withSignIn(command);
  withCms(command);
  examples(
    withOutput(command),
    'cms-enablement doctor --vin LSH14J4C4LA046511 --username testCMSUser1',
    'cms-enablement doctor --vin LSH14J4C4LA046511 --username testCMSUser1 --no-publish --json',
  );
  command.action((flags: DoctorFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: DoctorFlags, session: Session): Promise<number> {
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
