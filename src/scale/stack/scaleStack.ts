import type { Connection } from '../../aws/connection.ts';
import { deleteStack, ensureStack, findStack, type FoundStack } from '../../aws/stacks.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { type Architecture, PRICES, PROCESSORS, WORKER } from '../price.ts';
import { s3Store } from '../stores/s3.ts';
import { dataTemplate, type DataParameters } from './dataTemplate.ts';
import { DATA_STACK, FLEET, LOG_GROUP, RUNS, STACK } from './names.ts';
import { architectureOf, parametersOf, refuseElder, type ScaleStacks } from './standing.ts';
import { workerTemplate, type WorkerParameters } from './template.ts';

/** What workers are to run on. */
export interface ScaleWish {
  /** In a registry that Fargate reaches; undefined for one in a repository that the stack makes. */
  image?: string | undefined;
  /** Version of this program, which is the tag of the image in the stack's own repository. */
  version: string;
  architecture: Architecture;
  maxWorkers: number;
  retentionDays: number;
  /** Undefined for a network of the stack's own. */
  network?: { vpcId: string; subnetIds: readonly string[]; publicIp: boolean } | undefined;
  /** ARN of the policy that bounds the roles. */
  roleBoundary?: string | undefined;
}

/** Where workers of the account find what they need. */
export interface ScalePlace {
  bucket: string;
  kmsKey: string;
  /** For `--store`. */
  store: string;
  /** For `--identities`. */
  identities: string;
}

const HOUR = 3600;
/** Figures as AWS publishes them for us-east-1, in US dollars, as of the date of `PRICES`. */
const IDLE = { keyMonth: 1, imageGigabyteMonth: 0.1 } as const;
const PUBLIC_ADDRESS_HOUR = 0.005;

/** What a setup makes, for whoever is asked before. */
export function whatScaleMakes(wish: ScaleWish): Message[] {
  const { architecture, maxWorkers, retentionDays, network, image } = wish;
  return [
    l10n.t('the stack {name}: a bucket for plans, results and keys, kept {days} days, and its KMS key', {
      ...{ name: DATA_STACK, days: retentionDays },
    }),
    l10n.t(
      'the stack {name}: a compute environment of AWS Batch on Fargate ({architecture}, at most {workers} workers), a queue and a job definition',
      { name: STACK, architecture, workers: maxWorkers },
    ),
    l10n.t('two roles: one that starts workers, one that may do what a worker does'),
    l10n.t('the log group {name}, kept {days} days', { name: LOG_GROUP, days: retentionDays }),
    network === undefined
      ? l10n.t('a network of two public subnets, and a security group that lets nothing in')
      : l10n.t('a security group in {vpc} that lets nothing in', { vpc: network.vpcId }),
    ...(image === undefined ? [l10n.t('the repository {name} for the image', { name: STACK })] : []),
  ];
}

/** What it costs, idle and in use. */
export function whatScaleCosts({ architecture, image, network }: ScaleWish): Message[] {
  const { vcpuSecond, gigabyteSecond } = PRICES.fargate[architecture];
  const hour = HOUR * (WORKER.vcpus * vcpuSecond + WORKER.gigabytes * gigabyteSecond);
  const address = network?.publicIp === false ? 0 : PUBLIC_ADDRESS_HOUR;
  return [
    l10n.t('While no run drives: ${key} a month for the KMS key', { key: IDLE.keyMonth.toFixed(2) }),
    ...(image === undefined
      ? [l10n.t('and ${image} per GB-month for the image', { image: IDLE.imageGigabyteMonth.toFixed(2) })]
      : []),
    l10n.t(
      'While a run drives: ${worker} per worker-hour ({processor}), ${address} per hour for its address',
      {
        ...{ worker: hour.toFixed(4), processor: PROCESSORS[architecture], address: address.toFixed(3) },
      },
    ),
    l10n.t('Messages of AWS IoT cost more: each run says so before it starts.'),
    l10n.t('Prices of us-east-1, {date}.', { date: PRICES.asOf }),
  ];
}

/** What is there of an earlier setup. @throws CmsError REQUEST_INVALID for one of version 0.5.0, which keeps its data */
export async function findScale(connection: Connection, signal: AbortSignal): Promise<ScaleStacks> {
  const living = async (name: string): Promise<FoundStack | undefined> => {
    const stack = await findStack(connection, name, signal);
    return stack?.status === 'DELETE_COMPLETE' ? undefined : stack;
  };
  const workers = await living(STACK);
  refuseElder(workers);
  return { workers, data: await living(DATA_STACK) };
}

/** Where the bucket of a setup is; undefined without one. */
export async function findScalePlace(
  connection: Connection,
  signal: AbortSignal,
): Promise<ScalePlace | undefined> {
  return placeIn(await findStack(connection, DATA_STACK, signal));
}

/** Where the bucket of this stack is; undefined without one. */
export function placeIn(data: FoundStack | undefined): ScalePlace | undefined {
  return data?.outputs.BucketName === undefined ? undefined : placeOf(data);
}

/** How much the workers of a setup may use at a time; undefined without one. */
export async function capacityOfSetup(
  connection: Connection,
  signal: AbortSignal,
): Promise<{ maxVcpus: number; architecture: Architecture } | undefined> {
  const { MaxVcpus, Architecture } = (await findStack(connection, STACK, signal))?.parameters ?? {};
  const maxVcpus = Number(MaxVcpus);
  return Number.isFinite(maxVcpus) ? { maxVcpus, architecture: architectureOf(Architecture) } : undefined;
}

function placeOf({ outputs }: FoundStack): ScalePlace {
  const bucket = expectField(outputs, 'BucketName', 'DescribeStacks');
  const kmsKey = expectField(outputs, 'KeyArn', 'DescribeStacks');
  return { bucket, kmsKey, store: `s3://${bucket}/${RUNS}`, identities: `s3://${bucket}/${FLEET}` };
}

/**
 * Makes both stacks, or makes them as they are to be.
 * @throws CmsError AWS_CALL_FAILED with CloudFormation's reason
 */
export async function ensureScale(
  wish: ScaleWish,
  connection: Connection,
  work: Work,
): Promise<{ result: 'found' | 'repaired' | 'created'; place: ScalePlace; image: string }> {
  const common = parametersOf(wish);
  const { RetentionDays } = common;
  const data = await ensureStack(
    connection,
    { name: DATA_STACK, template: dataTemplate(), parameters: { RetentionDays } satisfies DataParameters },
    work,
  );
  const place = placeOf(data.stack);
  const parameters: WorkerParameters = { ...common, Bucket: place.bucket, KeyArn: place.kmsKey };
  const workers = await ensureStack(
    connection,
    { name: STACK, template: workerTemplate(), parameters: { ...parameters } },
    work,
  );
  const results = [data.result, workers.result];
  return {
    result: results.includes('created') ? 'created' : results.includes('repaired') ? 'repaired' : 'found',
    place,
    image: expectField(workers.stack.outputs, 'Image', 'DescribeStacks'),
  };
}

/** False if there is none. What is in the bucket stays. */
export function removeWorkers(connection: Connection, work: Work): Promise<boolean> {
  return deleteStack(connection, STACK, work);
}

/** Empties the bucket and removes it with its key: nothing that was in it can be read afterwards. */
export async function removeData(connection: Connection, work: Work): Promise<boolean> {
  const place = await findScalePlace(connection, work.signal);
  if (place !== undefined) {
    const store = s3Store(connection, place.bucket, '');
    for (const key of await store.list('')) {
      work.signal.throwIfAborted();
      await store.remove(key);
    }
  }
  return deleteStack(connection, DATA_STACK, work);
}
