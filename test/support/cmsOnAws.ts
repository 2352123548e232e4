import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeCertificateCommand, IoTClient, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import { runCli, type CliRun, type CliStart } from './cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from './sandbox.ts';

/** The hook as faults name it; they hit who warms it up as well as AWS IoT. */
export const HOOK = 'lambda:cms-provisioning-pre-provisioning';
/** Nobody may warm the hook up: what is to hit it hits AWS IoT's call. */
export const NOT_WARMED = {
  operation: 'lambda:Invoke',
  action: { kind: 'error', code: 'AccessDeniedException', status: 403 },
};
/** An answer of IAM. */
export const DENIED = { kind: 'error', status: 403, code: 'AccessDeniedException', message: 'not for you' };

const REGION = 'us-west-2';
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};

/** Certificate and status of an attempt to provision a vehicle. */
export type Row = readonly [certificateId: string, status: string];

/** A sandbox with CMS on AWS, the command line against it, and what its owner sees in AWS. */
export interface CmsOnAwsBench {
  readonly sandbox: SandboxProcess;
  readonly folder: string;
  readonly tables: { authorized: string; provisioned: string };
  readonly options: { endpoint: string; region: string; credentials: typeof testCredentials };
  readonly iot: IoTClient;
  readonly dynamo: DynamoDBClient;
  /** Another vehicle each time. */
  newVin(): string;
  /** A command against the app `cms`, through another endpoint than the sandbox's where one is given. */
  start(args: string[], start?: CliStart & { endpoint?: string }): Promise<CliRun>;
  /** The same for another app. */
  startIn(app: string, args: string[], start?: CliStart & { endpoint?: string }): Promise<CliRun>;
  /** As `start`; fails unless it ends with the code. */
  run(args: string[], code?: number | null, start?: CliStart & { endpoint?: string }): Promise<CliRun>;
  onboard(vin: string, code?: number, ...more: string[]): Promise<CliRun>;
  /**
   * A vehicle that was onboarded, another each time. Several are onboarded in one run, which costs little more than one.
   * @param access `group`: it may send what CMS stores
   */
  working(access?: 'group' | 'none'): Promise<{ vin: string; certificateId: string }>;
  rotate(vin: string, code?: number, ...more: string[]): Promise<CliRun>;
  /** The verdicts of the doctor, by check. */
  doctor(vin: string, code: number, ...more: string[]): Promise<Record<string, unknown>>;
  /** As `vehicles` lists it. */
  conditionOf(vin: string): Promise<unknown>;
  rows(vin: string): Promise<Row[]>;
  /** Of the only row that is ACTIVE. */
  certificateOf(vin: string): Promise<string>;
  /** In AWS IoT; undefined for one that it does not know. */
  statusOf(certificateId: string): Promise<string | undefined>;
  /** The certificates that are attached to its thing. */
  attachedTo(vin: string): Promise<string[]>;
  putRow(item: Record<string, AttributeValue>): Promise<void>;
  deleteRow(vin: string, certificateId: string): Promise<void>;
  setStatus(vin: string, certificateId: string, status: string): Promise<void>;
  authorization(vin: string): Promise<Record<string, AttributeValue> | undefined>;
  /** Replaces it, or removes it. */
  authorize(vin: string, row: Record<string, AttributeValue> | undefined): Promise<void>;
  close(): Promise<void>;
}

let vehicles = 0;
/** Vehicles that are onboarded in one run. */
const AT_ONCE = 6;

/**
 * @param serial what VINs of a test file begin with, so that those of two differ
 * @param more variables of the environment of the command line
 */
