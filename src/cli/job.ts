import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { readTextFile, whyUnread } from '../core/bounded.ts';
import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { defined } from '../core/defined.ts';
import { certainVehicle } from '../onboarding/resolveVehicle.ts';
import {
  checkJobs,
  createJob,
  followJob,
  newJobId,
  readJobDocument,
  type JobProgress,
  updateDocument,
} from '../onboarding/vehicleJob.ts';
import { EXIT } from './exitCodes.ts';
import { openStack } from './open.ts';
import {
  type CmsFlags,
  count,
  examples,
  notEmpty,
  type SignInFlags,
  withCms,
  withOutput,
  withSignIn,
} from './options.ts';
import { inSession, type Session } from './session.ts';

type JobFlags = CmsFlags &
  SignInFlags & {
    vin: string;
    document?: string;
    updateTo?: string;
    jobId?: string;
    timeout?: number;
    /** False with --no-wait. */
    wait: boolean;
  };

export function addJob(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('job')
    .description('send a job (a command) to a vehicle through AWS IoT, and follow it to its end')
    .requiredOption('--vin <vin>', 'vehicle, simulated or real', notEmpty)
    .option('--document <file|json>', 'the job document: a JSON file, or the JSON itself', notEmpty)
    .option(
      '--update-to <version>',
      "instead of a document: an over-the-air update in the format of the vehicle's CMS",
      notEmpty,
    )
    .option('--job-id <id>', 'id of the job in the account (default: a new one)', notEmpty)
    .option('--timeout <seconds>', 'stop following after this long; the job stays', count)
    .option('--no-wait', 'create the job without following it');
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement job --vin LSH14J4C4LA046511 --update-to 2.0',
    'cms-enablement job --vin LSH14J4C4LA046511 --document update.json --timeout 60',
    `cms-enablement job --vin LSH14J4C4LA046511 --document '{"operation":"openDoors"}' --json`,
  ).addHelpText(
    'after',
    '\nSimulated vehicles do updates (CMS v1: OtaUpdate and updateFirmware), and reject all else. A vehicle that is not connected does\n' +
      'its jobs when it connects. Exit code 0 when the vehicle reports SUCCEEDED.',
  );
  command.action((flags: JobFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: JobFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const { vin, timeout, wait } = flags;
  const given = await documentOf(flags);
  const { connection, deployment } = await openStack(flags, session);
  await checkJobs(deployment, work.signal);
  const document = given ?? updateDocument(deployment, flags.updateTo ?? '');
  const jobId = flags.jobId ?? newJobId(work.clock.now(), work.random);
  const { thingName } = await certainVehicle(vin, deployment, work.signal);
  const request = { vin, thingName, jobId, document };
  await createJob(connection, request, work);
  output.result('job', { vin, jobId, document: JSON.parse(document) as unknown }, `Job ${jobId} is created.`);
  if (!wait) return EXIT.ok;
  const changed = (progress: JobProgress) => show(session, { vin, jobId }, progress);
  await followJob(
    connection,
    request,
    { changed, ...defined({ timeoutMs: timeout && timeout * 1000 }) },
    work,
  );
  output.result('result', { vin, jobId, status: 'SUCCEEDED' }, `${vin} carried out the job.`);
  return EXIT.ok;
}

function show({ output, work }: Session, about: { vin: string; jobId: string }, progress: JobProgress): void {
  const { status, details } = progress;
  if (output.json) {
    output.result('status', { ...about, status, details }, '');
    return;
  }
  const reasons = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  const message = l10n.verbatim(reasons.length === 0 ? status : `${status} (${reasons.join(', ')})`);
  work.progress({ step: 'job', level: 'info', vin: about.vin, message });
}

/** AWS IoT takes 32 KB; a file may be laid out with much space. */
const MOST_DOCUMENT_BYTES = 2 ** 20;

/** Undefined for one that the generation makes. */
async function documentOf({ document, updateTo }: JobFlags): Promise<string | undefined> {
  if (document === undefined && updateTo !== undefined) return undefined;
  if (document === undefined || updateTo !== undefined) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('Specify what the vehicle should do: --document or --update-to.'),
      { remedy: l10n.t('Specify exactly one of them.') },
    );
  }
  if (/^\s*[{["]/.test(document)) return readJobDocument(document);
  try {
    return readJobDocument(await readTextFile(document, { mostBytes: MOST_DOCUMENT_BYTES }));
  } catch (error) {
    if (isCmsError(error)) throw error;
    const reason = whyUnread(error);
    throw new CmsError('REQUEST_INVALID', l10n.t('The job document cannot be read: {reason}.', { reason }), {
      remedy: l10n.t('Check the path, or pass the JSON itself.'),
      cause: error,
    });
  }
}
