import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  DescribeProvisioningTemplateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import mqtt from 'mqtt';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const VIN = 'LSH14J4C4LA046511';

type Row = [key: string, value: Record<string, unknown>];
interface OldState {
  state: { tables: Record<string, Row[]> };
  device: { certificatePem: string; privateKeyPem: string };
}

describe('the state of an older sandbox', () => {
  let folder: string;
  let old: OldState;
  let sandbox: SandboxProcess;
  let stacks: Map<string, Stack>;
  let aws: { endpoint: string; region: string; credentials: typeof testCredentials };

  const output = (stack: string, key: string): string => {
    const found = stacks.get(stack)?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    assert.ok(found !== undefined, `${stack} has the output ${key}`);
    return found;
  };
  const rows = (table: string): Row[] => old.state.tables[table] ?? [];

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'old-state-'));
    old = JSON.parse(await readFile(path.join(import.meta.dirname, 'oldState.json'), 'utf8')) as OldState;
    await writeFile(path.join(folder, 'state.json'), JSON.stringify(old.state), { mode: 0o600 });
    sandbox = await startSandbox({ stateFolder: folder, args: ['--stack', 'cms-dev1', 'legacy:cdf-core-b'] });
    aws = { endpoint: sandbox.endpoint, region: 'us-west-2', credentials: testCredentials };
    const { Stacks = [] } = await new CloudFormationClient(aws).send(new DescribeStacksCommand({}));
    stacks = new Map(Stacks.map((stack) => [stack.StackName ?? '', stack]));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('has its certificate authority and its clock', async () => {
    const [, root] = rows('authority').find(([key]) => key === 'root') ?? [];
    assert.equal(await readFile(sandbox.caFile, 'utf8'), root?.certificatePem);
    const { offsetMs } = (await sandbox.ask('GET', 'clock')) as { offsetMs: number };
    assert.equal(offsetMs, 60_000);
  });

  it('has its stacks, when they were made and what was changed', () => {
    for (const [name, createdAt] of old.state.tables['cloudformation.created'] ?? []) {
      assert.equal(stacks.get(name)?.CreationTime?.getTime(), Number(createdAt), name);
    }
    const legacy = stacks.get('legacy');
    assert.equal(legacy?.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
    const environment = legacy.Parameters?.find(({ ParameterKey }) => ParameterKey === 'Environment');
    assert.equal(environment?.ParameterValue, 'old');
    assert.deepEqual(sandbox.ready.installations, [
      { id: 'cdf:dev1', kind: 'cdf', name: 'dev1', stacks: { cms: 'cms-dev1', cdf: 'cdf-core-development' } },
      { id: 'cdf:legacy', kind: 'cdf', name: 'legacy', stacks: { cms: 'legacy', cdf: 'cdf-core-b' } },
    ]);
  });

  it('lets its user sign in and see the vehicle', async () => {
    const [, pool] = rows('cognito.stacks').find(([key]) => key === 'cms-dev1') ?? [];
    assert.equal(output('cms-dev1', 'UserPoolId'), pool?.poolId);
    assert.equal(output('cms-dev1', 'UserPoolClientId'), pool?.clientId);
    const cognito = new CognitoIdentityProviderClient(aws);
    const UserPoolId = output('cms-dev1', 'UserPoolId');
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId,
        ClientName: 'old-state',
        ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      }),
    );
    const { AuthenticationResult } = await cognito.send(
      new AdminInitiateAuthCommand({
        UserPoolId,
        ClientId: UserPoolClient?.ClientId,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: 'eva', PASSWORD: 'Testing1234' },
      }),
    );
    const reply = await fetch(`${output('cms-dev1', 'FleetmanagerApiGatewayUrl')}/vehicles/${VIN}`, {
      headers: { authorization: AuthenticationResult?.IdToken ?? '' },
    });
    const vehicle = (await reply.json()) as Record<string, unknown>;
    assert.deepEqual([vehicle.vin, vehicle.make, vehicle.model], [VIN, 'Acme', 'DN']);
    const group = await fetch(
      `${output('cdf-core-development', 'AssetLibraryApiGatewayUrl')}/groups/%2Fauto%2Fvehicles%2F${VIN}`,
    );
    assert.equal(group.status, 200);
  });

  it('has the thing, its certificate and the template that made it', async () => {
    const iot = new IoTClient(aws);
    assert.equal((await iot.send(new DescribeThingCommand({ thingName: VIN }))).thingTypeName, 'tcu');
    const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName: VIN }));
    assert.equal(principals.length, 1);
    const { policies = [] } = await iot.send(new ListAttachedPoliciesCommand({ target: principals[0] }));
    assert.deepEqual(
      policies.map(({ policyName }) => policyName),
      ['CvraTcuDevicePolicy'],
    );
    const [[templateName] = ['']] = rows('iot/provisioning-templates');
    const template = await iot.send(new DescribeProvisioningTemplateCommand({ templateName }));
    const [[, role] = ['', {}]] = rows('iam.roles');
    assert.equal(template.provisioningRoleArn, role.arn);
    const found = await new IAMClient(aws).send(new GetRoleCommand({ RoleName: String(role.name) }));
    assert.equal(found.Role?.Arn, role.arn);
    const [, account] = rows('iot/account')[0] ?? [];
    assert.equal(output('cms-dev1', 'CertificateId'), account?.simulationCertificateId);
  });

  it('lets the vehicle connect, and goes on counting its messages', async () => {
    const [host, port] = sandbox.mqttEndpoint.split(':');
    const client = await mqtt.connectAsync({
      protocol: 'mqtts',
      host: host ?? '',
      port: Number(port),
      clientId: VIN,
      ca: await readFile(sandbox.caFile),
      cert: old.device.certificatePem,
      key: old.device.privateKeyPem,
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    await client.publishAsync(`dt/cvra/${VIN}/cardata`, JSON.stringify({ VIN }), { qos: 1 });
    await client.endAsync();
    const received = await until('the message', async () => {
      const { totals, messages } = (await sandbox.messages(VIN)) as {
        totals: { received: number };
        messages: { sequence: number }[];
      };
      return messages[0] && { received: totals.received, sequence: messages[0].sequence };
    });
    assert.deepEqual(received, { received: 2, sequence: 2 });
  });

  it('is kept by a restart', async () => {
    await sandbox.stop();
    sandbox = await startSandbox({ stateFolder: folder, args: ['--stack', 'cms-dev1', 'legacy:cdf-core-b'] });
    const kept = JSON.parse(await readFile(path.join(folder, 'state.json'), 'utf8')) as OldState['state'];
    const names = Object.keys(old.state.tables).filter((name) => rows(name).length > 0);
    assert.deepEqual(
      names.filter((name) => (kept.tables[name] ?? []).length === 0),
      [],
    );
  });
});