export async function openCmsOnAws(
  serial: number,
  args: string[] = [],
  more: Record<string, string> = {},
): Promise<CmsOnAwsBench> {
  const sandbox = await startSandbox({
    args: ['--install', 'cms-on-aws:cms,post-delay-ms=20', '--no-limits', ...args],
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-on-aws-bench-'));
  const options = { endpoint: sandbox.endpoint, region: REGION, credentials: testCredentials };
  const dynamo = new DynamoDBClient(options);
  const iot = new IoTClient(options);
  const tables = await tablesOf('cms', options);

  /** Onboarded, and in nobody's hands yet. */
  const idle = { group: [] as string[], none: [] as string[] };
  let filling: Promise<void> | undefined;
  async function fill(access: keyof typeof idle): Promise<void> {
    const vins = Array.from({ length: AT_ONCE }, () => bench.newVin());
    const rows = vins.map((vin) => `${vin},${access}`);
    await writeFile(path.join(folder, 'working.csv'), ['vin,telemetryAccess', ...rows, ''].join('\n'));
    await bench.run(['onboard', '--fleet', 'working.csv']);
    idle[access].push(...vins);
  }

  const bench: CmsOnAwsBench = {
    ...{ sandbox, folder, tables, options, iot, dynamo },
    newVin: () => `LSH14J4C4LA0${String(serial + vehicles++).padStart(5, '0')}`,
    start: (given, start) => bench.startIn('cms', given, start),
    startIn(app, given, { endpoint = sandbox.endpoint, ...start } = {}) {
      const to = ['--endpoint', endpoint, '--ca', sandbox.caFile, '--region', REGION];
      const all = { cwd: folder, ...start, env: { ...env, ...more, ...start.env } };
      return runCli([...given, '--deployment', app, ...to], all);
    },
    async run(given, code = 0, start = {}) {
      const done = await bench.start(given, start);
      assert.equal(done.code, code, `${given.join(' ')}\n${done.stdout}\n${done.stderr}`);
      return done;
    },
    onboard: (vin, code = 0, ...more) => bench.run(['onboard', '--vin', vin, ...more], code),
    async working(access = 'none') {
      while (idle[access].length === 0) await (filling ??= fill(access).finally(() => (filling = undefined)));
      const vin = idle[access].shift() ?? '';
      return { vin, certificateId: await bench.certificateOf(vin) };
    },
    rotate: (vin, code = 0, ...more) => bench.run(['rotate', '--vin', vin, '--yes', ...more], code),
    async doctor(vin, code, ...more) {
      const done = await bench.run(['doctor', '--vin', vin, '--json', ...more], code);
      const found = done.objects().filter(({ id }) => id !== undefined);
      return Object.fromEntries(found.map(({ id, status }): [string, unknown] => [String(id), status]));
    },
    async conditionOf(vin) {
      const found = (await bench.run(['vehicles', '--json'])).objects();
      const listing = found.find(({ vehicle }) => (vehicle as { vin?: string } | undefined)?.vin === vin);
      return (listing?.provisioning as { state?: string } | undefined)?.state;
    },
    async rows(vin) {
      const { Items = [] } = await dynamo.send(
        new QueryCommand({
          TableName: tables.provisioned,
          KeyConditionExpression: 'vin = :v',
          ExpressionAttributeValues: { ':v': { S: vin } },
          ConsistentRead: true,
        }),
      );
      return Items.map((row) => [row.certificate_id?.S ?? '', row.certificate_status?.S ?? ''] as const);
    },
    async certificateOf(vin) {
      const [active, another] = (await bench.rows(vin)).filter(([, status]) => status === 'ACTIVE');
      assert.ok(active !== undefined && another === undefined, `${vin} has one row that is ACTIVE`);
      return active[0];
    },
    async statusOf(certificateId) {
      try {
        const answer = await iot.send(new DescribeCertificateCommand({ certificateId }));
        return answer.certificateDescription?.status;
      } catch (error) {
        if ((error as Error).name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
    async attachedTo(vin) {
      const { principals = [] } = await iot.send(
        new ListThingPrincipalsCommand({ thingName: `Vehicle_${vin}` }),
      );
      return principals.map((arn) => arn.split('/').at(-1) ?? '');
    },
    async putRow(Item) {
      await dynamo.send(new PutItemCommand({ TableName: tables.provisioned, Item }));
    },
    async deleteRow(vin, certificateId) {
      const Key = { vin: { S: vin }, certificate_id: { S: certificateId } };
      await dynamo.send(new DeleteItemCommand({ TableName: tables.provisioned, Key }));
    },
    async setStatus(vin, certificateId, status) {
      await dynamo.send(
        new UpdateItemCommand({
          TableName: tables.provisioned,
          Key: { vin: { S: vin }, certificate_id: { S: certificateId } },
          UpdateExpression: 'SET certificate_status = :s',
          ExpressionAttributeValues: { ':s': { S: status } },
        }),
      );
    },
    async authorization(vin) {
      const Key = { vin: { S: vin } };
      return (await dynamo.send(new GetItemCommand({ TableName: tables.authorized, Key }))).Item;
    },
    async authorize(vin, row) {
      const TableName = tables.authorized;
      const key = { vin: { S: vin } };
      if (row === undefined) await dynamo.send(new DeleteItemCommand({ TableName, Key: key }));
      else await dynamo.send(new PutItemCommand({ TableName, Item: { ...key, ...row } }));
    },
    async close() {
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

/** Of BatchWriteItem. */
const MOST_PUTS = 25;

/** Enters vehicles into the list of those that an app lets in, a fleet within seconds. */
export async function authorizeAll(
  vins: readonly string[],
  table: string,
  options: CmsOnAwsBench['options'],
): Promise<void> {
  const client = new DynamoDBClient(options);
  const described = { make: { S: 'Acme' }, model: { S: 'DN' }, year: { S: '2019' } };
  const rows = vins.map((vin) => ({
    PutRequest: { Item: { vin: { S: vin }, ...described, allow_provisioning: { BOOL: true } } },
  }));
  for (let at = 0; at < rows.length; at += MOST_PUTS) {
    const RequestItems = { [table]: rows.slice(at, at + MOST_PUTS) };
    await client.send(new BatchWriteItemCommand({ RequestItems }));
  }
}

/** The first user of the vehicle simulator, with a password that its policy takes. */
export const SIMULATOR_USER = { username: 'admin@example.com', password: 'Qm7#vTz2!rWk9p' };

/** Gives the first user of the simulator of an app a password: the stack mails a temporary one. */
export async function enterSimulator(app: string, options: CmsOnAwsBench['options']): Promise<void> {
  const { Stacks = [] } = await new CloudFormationClient(options).send(
    new DescribeStacksCommand({ StackName: `${app}-app--cms-vehicle-simulator` }),
  );
  const { username: Username, password: Password } = SIMULATOR_USER;
  const UserPoolId = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'userpoolid')?.OutputValue;
  await new CognitoIdentityProviderClient(options).send(
    new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }),
  );
}

/** Names of the tables of an app, as CloudFormation has them. */
export async function tablesOf(
  app: string,
  options: CmsOnAwsBench['options'],
): Promise<CmsOnAwsBench['tables']> {
  const { StackResourceSummaries = [] } = await new CloudFormationClient(options).send(
    new ListStackResourcesCommand({ StackName: `${app}-app--cms-provisioning` }),
  );
  const tableOf = (what: string): string =>
    StackResourceSummaries.find(
      ({ ResourceType, LogicalResourceId = '' }) =>
        ResourceType === 'AWS::DynamoDB::Table' && LogicalResourceId.includes(`${what}vehiclestable`),
    )?.PhysicalResourceId ?? '';
  return { authorized: tableOf('authorized'), provisioned: tableOf('provisioned') };
}
