import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { PoolChange } from '../cms/contract/credentials.ts';
import type { OnboardingFields, OnboardRequest } from '../cms/contract/fields.ts';
import type { Generation } from '../cms/contract/generation.ts';
import type { StepInfo, StepReport } from '../cms/contract/steps.ts';
import { CmsError } from '../core/errors.ts';
import { defined } from '../core/defined.ts';
import { l10n } from '../core/message.ts';
import { createFile } from '../core/safeFiles.ts';
import { startDevice } from '../device/client/deviceProcess.ts';
import { onboardFleet, type VehicleOutcome } from '../onboarding/fleet.ts';
import { manifestFormatOf, readManifest } from '../onboarding/manifest.ts';
import { commonSteps, preparationSteps } from '../onboarding/commonSteps.ts';
import { flatResult, onboard, type OnboardingResult } from '../onboarding/onboard.ts';
import type { OnboardDeps } from '../onboarding/onboardDeps.ts';
import { withStep } from '../onboarding/steps.ts';
import { partOf, WHOLE } from '../scale/shard.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { readManifestFile } from './manifestFile.ts';
import { askerOf, type RenewalFlags, withRenewal } from './askRenewal.ts';
import { caOf } from './caOptions.ts';
import { EXIT } from './exitCodes.ts';
import { connect, credentialsOf, fieldsFor, finder, type OpenedStack, refuseForAll } from './open.ts';
import {
  type CmsFlags,
  examples,
  type CaFlags,
  type RoleFlags,
  withCaFolder,
  withCms,
  withOutput,
  withPassword,
  withRoleBoundary,
} from './options.ts';
import { describeFleet, describeOnboarding, describeState, describeVehicle } from './onboardText.ts';
import type { PasswordOptions } from './password.ts';
import { checkFleetPart, type FleetFlags, paceOf, withFleetPart } from './provisionFleet.ts';
import { requestOf, type RequestFlags, withRequest } from './requestOptions.ts';
import { signInOptionsOf, withSignInOptions, wrongSignIn } from './signInOptions.ts';
import { inSession, type Session } from './session.ts';

export type OnboardFlags = CmsFlags &
  PasswordOptions &
  RoleFlags &
  CaFlags &
  RequestFlags &
  RenewalFlags &
  FleetFlags & {
    username?: string;
    email?: string;
    signInAs?: string;
  };

export function addOnboard(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('onboard')
    .description('onboard a vehicle, or a fleet, until its CMS shows it')
    .summary('onboard a vehicle, or a fleet of them');
  withCaFolder(withRoleBoundary(withRequest(command, undefined, generations)));
  withRenewal(command.optionsGroup('Certificate:'));
  withFleetPart(command, 'CSV or JSON manifest; the options above are defaults for its vehicles');
  withPassword(command).option(
    '--sign-in-as <name>',
    'user to sign in as (default: --username); created if missing',
  );
  withSignInOptions(command, generations);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement onboard --stack cms-dev1 --vin LSH14J4C4LA046511 --first-name Test --last-name User --username testCMSUser1',
    'cms-enablement onboard --vin LSH14J4C4LA046511 --first-name Eva --last-name Ek --username eva --keys csr-ec --make Acme --model-year 2024',
    'cms-enablement onboard --fleet fleet.csv --sign-in-as operator --json',
    'cms-enablement onboard --fleet fleet.csv --sign-in-as operator --shard 2/4 --keys csr-ec',
  );
  command.action((flags: OnboardFlags) =>
    inSession(flags, (session) => {
      checkFleetPart(flags);
      return flags.fleet === undefined
        ? onboardOne(flags, session)
        : onboardMany(flags, flags.fleet, session);
    }),
  );
}

async function onboardOne(flags: OnboardFlags, session: Session): Promise<number> {
  const result = await onboardVehicle(flags, session);
  const text = describeOnboarding(result, { steps: !session.output.showsSteps });
  session.output.result('result', flatResult(result), text);
  return EXIT.ok;
}

/** Onboards a vehicle without reporting the result. On failure, prints what is done and what is not. */
export async function onboardVehicle(flags: OnboardFlags, session: Session): Promise<OnboardingResult> {
  const given = requestOf(flags, session.generations);
  const parse = (of: OnboardingFields) => of.parse(given, session.work.clock.now());
  refuseForAll(session, Object.keys(given), parse);
  const { fields, opened } = await fieldsOf(flags, session);
  const { request, warnings } = parse(fields);
  for (const message of warnings) session.work.progress({ step: 'check', level: 'warn', message });
  const done: StepReport[] = [];
  const deps = await depsOf(flags, { fields, opened }, signInNameOf(fields, request), session, (report) => {
    done.push(report);
    session.output.step(report);
  });
  try {
    return await onboard(request, deps, session.work, warnings);
  } catch (error) {
    const steps: readonly StepInfo[] = [...commonSteps, ...fields.steps];
    session.output.note(describeState(steps, done, request.vin));
    throw error;
  }
}

