import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { english } from '../core/wording.ts';
import { provisionerOf } from '../onboarding/onboard.ts';
import { readCaFolder } from '../provisioning/ca/caFolder.ts';
import { ownCaOf } from '../provisioning/ca/ensureOwnCa.ts';
import {
  allowedBy,
  ensureFunction,
  findFunction,
  functionStackName,
  removeFunction,
  whatFunctionMakes,
  whatIsReplaced,
} from '../provisioning/ca/function/registrationFunction.ts';
import {
  functionCode,
  whatChanges,
  whatIsRemoved,
  whatWasSetUp,
  whomItLetsIn,
} from '../provisioning/ca/function/plan.ts';
import { functionTemplate } from '../provisioning/ca/function/template.ts';
import { agreed } from './agreed.ts';
import { allowListIn } from './caOptions.ts';
import { EXIT } from './exitCodes.ts';
import { readManifestFile } from './manifestFile.ts';
import { connect, openStack } from './open.ts';
import {
  caFolderOf,
  type CaFlags,
  type CmsFlags,
  type CommonFlags,
  examples,
  notEmpty,
  type RoleFlags,
  withCaFolder,
  withCms,
  withConnection,
  withOutput,
  withRoleBoundary,
} from './options.ts';
import { inSession, type Session, type SessionOptions } from './session.ts';

type OneFlags = CaFlags & { id?: string; yes?: boolean };
type SetupFlags = OneFlags &
  CmsFlags &
  RoleFlags & { allow: string; revokeOthers?: boolean; replaceList?: boolean };
type RemoveFlags = OneFlags & CommonFlags;

/** `ca function`: just-in-time registration while nobody watches. */
export function addCaFunction(ca: Command, generations: readonly Generation[]): void {
  const command = ca
    .command('function')
    .description('let vehicles in while nobody watches (jitr): a function in AWS decides by your list');
  addSetup(command, generations);
  addRemove(command);
  addTemplate(command);
}

function withOne(command: Command): Command {
  return withCaFolder(command)
    .option('--id <id>', 'id of the CA, as "ca list" shows it (default: that of the folder)', notEmpty)
    .option('-y, --yes', 'do not ask');
}

function addSetup(parent: Command, generations: readonly Generation[]): void {
  const command = parent
    .command('setup')
    .description('deploy the function with its list, or give one that is there this list')
    .requiredOption(
      '--allow <file>',
      'those that may come in: a list as "certificates issue" writes it, or a fleet file',
      notEmpty,
    )
    .option('--revoke-others', 'revoke the certificates of all others, instead of leaving them pending')
    .option('--replace-list', 'with --yes: also remove vehicles from the list that is there');
  withCms(withOne(withRoleBoundary(command)), generations);
  examples(withOutput(command), 'cms-enablement ca function setup --allow certs/manifest.csv');
  command.action((flags: SetupFlags) => inSession(flags, (session) => setUp(flags, session)));
}

async function setUp(flags: SetupFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const text = await readManifestFile(flags.allow);
  const caId = await idIn(flags);
  const { connection, deployment } = await openStack(flags, session);
  const list = allowListIn(text, flags.allow, deployment, session);
  const setup = ownCaOf({ provisioner: provisionerOf(deployment) });
  const { accountId } = await connection.identity(work.signal);
  const replaced = await whatIsReplaced({ caId, list }, connection, work.signal);
  const revoke = flags.revokeOthers === true;
  const plan = [
    `In account ${accountId}, ${connection.region}:`,
    ...whatFunctionMakes(caId).map((line) => `  - ${english(line)}`),
    english(whomItLetsIn(list.size, revoke)),
    ...(replaced === undefined ? [] : whatChanges(replaced, { setup, revoke }).map(english)),
  ];
  const lost = flags.replaceList === true ? 0 : (replaced?.removed ?? 0);
  const refused = lost === 0 ? undefined : removesOthers(lost);
  if (!(await agreed(flags, { plan, ask: 'Deploy it?', refused }, session))) return EXIT.cancelled;
  const done = await ensureFunction(
    { caId, list, setup, revoke, code: await functionCode(), roleBoundary: flags.roleBoundary },
    connection,
    work,
  );
  output.result(
    'result',
    { stack: done.stack.name, result: done.result, list: done.list, waiting: done.waiting },
    whatWasSetUp(done).map(english).join('\n'),
  );
  return EXIT.ok;
}

function removesOthers(count: number): CmsError {
  return new CmsError(
    'REQUEST_INVALID',
    l10n.plural(
      count,
      l10n.t('The list of the function has a vehicle that is not in yours.'),
      l10n.t('The list of the function has {count} vehicles that are not in yours.', { count }),
    ),
    { remedy: l10n.t('Add them to your list, or use --replace-list to remove them.') },
  );
}

function addRemove(parent: Command): void {
  const command = parent
    .command('remove')
    .description('remove the function with all it has in AWS; vehicles that came in by it keep working');
  withConnection(withOne(command));
  examples(withOutput(command), 'cms-enablement ca function remove');
  command.action((flags: RemoveFlags) => inSession(flags, (session) => remove(flags, session)));
}

async function remove(flags: RemoveFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const caId = await idIn(flags);
  const connection = await connect(flags, session);
  const name = functionStackName(caId);
  const found = await findFunction(caId, connection, work.signal);
  if (found === undefined) {
    output.result('result', { stack: name, result: 'found' }, `There is no stack ${name}.`);
    return EXIT.ok;
  }
  const count = await allowedBy(found, connection, work.signal);
  const plan = whatIsRemoved(found, count).map(english);
  if (!(await agreed(flags, { plan, ask: 'Remove all this?' }, session))) return EXIT.cancelled;
  await removeFunction(caId, connection, work);
  output.result('result', { stack: name, result: 'removed', vehicles: count }, `Stack ${name} is removed.`);
  return EXIT.ok;
}

function addTemplate(parent: Command): void {
  const command = parent
    .command('template')
    .description('print the CloudFormation template of the function, to deploy it in your own way');
  examples(withOutput(command), 'cms-enablement ca function template > registrations.json');
  command.action((flags: SessionOptions) =>
    inSession(flags, async ({ output }) => {
      const template = functionTemplate(await functionCode());
      output.result('template', JSON.parse(template) as object, template);
      return EXIT.ok;
    }),
  );
}

async function idIn({ id, ...flags }: OneFlags): Promise<string> {
  return id ?? (await readCaFolder(caFolderOf(flags))).id;
}
