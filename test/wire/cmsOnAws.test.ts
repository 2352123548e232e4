import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import {
  DeleteItemCommand,
  DynamoDBClient,
  paginateScan,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  AddThingToThingGroupCommand,
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingGroupCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListThingGroupsForThingCommand,
} from '@aws-sdk/client-iot';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import mqtt, { type MqttClient } from 'mqtt';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

const TEMPLATE = 'cms--provisioning-template';
const SECRET = 'solution/cms/provisioning/provisioning-credentials';
const CREATE = '$aws/certificates/create/json';
const PROVISION = `$aws/provisioning-templates/${TEMPLATE}/provision/json`;
/** Any vehicle's: each test has one of its own. */
let vehicles = 0;
const newVin = (): string => `LSH14J4C4LA0${String(46_000 + vehicles++).padStart(5, '0')}`;

interface Pair {
  certificateId: string;
  certificatePem: string;
  privateKey: string;
}
type Row = Record<string, { S?: string; BOOL?: boolean }>;
interface Answer {
  topic: string;
  body: Record<string, unknown>;
}

describe('CMS on AWS in the sandbox, as clients see it', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  let caPem: Buffer;
  let tables: { authorised: string; provisioned: string };
  let bucket: string;
  let clients: MqttClient[] = [];

  const options = () => ({ endpoint: sandbox.endpoint, region: 'us-west-2', credentials: testCredentials });
  const dynamo = () => new DynamoDBClient(options());
  const iot = () => new IoTClient(options());
  const s3 = () => new S3Client(options());
  const secrets = () => new SecretsManagerClient(options());

  async function start(postDelayMs = 20): Promise<void> {
    sandbox = await startSandbox({
      stateFolder: path.join(folder, 'state'),
      args: ['--install', `cms-on-aws:cms,post-delay-ms=${postDelayMs}`, '--no-limits'],
    });
    caPem = await readFile(sandbox.caFile);
  }

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-on-aws-'));
    await start();
    const found: string[] = [];
    const pages = paginateListStackResources(
      { client: new CloudFormationClient(options()) },
      { StackName: 'cms-app--cms-provisioning' },
    );
    for await (const page of pages) {
      for (const {
        ResourceType,
        LogicalResourceId = '',
        PhysicalResourceId = '',
      } of page.StackResourceSummaries ?? []) {
        if (ResourceType === 'AWS::DynamoDB::Table') found.push(`${LogicalResourceId} ${PhysicalResourceId}`);
      }
    }
    const tableOf = (what: string): string =>
      found.find((each) => each.includes(`${what}vehiclestable`))?.split(' ')[1] ?? '';
    tables = { authorised: tableOf('authorized'), provisioned: tableOf('provisioned') };
    const { Parameter } = await new SSMClient(options()).send(
      new GetParameterCommand({ Name: '/solution/cms/connect-store/s3-storage-bucket/name' }),
    );
    bucket = Parameter?.Value ?? '';
  });
  afterEach(() => {
    for (const client of clients) client.end(true);
    clients = [];
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const authorise = (vin: string, allowed = true) =>
    dynamo().send(
      new PutItemCommand({
        TableName: tables.authorised,
        Item: {
          vin: { S: vin },
          make: { S: 'MG' },
          model: { S: 'ZS' },
          year: { S: '2020' },
          allow_provisioning: { BOOL: allowed },
        },
      }),
    );
  async function rows(vin: string): Promise<Row[]> {
    const { Items = [] } = await dynamo().send(
      new QueryCommand({
        TableName: tables.provisioned,
        KeyConditionExpression: 'vin = :v',
        ExpressionAttributeValues: { ':v': { S: vin } },
        ConsistentRead: true,
      }),
    );
    return Items;
  }
  const statusOf = async (vin: string, id: string): Promise<string | undefined> =>
    (await rows(vin)).find(({ certificate_id: of }) => of?.S === id)?.certificate_status?.S;
  const certificateStatus = async (certificateId: string): Promise<string | undefined> =>
    (await iot().send(new DescribeCertificateCommand({ certificateId }))).certificateDescription?.status;

  async function connect(clientId: string, pair: Omit<Pair, 'certificateId'>): Promise<MqttClient> {
    const client = await mqtt.connectAsync(
      `mqtts://${sandbox.mqttEndpoint}`,
      {
        clientId,
        ca: caPem,
        cert: pair.certificatePem,
        key: pair.privateKey,
        protocolVersion: 4,
        reconnectPeriod: 0,
      },
      // A connection that is closed is a refusal.
      false,
    );
    clients.push(client);
    return client;
  }

  async function claimFromSecret(): Promise<Pair> {
    const { SecretString = '' } = await secrets().send(new GetSecretValueCommand({ SecretId: SECRET }));
    const claim = JSON.parse(SecretString) as Pair & { keyPair: { PrivateKey: string } };
    return { ...claim, privateKey: claim.keyPair.PrivateKey };
  }

  /** Asks on a topic of fleet provisioning and waits for the answer. */
  async function ask(client: MqttClient, topic: string, body: object): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => {
      client.once('message', (of, payload) => {
        resolve({ topic: of, body: JSON.parse(String(payload)) as Record<string, unknown> });
      });
    });
    await client.publishAsync(topic, JSON.stringify(body), { qos: 1 });
    return answer;
  }

  /** Claims a certificate and registers with it: what the vehicle got, and what it was told. */
  async function provision(vin: string): Promise<{ pair: Pair; answer: Answer }> {
    const client = await connect(`claim-${vin}`, await claimFromSecret());
    await client.subscribeAsync(
      [CREATE, PROVISION].flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]),
    );
    const { body } = await ask(client, CREATE, {});
    const { certificateOwnershipToken, ...pair } = body as unknown as Pair & {
      certificateOwnershipToken: string;
    };
    const answer = await ask(client, PROVISION, { certificateOwnershipToken, parameters: { vin } });
    client.end(true);
    return { pair, answer };
  }

  /** A vehicle that is allowed and provisioned, up to the last step. */
  async function onboard(vin: string): Promise<Pair> {
    await authorise(vin);
    const { pair, answer } = await provision(vin);
    assert.deepEqual(answer, {
      topic: `${PROVISION}/accepted`,
      body: { deviceConfiguration: {}, thingName: `Vehicle_${vin}` },
    });
    await until('the row', async () => (await statusOf(vin, pair.certificateId)) === 'ACTIVE');
    return pair;
  }

  it('tells of itself in Parameter Store, ten at a time', async () => {
    const values = new Map<string, string>();
    let pages = 0;
    for await (const page of paginateGetParametersByPath(
      { client: new SSMClient(options()) },
      { Path: '/solution/cms', Recursive: true },
    )) {
      pages++;
      for (const { Name = '', Value = '' } of page.Parameters ?? []) values.set(Name, Value);
    }
    assert.ok(pages > 1);
    assert.equal(values.get('/solution/cms/provisioning'), 'cms');
    assert.equal(values.get('/solution/cms/config/auth/identity-provider-id'), 'cms');
  });

  it('provisions a vehicle: thing, shared policy, rows, event', async () => {
    const vin = newVin();
    await authorise(vin);
    const heard: string[] = [];
    const watcher = await connect(`Vehicle_${vin}-watch`, await watching());
    watcher.on('message', (topic) => heard.push(topic));
    await watcher.subscribeAsync('$aws/events/thing/+/+', { qos: 1 });
    const pair = await onboard(vin);
    const thing = await iot().send(new DescribeThingCommand({ thingName: `Vehicle_${vin}` }));
    assert.deepEqual(thing.attributes, {
      vin,
      certificate_id: pair.certificateId,
      provisioned_by_template: TEMPLATE,
    });
    await until('the event', () => heard.includes(`$aws/events/thing/Vehicle_${vin}/created`));
    const policiesOf = async (id: string) =>
      (
        await iot().send(
          new ListAttachedPoliciesCommand({ target: `arn:aws:iot:us-west-2:123456789012:cert/${id}` }),
        )
      ).policies?.map(({ policyName }) => policyName);
    const other = await onboard(newVin());
    assert.deepEqual(await policiesOf(pair.certificateId), await policiesOf(other.certificateId));
  });

  /** A certificate that may do anything, for who only listens. */
  async function watching(): Promise<Pair> {
    const made = await iot().send(new CreateKeysAndCertificateCommand({ setAsActive: true }));
    const policyName = `all-${made.certificateId?.slice(0, 8)}`;
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
    });
    await iot().send(new CreatePolicyCommand({ policyName, policyDocument }));
    await iot().send(new AttachPolicyCommand({ policyName, target: made.certificateArn }));
    return {
      certificateId: made.certificateId ?? '',
      certificatePem: made.certificatePem ?? '',
      privateKey: made.keyPair?.PrivateKey ?? '',
    };
  }

  it('cuts the old certificate off before the new one is accepted, and deletes it after', async () => {
    const vin = newVin();
    const first = await onboard(vin);
    const vehicle = await connect(`Vehicle_${vin}`, first);
    const gone = new Promise((resolve) => vehicle.once('close', () => resolve('gone')));
    const second = await onboard(vin);
    assert.equal(await gone, 'gone');
    await until(
      'the end of the old one',
      async () => (await statusOf(vin, first.certificateId)) === 'DELETED',
    );
    await assert.rejects(certificateStatus(first.certificateId), { name: 'ResourceNotFoundException' });
    assert.equal(await certificateStatus(second.certificateId), 'ACTIVE');
  });

  it('refuses a vehicle that is not allowed, with its working certificate off', async () => {
    const vin = newVin();
    const working = await onboard(vin);
    await authorise(vin, false);
    const { pair, answer } = await provision(vin);
    assert.equal(answer.topic, `${PROVISION}/rejected`);
    assert.deepEqual([answer.body.statusCode, answer.body.errorCode], [403, 'AccessDenied']);
    await assert.rejects(certificateStatus(pair.certificateId), { name: 'ResourceNotFoundException' });
    assert.equal(await certificateStatus(working.certificateId), 'INACTIVE');
    assert.deepEqual(
      [await statusOf(vin, pair.certificateId), await statusOf(vin, working.certificateId)],
      ['DELETED', 'INACTIVE'],
    );
  });

  it('is stuck at a row that says hello for another certificate, until the row is gone', async () => {
    const vin = newVin();
    const pair = await onboard(vin);
    const vehicle = await connect(`Vehicle_${vin}`, pair);
    const hello = { vin, certificate_id: 'f'.repeat(64) };
    await vehicle.publishAsync('vehicleactive/', JSON.stringify(hello), { qos: 1 });
    await until('the partial row', async () => (await rows(vin)).length === 2);
    assert.equal((await provision(vin)).answer.topic, `${PROVISION}/rejected`);
    await dynamo().send(
      new DeleteItemCommand({
        TableName: tables.provisioned,
        Key: { vin: { S: vin }, certificate_id: { S: 'f'.repeat(64) } },
        ConditionExpression: 'attribute_not_exists(certificate_status)',
      }),
    );
    assert.equal((await provision(vin)).answer.topic, `${PROVISION}/accepted`);
  });

  it('notes the first hello of a vehicle', async () => {
    const vin = newVin();
    const pair = await onboard(vin);
    const vehicle = await connect(`Vehicle_${vin}`, pair);
    await vehicle.publishAsync(
      'vehicleactive/',
      JSON.stringify({ vin, certificate_id: pair.certificateId }),
      { qos: 1 },
    );
    await until('the note', async () => (await rows(vin))[0]?.has_vehicle_connected_once?.BOOL);
    assert.equal((await rows(vin)).length, 1);
  });

  it('ends a vehicle that publishes data, until a group of ours lets it, and stores it then', async () => {
    const vin = newVin();
    const thing = `Vehicle_${vin}`;
    const topic = `cms/data/${thing}`;
    const pair = await onboard(vin);
    const vehicle = await connect(thing, pair);
    const gone = new Promise((resolve) => vehicle.once('close', () => resolve('gone')));
    vehicle.publish(topic, '{}', { qos: 0 });
    assert.equal(await gone, 'gone');

    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'iot:Publish',
          Resource: 'arn:aws:iot:us-west-2:123456789012:topic/cms/data/${iot:Connection.Thing.ThingName}',
        },
      ],
    });
    await iot().send(new CreatePolicyCommand({ policyName: 'telemetry', policyDocument }));
    const { thingGroupArn } = await iot().send(new CreateThingGroupCommand({ thingGroupName: 'telemetry' }));
    await iot().send(new AttachPolicyCommand({ policyName: 'telemetry', target: thingGroupArn }));
    await iot().send(new AddThingToThingGroupCommand({ thingGroupName: 'telemetry', thingName: thing }));
    // The group survives another certificate.
    const next = await onboard(vin);
    const { thingGroups = [] } = await iot().send(new ListThingGroupsForThingCommand({ thingName: thing }));
    assert.deepEqual(
      thingGroups.map(({ groupName }) => groupName),
      ['telemetry'],
    );

    const payload = JSON.stringify({ vehicleidentification: { vin }, speed: 12.5 });
    const again = await connect(thing, next);
    await again.publishAsync(topic, payload, { qos: 1 });
    const { Contents = [] } = await s3().send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `${topic}/`, StartAfter: `${topic}/1` }),
    );
    assert.equal(Contents.length, 1);
    assert.match(Contents[0]?.Key ?? '', new RegExp(`^${topic}/\\d{13}$`));
    const { Body } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: Contents[0]?.Key ?? '' }));
    assert.equal(await Body?.transformToString(), payload);
  });

  it('answers GraphQL with a token of the service client', async () => {
    const parameter = async (Name: string) =>
      (await new SSMClient(options()).send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';
    const secret = async (name: string) => {
      const SecretId = await parameter(`/solution/auth/cms/${name}/secret/arn`);
      const { SecretString = '' } = await secrets().send(new GetSecretValueCommand({ SecretId }));
      return JSON.parse(SecretString) as Record<string, string>;
    };
    const { token_endpoint: tokenUrl = '' } = await secret('idp-config');
    const { client_id = '', client_secret = '' } = await secret('service-client-config/default');
    const granted = await fetch(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, audience: '' }),
    });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const url = await parameter('/solution/cms/api/graphql-endpoint/url');
    const ask = async (authorization: string) => {
      const query = '{ getVehicle(vin: "NOBODY") { vehicleIdentification { vin { value } } } }';
      const reply = await fetch(url, {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ query }),
      });
      return { status: reply.status, text: await reply.text() };
    };
    assert.match((await ask(`Bearer ${token}`)).text, /list index out of range/);
    assert.equal((await ask(token)).status, 401);
  });

  it('lets no claim ask for a certificate of a CSR', async () => {
    const client = await connect('claim-csr', await claimFromSecret());
    const gone = new Promise((resolve) => client.once('close', () => resolve('gone')));
    client.subscribe('$aws/certificates/create-from-csr/json/accepted', () => undefined);
    client.publish('$aws/certificates/create-from-csr/json', '{}');
    assert.equal(await gone, 'gone');
  });

  it('takes the old claim no more once the secret was rotated', async () => {
    const old = await claimFromSecret();
    await secrets().send(new RotateSecretCommand({ SecretId: SECRET }));
    assert.notEqual((await claimFromSecret()).certificateId, old.certificateId);
    await assert.rejects(connect('claim-old', old));
    const vin = newVin();
    await authorise(vin);
    assert.equal((await provision(vin)).answer.topic, `${PROVISION}/accepted`);
  });

  it('refuses when its hook crashes, and leaves the vehicle as it was', async () => {
    const vin = newVin();
    const working = await onboard(vin);
    await sandbox.fault({
      operation: 'lambda:cms-provisioning-pre-provisioning',
      action: { kind: 'error', code: 'Runtime.ExitError' },
    });
    assert.equal((await provision(vin)).answer.topic, `${PROVISION}/rejected`);
    assert.equal(await certificateStatus(working.certificateId), 'ACTIVE');
  });

  it('can have its hook warmed up, which touches nothing', async () => {
    const payload = path.join(folder, 'answer.json');
    await aws('lambda', 'invoke', '--function-name', 'cms-provisioning-pre-provisioning', '--payload',
      '{"certificateId":"x","parameters":{}}', '--cli-binary-format', 'raw-in-base64-out', payload); // prettier-ignore
    assert.deepEqual(JSON.parse(await readFile(payload, 'utf8')), {
      allowProvisioning: false,
      parameterOverrides: {},
    });
  });

  it('is walked through by boto3 and mosquitto', async () => {
    const vin = newVin();
    const script = path.join(import.meta.dirname, 'independent/authorise_with_boto3.py');
    const { stdout } = await run('/usr/bin/python3', [script, sandbox.endpoint, 'cms', vin, folder], {
      env: strangerEnv(),
    });
    const { shared_claim: sharedClaim, ...found } = JSON.parse(stdout) as Record<string, unknown>;
    assert.match(String(sharedClaim), /^[0-9a-f]{64}$/);
    assert.deepEqual(found, {
      tables,
      twice: 'refused',
      hook: 'arn:aws:lambda:us-west-2:123456789012:function:cms-provisioning-pre-provisioning',
      allowed: true,
      stored: 0,
    });
    const [host = '', port = ''] = sandbox.mqttEndpoint.split(':');
    const request = async (topic: string, body: object) => {
      const files = ['--cert', path.join(folder, 'claim.pem'), '--key', path.join(folder, 'claim.key')];
      const { stdout: answer } = await run('mosquitto_rr', [
        ...[
          '-h',
          host,
          '-p',
          port,
          '--cafile',
          sandbox.caFile,
          ...files,
          '-V',
          'mqttv311',
          '-i',
          'stranger',
          '-q',
          '1',
          '-W',
          '15',
        ],
        ...['-t', topic, '-e', `${topic}/accepted`, '-m', JSON.stringify(body)],
      ]);
      return JSON.parse(answer) as Record<string, string>;
    };
    const { certificateId = '', certificateOwnershipToken } = await request(CREATE, {});
    const { thingName } = await request(PROVISION, { certificateOwnershipToken, parameters: { vin } });
    assert.equal(thingName, `Vehicle_${vin}`);
    await until('the row', async () => (await statusOf(vin, certificateId)) === 'ACTIVE');
  });

  it('is read by the AWS CLI', async () => {
    const vin = newVin();
    await authorise(vin);
    const { Item } = (await aws('dynamodb', 'get-item', '--table-name', tables.authorised, '--key',
      JSON.stringify({ vin: { S: vin } }))) as { Item: Row }; // prettier-ignore
    assert.deepEqual(Item.allow_provisioning, { BOOL: true });
    const { StackResourceSummaries } = (await aws('cloudformation', 'list-stack-resources', '--stack-name',
      'cms-app--cms-provisioning')) as { StackResourceSummaries: object[] }; // prettier-ignore
    assert.ok(StackResourceSummaries.length > 5);
    const { Name } = (await aws('secretsmanager', 'get-secret-value', '--secret-id', SECRET)) as {
      Name: string;
    };
    assert.equal(Name, SECRET);
    const listed = (await aws(
      's3api',
      'list-objects-v2',
      '--bucket',
      bucket,
      '--prefix',
      'cms/data/none/',
    )) as {
      KeyCount?: number;
    };
    assert.ok((listed.KeyCount ?? 0) === 0);
  });

  it('keeps all of it over a restart', async () => {
    const vin = newVin();
    const pair = await onboard(vin);
    await sandbox.stop();
    await start();
    assert.equal(await statusOf(vin, pair.certificateId), 'ACTIVE');
    let found = 0;
    for await (const page of paginateScan(
      { client: dynamo(), pageSize: 3 },
      {
        TableName: tables.authorised,
        FilterExpression: 'vin = :v AND #y = :y',
        ExpressionAttributeNames: { '#y': 'year' },
        ExpressionAttributeValues: { ':v': { S: vin }, ':y': { S: '2020' } },
      },
    )) {
      found += page.Items?.length ?? 0;
    }
    assert.equal(found, 1);
    const vehicle = await connect(`Vehicle_${vin}`, pair);
    assert.ok(vehicle.connected);
  });

  it('goes on after a kill with what was still to come', async () => {
    await sandbox.stop();
    await start(600_000);
    const vin = newVin();
    await authorise(vin);
    const { pair } = await provision(vin);
    assert.equal(await statusOf(vin, pair.certificateId), 'PENDING_ACTIVATION');
    const stateFile = path.join(sandbox.stateFolder, 'state.json');
    await until('the event in the state', async () => {
      const { tables: saved } = JSON.parse(await readFile(stateFile, 'utf8')) as {
        tables: Record<string, unknown>;
      };
      return JSON.stringify(saved['cms-on-aws.pending-events']).includes(`Vehicle_${vin}`);
    });
    await sandbox.kill();
    await start();
    await until('the row', async () => (await statusOf(vin, pair.certificateId)) === 'ACTIVE');
  });

  it('begins anew after a reset', async () => {
    const vin = newVin();
    await onboard(vin);
    await sandbox.reset();
    assert.deepEqual(await rows(vin), []);
    await assert.rejects(iot().send(new DescribeThingCommand({ thingName: `Vehicle_${vin}` })), {
      name: 'ResourceNotFoundException',
    });
    await onboard(vin);
    assert.equal((await rows(vin)).length, 1);
  });

  const strangerEnv = (): NodeJS.ProcessEnv => ({
    HOME: folder,
    // The distribution's programs, whatever else stands in the path.
    PATH: `/usr/bin:${process.env.PATH}`,
    AWS_ACCESS_KEY_ID: 'sandbox',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_DEFAULT_REGION: 'us-west-2',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  });

  async function aws(...args: string[]): Promise<unknown> {
    const more = ['--endpoint-url', sandbox.endpoint, '--output', 'json'];
    const { stdout } = await run('aws', [...args, ...more], { env: strangerEnv() });
    return stdout === '' ? {} : JSON.parse(stdout);
  }
});