async function onboardMany(flags: OnboardFlags, file: string, session: Session): Promise<number> {
  const { output, work } = session;
  // A file that cannot be read needs no cloud to be told so.
  const text = await readManifestFile(file);
  const { fields, opened } = await fieldsOf(flags, session);
  if ((flags.shard ?? WHOLE).count > 1 && fields.onePlace !== undefined) {
    throw new CmsError('REQUEST_INVALID', fields.onePlace, {
      remedy: l10n.t('Leave out --shard.'),
    });
  }
  const all = readManifest(text, {
    fields,
    format: manifestFormatOf(file),
    defaults: requestOf(flags, session.generations),
    now: work.clock.now(),
  });
  const { from, to } = partOf(flags.shard ?? WHOLE, all.length);
  const vehicles = all.slice(from, to);
  for (const { request, warnings } of vehicles) {
    for (const message of warnings)
      work.progress({ step: 'check', level: 'warn', message, vin: request.vin });
  }
  const users = new Set(vehicles.map(({ request }) => signInNameOf(fields, request)));
  const [user, another] = users;
  if (flags.signInAs === undefined && another !== undefined) {
    throw new CmsError('REQUEST_INVALID', l10n.t('The vehicles of the fleet have several users.'), {
      remedy: l10n.t('Specify with --sign-in-as who signs in.'),
    });
  }
  const deps = await depsOf(flags, { fields, opened }, user, session, (report) => {
    if (report.vin === undefined || output.json) output.step(report);
  });
  const result = await onboardFleet(
    vehicles,
    {
      ...deps,
      onVehicle: (outcome) => output.result('vehicle', outcomeJson(outcome), describeVehicle(outcome)),
    },
    work,
    paceOf(flags),
  );
  const { onboarded, created, found, failed, unfinished, cancelled, ms } = result;
  const counts = { onboarded, created, found, failed, unfinished, cancelled, ms };
  output.result('result', counts, describeFleet(result));
  if (cancelled) return EXIT.cancelled;
  if (failed + unfinished === 0) return EXIT.ok;
  return onboarded > 0 ? EXIT.partlyFailed : EXIT.failed;
}

/** Which fields there are says the deployment, where there are several generations: finding it is the step of that name. */
async function fieldsOf(flags: OnboardFlags, session: Session): ReturnType<typeof fieldsFor> {
  try {
    return await fieldsFor(flags, session);
  } catch (error) {
    throw withStep(error, preparationSteps.findStacks.id);
  }
}

async function depsOf(
  flags: OnboardFlags,
  { fields, opened }: { fields: OnboardingFields; opened: OpenedStack | undefined },
  defaultUser: string | undefined,
  session: Session,
  onStep: (report: StepReport) => void,
): Promise<OnboardDeps> {
  const username = flags.signInAs ?? defaultUser;
  const options = signInOptionsOf(fields, flags);
  const problem = username === undefined ? undefined : fields.signIn?.problem(username);
  if (problem !== undefined) throw wrongSignIn(l10n.t('The sign-in {problem}', { problem }));
  const certificates = createCertificateStore(resolve(flags.certs));
  const { passwordStdin } = flags;
  const { emailField } = fields.signIn ?? {};
  const email = emailField === undefined ? undefined : flags[emailField];
  const credentials = credentialsOf(defined({ username, passwordStdin }), session, {
    options,
    ...(typeof email === 'string' ? { email } : {}),
    keepPoolChange: (change) => savePoolChange(change, certificates.folder, session),
  });
  const connection = opened?.connection ?? (await connect(flags, session));
  return {
    connection,
    certificates,
    onStep,
    findDeployment: finder(connection, flags, session, credentials),
    // One question for each vehicle of a fleet is too much: without --yes such a row is refused.
    ...(flags.fleet === undefined || flags.yes === true ? { agree: askerOf(flags, session) } : {}),
    device: session.use(await startDevice()),
    ca: caOf(flags, session),
    ...defined({ roleBoundary: flags.roleBoundary }),
  };
}

/** Who signs in for a vehicle, if its CMS has users and nobody else is named. */
function signInNameOf({ signIn }: OnboardingFields, request: OnboardRequest): string | undefined {
  const name: unknown = signIn && Reflect.get(request, signIn.field);
  return typeof name === 'string' ? name : undefined;
}

/** Saves the pool's settings next to the certificates before it is opened, in case it cannot be closed again. */
async function savePoolChange(change: PoolChange, folder: string, { work }: Session): Promise<void> {
  const file = join(folder, `user-pool-before-${work.clock.now()}.json`);
  await createFile(file, `${JSON.stringify(change, undefined, 2)}\n`, 0o600);
  work.progress({
    step: 'sign-in',
    level: 'info',
    message: l10n.t("The user pool's settings are kept in {file}", { file }),
  });
}

/** The outcome with its error as a plain object, for JSON. */
function outcomeJson(outcome: VehicleOutcome): object {
  if (outcome.status === 'onboarded') return { ...outcome, result: flatResult(outcome.result) };
  if (outcome.status !== 'failed') return outcome;
  const { code, message, remedy, step, details } = outcome.error;
  return { ...outcome, error: { code, message, remedy, step, details } };
}
