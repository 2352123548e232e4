import assert from 'node:assert/strict';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateListExports,
  paginateListStacks,
} from '@aws-sdk/client-cloudformation';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  IAMClient,
  paginateListPolicies,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const REGISTRATION = 'arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration';

describe('CloudFormation, STS and IAM as the AWS SDK sees them', () => {
  let sandbox: SandboxProcess;
  let cloudFormation: CloudFormationClient;
  let sts: STSClient;
  let iam: IAMClient;
  before(async () => {
    sandbox = await startSandbox({
      args: [
        '--stack',
        'cms-dev1',
        '--stack',
        'cms-b:cdf-core-b',
        '--stack',
        'cms-c:cdf-core-c',
        '--stack',
        'cms-d:cdf-core-d',
        '--stack',
        'cms-e:cdf-core-e',
        '--stack',
        'cms-f:cdf-core-f',
      ],
    });
    const config = {
      endpoint: sandbox.endpoint,
      region: 'us-west-2',
      credentials: testCredentials,
      maxAttempts: 1,
    };
    cloudFormation = new CloudFormationClient(config);
    sts = new STSClient(config);
    iam = new IAMClient(config);
  });
  after(async () => {
    for (const client of [cloudFormation, sts, iam]) client.destroy();
    await sandbox.stop();
  });

  it('STS tells the account @smoke', async () => {
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Account, '123456789012');
    assert.equal(identity.Arn, 'arn:aws:iam::123456789012:user/sandbox');
  });

  it('lists every stack once over its pages, with root and parent', async () => {
    const pages: number[] = [];
    const names: string[] = [];
    for await (const page of paginateListStacks(
      { client: cloudFormation },
      { StackStatusFilter: ['CREATE_COMPLETE'] },
    )) {
      pages.push(page.StackSummaries!.length);
      names.push(...page.StackSummaries!.map((s) => s.StackName!));
    }
    assert.ok(pages.length > 1);
    assert.equal(new Set(names).size, names.length);
    for (const name of ['cms-dev1', 'cms-f', 'cdf-core-development', 'cdf-core-f'])
      assert.ok(names.includes(name));
  });

  it('describes a CMS whose outputs lead to APIs and a user pool that answer', async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'cms-dev1' }));
    const stack = Stacks![0]!;
    assert.ok(stack.CreationTime instanceof Date);
    const outputs = Object.fromEntries(stack.Outputs!.map((o) => [o.OutputKey!, o.OutputValue!]));
    assert.match(outputs.UserPoolId!, /^us-west-2_\w+$/);
    assert.ok(outputs.FacadeApiGatewayUrl!.startsWith(`${sandbox.endpoint}/execute-api/`));
    const facade = await fetch(`${outputs.FacadeApiGatewayUrl!}/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(facade.status, 401);
    const jwks = await fetch(`${sandbox.endpoint}/${outputs.UserPoolId!}/.well-known/jwks.json`);
    assert.equal(jwks.status, 200);
  });

  it('describes resources, exports and what is not there', async () => {
    const { StackResources } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: 'cdf-core-development' }),
    );
    assert.deepEqual(
      StackResources!.map((r) => r.LogicalResourceId),
      ['Shared', 'ServicesA', 'ServicesB'],
    );
    const exports: string[] = [];
    for await (const page of paginateListExports({ client: cloudFormation }, {})) {
      exports.push(...page.Exports!.map((e) => e.Name!));
    }
    assert.ok(exports.includes('cms-b-userPoolId'));
    await assert.rejects(cloudFormation.send(new DescribeStacksCommand({ StackName: 'nope' })), {
      name: 'ValidationError',
      message: 'Stack with id nope does not exist',
    });
  });

  it('throttles in the words of CloudFormation', async () => {
    await sandbox.fault({ operation: 'cloudformation:DescribeStacks', action: { kind: 'throttle' } });
    await assert.rejects(cloudFormation.send(new DescribeStacksCommand({})), { name: 'Throttling' });
  });

  it('shows the spoiled stack a test asked for', async () => {
    await sandbox.alterStack('cms-b', { status: 'UPDATE_ROLLBACK_COMPLETE', removeOutputs: ['UserPoolId'] });
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'cms-b' }));
    assert.equal(Stacks![0]!.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
    assert.ok(!Stacks![0]!.Outputs!.some((o) => o.OutputKey === 'UserPoolId'));
  });

  it('IAM makes a role, attaches, conflicts, detaches and deletes', async () => {
    const role = { RoleName: 'IotCMSRole' };
    await assert.rejects(iam.send(new GetRoleCommand(role)), { name: 'NoSuchEntityException' });
    await iam.send(
      new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: TRUST, Tags: [{ Key: 'a', Value: 'b' }] }),
    );
    await assert.rejects(iam.send(new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: TRUST })), {
      name: 'EntityAlreadyExistsException',
    });
    await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn: REGISTRATION }));
    const attached = await iam.send(new ListAttachedRolePoliciesCommand(role));
    assert.deepEqual(attached.AttachedPolicies, [
      { PolicyName: 'AWSIoTThingsRegistration', PolicyArn: REGISTRATION },
    ]);
    await iam.send(new UpdateAssumeRolePolicyCommand({ ...role, PolicyDocument: TRUST }));
    const { Role } = await iam.send(new GetRoleCommand(role));
    assert.equal(decodeURIComponent(Role!.AssumeRolePolicyDocument!), TRUST);
    assert.deepEqual(Role!.Tags, [{ Key: 'a', Value: 'b' }]);
    const { Roles } = await iam.send(new ListRolesCommand({}));
    assert.deepEqual(
      Roles!.map((r) => r.RoleName),
      ['IotCMSRole'],
    );
    await assert.rejects(iam.send(new DeleteRoleCommand(role)), { name: 'DeleteConflictException' });
    await iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn: REGISTRATION }));
    await iam.send(new DeleteRoleCommand(role));
    await assert.rejects(iam.send(new GetRoleCommand(role)), { name: 'NoSuchEntityException' });
  });

  it("IAM makes a company's policy, which bounds a role and is attached to it", async () => {
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
    });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'boundary',
        Path: '/company/',
        PolicyDocument,
        Description: 'd',
      }),
    );
    const PolicyArn = Policy!.Arn!;
    assert.equal(PolicyArn, 'arn:aws:iam::123456789012:policy/company/boundary');
    assert.ok(Policy!.CreateDate instanceof Date && Policy!.IsAttachable === true);
    const role = { RoleName: 'Bounded' };
    await iam.send(
      new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: TRUST, PermissionsBoundary: PolicyArn }),
    );
    await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn }));
    const shown = (await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy!;
    assert.deepEqual(
      [shown.Description, shown.AttachmentCount, shown.PermissionsBoundaryUsageCount],
      ['d', 1, 1],
    );
    const version = { PolicyArn, VersionId: shown.DefaultVersionId! };
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(version));
    assert.equal(decodeURIComponent(PolicyVersion!.Document!), PolicyDocument);
    const listed: string[] = [];
    for await (const page of paginateListPolicies(
      { client: iam },
      { Scope: 'Local', PathPrefix: '/company/' },
    ))
      listed.push(...page.Policies!.map(({ Arn }) => Arn!));
    assert.deepEqual(listed, [PolicyArn]);
    await assert.rejects(iam.send(new DeletePolicyCommand({ PolicyArn })), {
      name: 'DeleteConflictException',
    });
    await iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn }));
    await iam.send(new DeleteRoleCommand(role));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    await assert.rejects(iam.send(new GetPolicyCommand({ PolicyArn })), { name: 'NoSuchEntityException' });
    await assert.rejects(iam.send(new CreatePolicyCommand({ PolicyName: 'x', PolicyDocument: '{}' })), {
      name: 'MalformedPolicyDocumentException',
    });
  });

  it('IAM refuses a bad trust policy', async () => {
    await assert.rejects(iam.send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: '{}' })), {
      name: 'MalformedPolicyDocumentException',
    });
  });
});
