import { type Command, InvalidArgumentError, Option } from 'commander';
import { version } from '../../../package.json';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import { DATA_STACK, STACK } from '../../scale/stack/names.ts';
import { dataTemplate } from '../../scale/stack/dataTemplate.ts';
import { whatHangs } from '../../scale/stack/hanging.ts';
import {
  ensureScale,
  findScale,
  placeIn,
  removeData,
  removeWorkers,
  whatScaleCosts,
  whatScaleMakes,
} from '../../scale/stack/scaleStack.ts';
import { changesOf, type ScaleOptions, wishOf } from '../../scale/stack/standing.ts';
import { workerTemplate } from '../../scale/stack/template.ts';
import { agreed } from '../agreed.ts';
import { EXIT } from '../exitCodes.ts';
import { counted } from '../format.ts';
import { connect } from '../open.ts';
import {
  type CommonFlags,
  count,
  examples,
  notEmpty,
  type RoleFlags,
  withConnection,
  withOutput,
  withRoleBoundary,
} from '../options.ts';
import { inSession, type Session, type SessionOptions } from '../session.ts';

type SetupFlags = CommonFlags &
  RoleFlags & {
    image?: string;
    arch?: 'arm64' | 'x86_64';
    maxWorkers?: number;
    retentionDays?: number;
    vpc?: string;
    subnets?: string[];
    privateSubnets?: boolean;
    yes?: boolean;
  };
type RemoveFlags = CommonFlags & { deleteResults?: boolean; yes?: boolean };

/** `scale setup`, `scale remove` and `scale template`: AWS Batch for runs in an account. */
export function addScaleSetup(scale: Command): void {
  const setup = scale
    .command('setup')
    .description(
      'set up AWS Batch for runs in this account: says what it creates and what it costs, and asks',
    )
    .optionsGroup('Workers:')
    .option(
      '--image <name>',
      'image of the workers (default: as it is, else in a repository that is created)',
      notEmpty,
    )
    .addOption(
      new Option('--arch <arch>', 'processor of the workers (default: as it is, else arm64)').choices([
        'arm64',
        'x86_64',
      ]),
    )
    .option('--max-workers <n>', 'how many may run at a time (default: as it is, else 64)', count)
    .option(
      '--retention-days <n>',
      'how long logs, plans, results and keys are kept (default: as it is, else 14)',
      retention,
    )
    .option(
      '--vpc <id>',
      'network of the workers, with --subnets (default: as it is, else one that is created)',
      notEmpty,
    )
    .option('--subnets <ids>', 'subnets of --vpc, separated by commas', subnetIds)
    .option('--private-subnets', 'the subnets are private: workers get no public address')
    .option('-y, --yes', 'do not ask');
  examples(withOutput(withConnection(withRoleBoundary(setup))), 'cms-enablement scale setup');
  setup.action((flags: SetupFlags) => inSession(flags, (session) => setUp(flags, session)));

  const remove = scale
    .command('remove')
    .description('remove what "scale setup" made; results and keys stay in their bucket')
    .option('--delete-results', 'also delete the bucket with results, plans and keys')
    .option('-y, --yes', 'do not ask');
  examples(withOutput(withConnection(remove)), 'cms-enablement scale remove');
  remove.action((flags: RemoveFlags) => inSession(flags, (session) => takeDown(flags, session)));

  const template = scale
    .command('template')
    .description('print a CloudFormation template of "scale setup", to deploy it in your own way')
    .option('--data', 'print the template of the bucket and its key');
  examples(withOutput(template), 'cms-enablement scale template');
  template.action((flags: SessionOptions & { data?: boolean }) =>
    inSession(flags, ({ output }) => {
      const text = flags.data === true ? dataTemplate() : workerTemplate();
      output.result('template', JSON.parse(text) as object, text);
      return Promise.resolve(EXIT.ok);
    }),
  );
}

