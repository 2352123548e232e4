import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { planNetwork } from '../aws/networkPlan.ts';
import { diagnose } from '../onboarding/diagnose.ts';
import { diagnoseNetwork } from '../onboarding/diagnoseNetwork.ts';
import { type Finding, type Fix, SOMEWHERE } from '../cms/contract/checks.ts';
import { parseFields } from '../cms/contract/fields.ts';
import type { Generation } from '../cms/contract/generation.ts';
import { vehicleName } from '../cms/contract/vin.ts';
import { createCloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { FACTS } from '../provisioning/folderNames.ts';
import { EXIT } from './exitCodes.ts';
import { connect, credentialsOf, finder, optionsOf } from './open.ts';
import { confirmed } from './password.ts';
import { type CmsFlags, examples, type SignInFlags, withCms, withOutput, withSignIn } from './options.ts';
import { requestOf, type RequestFlags, withRequest } from './requestOptions.ts';
import { inSession, type Session } from './session.ts';

type DoctorFlags = CmsFlags &
  SignInFlags &
  RequestFlags & { vin?: string; publish: boolean; network?: boolean; fix?: boolean; yes?: boolean };

const MARKS = { ok: '✓', warn: '!', fail: '✗', skip: '-' } as const;

/** Where these fields count for the doctor, too. */
const FIELDS = ['templateName', 'latitude', 'longitude'] as const;

export function addDoctor(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('doctor')
    .description("explain why a vehicle's data would not arrive: one line per check, with the remedy")
    .option('--vin <vin>', 'the vehicle to look at')
    .option('--network', 'look at proxies, certificates, hosts and ports instead; needs no credentials')
    .option('--no-publish', 'look only, and send no telemetry as the vehicle');
  command
    .option('--fix', 'carry out remedies that can be carried out from here; asks before each')
    .option('-y, --yes', 'with --fix: do not ask');
  withRequest(command, FIELDS, generations);
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement doctor --vin LSH14J4C4LA046511 --username testCMSUser1',
    'cms-enablement doctor --vin LSH14J4C4LA046511 --username testCMSUser1 --no-publish --json',
    'cms-enablement doctor --network --region us-west-2',
  );
  command.action((flags: DoctorFlags) => {
    if (flags.network === true) return inSession(flags, (session) => lookAtNetwork(flags, session));
    const vin = flags.vin ?? missing(command, '--vin <vin>');
    return inSession(flags, (session) => run({ ...flags, vin }, session));
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
      ? 'All checks passed: this machine reaches AWS.'
      : `The network keeps this machine from AWS: ${failed === 1 ? 'a check' : `${failed} checks`} failed.`;
  output.result('result', { failed }, summary);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function run(flags: DoctorFlags & { vin: string }, session: Session): Promise<number> {
  const { output, work, generations } = session;
  const vin = vehicleName(flags.vin);
  const wanted = requestOf({ ...flags, vin: undefined, username: undefined }, generations);
  const {
    templateName,
    latitude = SOMEWHERE.latitude,
    longitude = SOMEWHERE.longitude,
  } = choicesOf(wanted, generations);
  const connection = await connect(flags, session);
  const certificates = createCertificateStore(resolve(flags.certs));
  const file = await factsFile(vin, certificates);
  const findings = diagnose(
    {
      vin,
      templateName,
      publish: flags.publish,
      position: { latitude, longitude },
    },
    {
      connection,
      findDeployment: finder(connection, flags, session, credentialsOf(flags, session)),
      certificates,
      device: session.use(await startDevice()),
      cloud: createCloudIdentities(connection),
    },
    work,
  );
  let failed = 0;
  const fixes: Fix[] = [];
  for await (const { id, title, status, message, remedy, fix } of findings) {
    const finding: Finding = { id, title, status, message, ...defined({ remedy }) };
    if (finding.status === 'fail') failed++;
    if (fix !== undefined) fixes.push(fix);
    const fixable = fix === undefined ? {} : { fix: english(fix.title) };
    output.result('finding', { ...finding, ...fixable, file }, describe(finding));
  }
  const fixed = flags.fix === true ? await applyFixes(fixes, flags, session) : 0;
  const summary =
    failed === 0
      ? `All checks passed: data from ${vin} arrives.`
      : `The data of ${vin} would not arrive: ${failed === 1 ? 'a check' : `${failed} checks`} failed.`;
  const done =
    fixed === 0 ? '' : ` ${fixed === 1 ? 'One thing was' : `${fixed} things were`} fixed: run it again.`;
  output.result('result', { vin, failed, ...(flags.fix === true ? { fixed } : {}) }, `${summary}${done}`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

/** Where a program may show what is found of a vehicle: its file of names, with slashes on every system. */
async function factsFile(vin: string, certificates: CertificateStore): Promise<string> {
  const ids = await certificates.ids();
  let folder = vin;
  if (!ids.includes(vin)) {
    for (const id of ids) if ((await certificates.facts(id))?.vin === vin) folder = id;
  }
  return join(certificates.folder, folder, FACTS).replaceAll('\\', '/');
}

interface DoctorChoices {
  templateName?: string;
  latitude?: number;
  longitude?: number;
}

/**
 * What was said, checked by what any generation says of these fields: which one the vehicle's CMS is of is not known
 * before the first check, which may say that there is none. What was not said, the CMS knows better than any of them.
 */
export function choicesOf(wanted: RequestFlags, generations: readonly Generation[]): DoctorChoices {
  const known = generations.flatMap(({ onboarding }) => onboarding?.schema ?? []);
  const fields = FIELDS.filter((name) => name in wanted).flatMap((name) => {
    const [first, ...others] = known.flatMap(({ shape }) =>
      name in shape ? [shape[name] as z.ZodType] : [],
    );
    if (first === undefined) return [];
    return [[name, others.length === 0 ? first : z.union([first, ...others])] as const];
  });
  return parseFields(z.strictObject(Object.fromEntries(fields)), wanted);
}

/** Does what the remedies say, each after asking. @returns how many were done */
async function applyFixes(
  fixes: readonly Fix[],
  { yes }: DoctorFlags,
  { output, work }: Session,
): Promise<number> {
  let fixed = 0;
  for (const fix of fixes) {
    const what = english(fix.title);
    if (yes !== true && (output.json || !process.stdin.isTTY)) {
      throw new CmsError('REQUEST_INVALID', l10n.t('Something can be fixed, but nobody can be asked here.'), {
        remedy: l10n.t('Look at the findings first, then use --fix --yes.'),
      });
    }
    if (yes !== true && !(await confirmed(`${what}?`, work.signal))) continue;
    work.progress({ step: 'fix', level: 'info', message: fix.title });
    await fix.run(work);
    fixed += 1;
  }
  return fixed;
}

function describe({ status, title, message, remedy }: Finding): string {
  const line = `${MARKS[status]} ${english(title)}: ${english(message)}`;
  return remedy === undefined ? line : `${line} → ${english(remedy)}`;
}