async function setUp(flags: SetupFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const told = optionsOf(flags);
  const connection = await connect(flags, session);
  const { accountId } = await connection.identity(work.signal);
  const stacks = await findScale(connection, work.signal);
  const wish = wishOf(told, version, stacks);
  const there = [stacks.workers, stacks.data].flatMap((stack) => (stack === undefined ? [] : [stack.name]));
  const plan = [
    `In account ${accountId}, ${connection.region}:`,
    ...whatScaleMakes(wish).map((line) => `  - ${english(line)}`),
    ...whatScaleCosts(wish).map((line) => `  ${english(line)}`),
    ...(there.length === 0 ? [] : [`Stacks that are there are updated: ${there.join(', ')}.`]),
    ...changesOf(wish, stacks).map(
      ({ option, before, after }) => `  ${option}: ${before || 'none'} → ${after || 'none'}`,
    ),
  ];
  if (!(await agreed(flags, { plan, ask: 'Create these resources?' }, session))) return EXIT.cancelled;
  const { result, place, image } = await ensureScale(wish, connection, work);
  const platform = wish.architecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64';
  const registry = image.split('/')[0] ?? '';
  output.result('result', { result, ...place, image, queue: STACK }, [
    `${STACK} ${{ found: 'is as it should be', repaired: 'is updated', created: 'is there' }[result]}.`,
    ...(wish.image === undefined
      ? [
          'Put the image of the workers into its repository, in a checkout of CMS Enablement:',
          `  aws ecr get-login-password --region ${connection.region} | docker login --username AWS --password-stdin ${registry}`,
          '  npm ci && npm run build',
          `  docker buildx build --platform ${platform} --tag ${image} --push .`,
        ]
      : []),
    'Then let workers drive:',
    '  cms-enablement identities push',
    '  cms-enablement simulate --all --route city.kml --duration 120 --shards 2 --on batch',
  ].join('\n')); // prettier-ignore
  return EXIT.ok;
}

function optionsOf(flags: SetupFlags): ScaleOptions {
  const { arch, vpc, subnets, privateSubnets } = flags;
  if ((vpc === undefined) !== (subnets === undefined) || (vpc === undefined && privateSubnets === true)) {
    throw new CmsError('REQUEST_INVALID', l10n.t('--vpc and --subnets belong together.'), {
      remedy: l10n.t('Name both, or neither: then the network stays as it is, or one is created.'),
    });
  }
  return {
    architecture: arch && (arch === 'arm64' ? 'ARM64' : 'X86_64'),
    ...{ image: flags.image, maxWorkers: flags.maxWorkers, retentionDays: flags.retentionDays },
    roleBoundary: flags.roleBoundary,
    network:
      vpc === undefined || subnets === undefined
        ? undefined
        : { vpcId: vpc, subnetIds: subnets, publicIp: privateSubnets !== true },
  };
}

async function takeDown(flags: RemoveFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const connection = await connect(flags, session);
  const { workers, data } = await findScale(connection, work.signal);
  const deleting = flags.deleteResults === true && data !== undefined;
  if (workers === undefined && !deleting) {
    const kept =
      data === undefined ? '' : ' Results and keys are in their bucket: delete them with --delete-results.';
    output.result('result', { stack: STACK, result: 'found' }, `There is no stack ${STACK}.${kept}`);
    return EXIT.ok;
  }
  const place = placeIn(data);
  const hanging = await whatHangs(connection, { place, workers }, work.signal);
  const { driving, runs, vehicles, objects } = hanging;
  const contents = `${counted(runs, 'run')} with plans and results, and keys of ${counted(vehicles, 'vehicle')}`;
  const plan = [
    ...(workers === undefined
      ? []
      : [`To remove: the stack ${STACK} with its queue, job definition, roles, logs, network and image.`]),
    ...(driving.length === 0 ? [] : [`Runs that drive end without their summaries: ${driving.join(', ')}.`]),
    ...(data === undefined
      ? []
      : deleting
        ? [`To delete for good: the stack ${DATA_STACK}, its key, and its bucket with ${contents}.`]
        : [`What stays: the bucket with ${contents}, and its key ($1 a month).`]),
  ];
  if (!(await agreed(flags, { plan, ask: 'Remove it?' }, session))) return EXIT.cancelled;
  await removeWorkers(connection, work);
  if (deleting) await removeData(connection, work);
  output.result(
    'result',
    { stack: STACK, result: 'removed', ...hanging, deleted: deleting ? objects : 0 },
    deleting
      ? `${STACK} is removed, with ${counted(objects, 'object')}.`
      : `${STACK} is removed${place === undefined ? '' : `; ${counted(objects, 'object')} stay in s3://${place.bucket}`}.`,
  );
  return EXIT.ok;
}

function retention(text: string): number {
  const days = Number(text);
  // What CloudWatch Logs takes (PutRetentionPolicy).
  const possible = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365];
  if (possible.includes(days)) return days;
  throw new InvalidArgumentError(`It must be one of ${possible.join(', ')}.`);
}

function subnetIds(text: string): string[] {
  const ids = text.split(',').map((id) => id.trim());
  if (ids.every((id) => /^subnet-[0-9a-z]+$/.test(id))) return ids;
  throw new InvalidArgumentError('Write them as subnet-…,subnet-….');
}
