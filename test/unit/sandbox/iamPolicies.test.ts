import assert from 'node:assert/strict';
import { createIam } from '../../../src/sandbox/services/iam/iam.ts';
import { membersIn, query } from '../../support/query.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

const statement = { Effect: 'Allow', Action: 'iot:*', Resource: '*' };
const documentOf = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const DOCUMENT = documentOf(statement);
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const ARN = 'arn:aws:iam::123456789012:policy/company/boundary';
const RoleName = 'IotCMSRole';

function setUp() {
  const context = createTestContext();
  const { service } = createIam(context);
  const call = (action: string, parameters: Record<string, string> = {}) =>
    query(service, action, parameters);
  const ok = async (action: string, parameters: Record<string, string> = {}) => {
    const { status, body, text } = await call(action, parameters);
    assert.equal(status, 200, text);
    return body;
  };
  const refused = async (action: string, parameters: Record<string, string>) => {
    const { status, body } = await call(action, parameters);
    return [status, body.Code, body.Message];
  };
  const create = (change: Record<string, string> = {}) =>
    ok('CreatePolicy', { PolicyName: 'boundary', Path: '/company/', PolicyDocument: DOCUMENT, ...change });
  const policy = async () => (await ok('GetPolicy', { PolicyArn: ARN })).Policy as Record<string, string>;
  return { context, call, ok, refused, create, policy };
}

describe('managed policies of the account in the sandbox', () => {
  it('are made with version v1, and described with their description and tags', async () => {
    const { context, create, policy } = setUp();
    const made = (
      await create({ Description: 'bounds', 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' })
    ).Policy as Record<string, unknown>;
    const date = new Date(context.clock.now()).toISOString();
    const { PolicyId, Tags, ...rest } = made;
    assert.match(String(PolicyId), /^ANPA[A-Z2-7]{17}$/);
    assert.deepEqual(membersIn(Tags), [{ Key: 'a', Value: 'b' }]);
    const facts = {
      PolicyName: 'boundary',
      Arn: ARN,
      Path: '/company/',
      DefaultVersionId: 'v1',
      AttachmentCount: '0',
      PermissionsBoundaryUsageCount: '0',
      IsAttachable: 'true',
      CreateDate: date,
      UpdateDate: date,
    };
    assert.deepEqual(rest, facts);
    const shown: Record<string, unknown> = await policy();
    assert.deepEqual(
      { ...shown, Tags: membersIn(shown.Tags) },
      {
        ...facts,
        PolicyId,
        Description: 'bounds',
        Tags: [{ Key: 'a', Value: 'b' }],
      },
    );
  });

  it('have one version, whose document comes URL-encoded', async () => {
    const { ok, refused, create } = setUp();
    await create();
    const { PolicyVersion } = await ok('GetPolicyVersion', { PolicyArn: ARN, VersionId: 'v1' });
    const version = PolicyVersion as Record<string, string>;
    assert.equal(decodeURIComponent(version.Document!), DOCUMENT);
    assert.deepEqual([version.VersionId, version.IsDefaultVersion], ['v1', 'true']);
    const [listed, ...others] = membersIn((await ok('ListPolicyVersions', { PolicyArn: ARN })).Versions);
    assert.deepEqual(Object.keys(listed!).sort(), ['CreateDate', 'IsDefaultVersion', 'VersionId']);
    assert.equal(others.length, 0);
    assert.deepEqual(await refused('GetPolicyVersion', { PolicyArn: ARN, VersionId: 'v2' }), [
      404,
      'NoSuchEntity',
      `Policy ${ARN} version v2 does not exist or is not attachable.`,
    ]);
    for (const VersionId of ['2', 'v0', 'latest'])
      assert.equal((await refused('GetPolicyVersion', { PolicyArn: ARN, VersionId }))[1], 'ValidationError');
  });

  it('have names that are unique whatever their case and path', async () => {
    const { refused, create } = setUp();
    await create();
    const again = { PolicyName: 'Boundary', PolicyDocument: DOCUMENT };
    assert.deepEqual(await refused('CreatePolicy', again), [
      409,
      'EntityAlreadyExists',
      'A policy called Boundary already exists. Duplicate names are not allowed.',
    ]);
  });

  it('can be the boundary of a role, and be attached, which counts and keeps them from being deleted', async () => {
    const { ok, refused, create, policy } = setUp();
    await create();
    await ok('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST, PermissionsBoundary: ARN });
    const { Role } = await ok('GetRole', { RoleName });
    assert.deepEqual((Role as Record<string, unknown>).PermissionsBoundary, {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: ARN,
    });
    const counts = async () => {
      const { AttachmentCount, PermissionsBoundaryUsageCount } = await policy();
      return [AttachmentCount, PermissionsBoundaryUsageCount];
    };
    const conflict = [409, 'DeleteConflict', 'Cannot delete a policy attached to entities.'];
    assert.deepEqual(await counts(), ['0', '1']);
    assert.deepEqual(await refused('DeletePolicy', { PolicyArn: ARN }), conflict);
    await ok('AttachRolePolicy', { RoleName, PolicyArn: ARN });
    await ok('DeleteRolePermissionsBoundary', { RoleName });
    assert.deepEqual(await counts(), ['1', '0']);
    const below = { RoleName, PathPrefix: '/company/' };
    assert.deepEqual(membersIn((await ok('ListAttachedRolePolicies', below)).AttachedPolicies), [
      { PolicyName: 'boundary', PolicyArn: ARN },
    ]);
    assert.deepEqual(await refused('DeletePolicy', { PolicyArn: ARN }), conflict);
    await ok('DetachRolePolicy', { RoleName, PolicyArn: ARN });
    await ok('DeletePolicy', { PolicyArn: ARN });
    const gone = [404, 'NoSuchEntity', `Policy ${ARN} was not found.`];
    for (const action of ['GetPolicy', 'DeletePolicy', 'ListPolicyVersions'])
      assert.deepEqual(await refused(action, { PolicyArn: ARN }), gone, action);
    const boundary = await refused('PutRolePermissionsBoundary', { RoleName, PermissionsBoundary: ARN });
    assert.deepEqual(boundary.slice(0, 2), [404, 'NoSuchEntity']);
  });

  it('are found by their whole ARN only', async () => {
    const { refused, create } = setUp();
    await create();
    for (const PolicyArn of [
      'arn:aws:iam::123456789012:policy/boundary',
      'arn:aws:iam::123456789012:policy/company/Boundary',
      'arn:aws:iam::999999999999:policy/company/boundary',
    ])
      assert.equal((await refused('GetPolicy', { PolicyArn }))[1], 'NoSuchEntity', PolicyArn);
    assert.equal((await refused('GetPolicy', { PolicyArn: 'boundary' }))[1], 'ValidationError');
  });

  it('are listed by path, scope and use, in pages, without description and tags', async () => {
    const { ok, refused, create } = setUp();
    await create({ Description: 'd', 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' });
    for (const PolicyName of ['b', 'a', 'c']) await create({ PolicyName, Path: '/' });
    await ok('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST, PermissionsBoundary: ARN });
    const attached = 'arn:aws:iam::123456789012:policy/a';
    await ok('AttachRolePolicy', { RoleName, PolicyArn: attached });
    const names = async (parameters: Record<string, string> = {}) =>
      membersIn((await ok('ListPolicies', parameters)).Policies).map(({ PolicyName }) => PolicyName);
    const ofAws = await names({ Scope: 'AWS' });
    assert.equal(ofAws.length, 7);
    assert.ok(ofAws.includes('AWSIoTThingsRegistration'));
    assert.deepEqual(await names(), ['a', 'b', 'boundary', 'c', ...ofAws]);
    assert.deepEqual(await names({ Scope: 'AWS', PathPrefix: '/service-role/' }), [
      'AWSIoTLogging',
      'AWSIoTRuleActions',
      'AWSIoTThingsRegistration',
    ]);
    assert.deepEqual(await names({ Scope: 'Local' }), ['a', 'b', 'boundary', 'c']);
    assert.deepEqual(await names({ PathPrefix: '/company/' }), ['boundary']);
    assert.deepEqual(await names({ OnlyAttached: 'true' }), ['a']);
    assert.deepEqual(await names({ PolicyUsageFilter: 'PermissionsPolicy' }), ['a']);
    assert.deepEqual(await names({ PolicyUsageFilter: 'PermissionsBoundary' }), ['boundary']);
    const [listed] = membersIn((await ok('ListPolicies', { PathPrefix: '/company/' })).Policies);
    assert.deepEqual(
      Object.keys(listed!).filter((key) => key === 'Description' || key === 'Tags'),
      [],
    );
    const first = await ok('ListPolicies', { MaxItems: '3', Scope: 'Local' });
    assert.equal(first.IsTruncated, 'true');
    assert.deepEqual(await names({ MaxItems: '3', Scope: 'Local', Marker: String(first.Marker) }), ['c']);
    for (const bad of [
      { Scope: 'Mine' },
      { PolicyUsageFilter: 'x' },
      { MaxItems: '0' },
      { PathPrefix: 'x' },
      { Marker: 'x' },
    ])
      assert.equal((await refused('ListPolicies', bad))[1], 'ValidationError', JSON.stringify(bad));
  });

  it('say ValidationError for what cannot be', async () => {
    const { refused } = setUp();
    const good = { PolicyName: 'p', PolicyDocument: DOCUMENT };
    for (const bad of [
      { PolicyName: '' },
      { PolicyName: 'a b' },
      { PolicyName: 'x'.repeat(129) },
      { Path: 'company' },
      { Path: '/company' },
      { Path: '/a b/' },
      { Path: `/${'x'.repeat(512)}/` },
      { Description: 'x'.repeat(1001) },
      { PolicyDocument: '' },
    ]) {
      const [status, code] = await refused('CreatePolicy', { ...good, ...bad });
      assert.deepEqual([status, code], [400, 'ValidationError'], JSON.stringify(bad));
    }
  });

  it('are of AWS, too: those can be attached, and are listed without what is in them', async () => {
    const { ok, refused } = setUp();
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    await ok('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST });
    await ok('AttachRolePolicy', { RoleName, PolicyArn });
    const { Policy } = await ok('GetPolicy', { PolicyArn });
    const { Arn, Path, AttachmentCount } = Policy as Record<string, unknown>;
    assert.deepEqual([Arn, Path, AttachmentCount], [PolicyArn, '/', '1']);
    const [status, code] = await refused('GetPolicyVersion', { PolicyArn, VersionId: 'v1' });
    assert.deepEqual([status, code], [501, 'NotImplemented']);
  });
});

describe('the document of a managed policy', () => {
  // Texts as they were seen of IAM.
  const syntax = 'Syntax errors in policy.';
  const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
  const version = 'Policy document must be version 2012-10-17 or greater.';
  const bad: [what: string, document: string, message: string][] = [
    ['no JSON', 'Allow everything', syntax],
    ['a list', '[]', syntax],
    ['no statement', '{"Version":"2012-10-17"}', syntax],
    ['no statements', documentOf(), syntax],
    ['a word for a statement', '{"Version":"2012-10-17","Statement":["x"]}', syntax],
    ['an unknown version', DOCUMENT.replace('2012', '2013'), syntax],
    ['the older version', DOCUMENT.replace('2012', '2008'), version],
    ['no version', JSON.stringify({ Statement: statement }), version],
    ['an unknown field', documentOf({ ...statement, Colour: 'red' }), syntax],
    ['an unknown effect', documentOf({ ...statement, Effect: 'Maybe' }), syntax],
    ['no effect', documentOf({ Action: 'iot:*', Resource: '*' }), syntax],
    ['both kinds of actions', documentOf({ ...statement, NotAction: 'iot:*' }), syntax],
    ['both kinds of resources', documentOf({ ...statement, NotResource: '*' }), syntax],
    ['a condition of the wrong form', documentOf({ ...statement, Condition: { a: 'b' } }), syntax],
    ['no action', documentOf({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions.'],
    ['an empty list of actions', documentOf({ ...statement, Action: [] }), 'Policy statement must contain actions.'],
    ['no resource', documentOf({ Effect: 'Allow', Action: 'iot:*' }), 'Policy statement must contain resources.'],
    ['an action without a service', documentOf({ ...statement, Action: 'Connect' }), vendor],
    ['an action of two colons', documentOf({ ...statement, Action: 'a:b:c' }), 'Actions/Condition can contain only one colon.'],
    ['a service with a blank', documentOf({ ...statement, Action: 'a a:b' }), 'Vendor a a is not valid'],
    ['a resource that is no ARN', documentOf({ ...statement, Resource: 'x' }), 'Resource x must be in ARN format or "*".'],
    ['half an ARN', documentOf({ ...statement, Resource: 'arn:aws:s3::x' }), 'The policy failed legacy parsing'],
    ['a principal', documentOf({ ...statement, Principal: '*' }), 'Policy document should not specify a principal.'],
    ['a Sid twice', documentOf({ ...statement, Sid: 'a' }, { ...statement, Sid: 'a' }), 'Statement IDs (SID) in a single policy must be unique.'],
  ]; // prettier-ignore
  for (const [what, PolicyDocument, message] of bad) {
    it(`is malformed with ${what}`, async () => {
      const { refused } = setUp();
      const answer = await refused('CreatePolicy', { PolicyName: 'p', PolicyDocument });
      assert.deepEqual(answer, [400, 'MalformedPolicyDocument', message]);
    });
  }

  it('may have statements of every form', async () => {
    const { create } = setUp();
    const conditions = {
      StringEquals: { 'aws:RequestedRegion': ['eu-central-1'] },
      Bool: { 'aws:ViaAWSService': false },
    };
    const document = documentOf(
      { Sid: 'One', Effect: 'Allow', NotAction: ['iam:*', '*'], Resource: ['*', 'arn:aws:s3:::bucket/a:b'] },
      { Effect: 'Deny', Action: '*', NotResource: 'arn:aws:iot:*:*:thing/*', Condition: conditions },
    );
    await assert.doesNotReject(create({ PolicyDocument: document }));
    await create({
      PolicyName: 'single',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
    });
  });

  it('has at most 6,144 characters, blanks not counted', async () => {
    const { refused, create } = setUp();
    const resource = (length: number) =>
      documentOf({ ...statement, Resource: `arn:aws:s3:::${'x'.repeat(length)}` });
    const most = 6144 - resource(0).length;
    await create({ PolicyDocument: resource(most).replaceAll(',', `,${' '.repeat(100)}`) });
    assert.deepEqual(await refused('CreatePolicy', { PolicyName: 'p', PolicyDocument: resource(most + 1) }), [
      409,
      'LimitExceeded',
      'Cannot exceed quota for PolicySize: 6144',
    ]);
  });
});

describe('a role in the sandbox', () => {
  it('may be assumed by the services that its trust policy names, and by no others', async () => {
    const { service, mayAssume } = createIam(createTestContext());
    const trust = (...statements: object[]) => documentOf(...statements);
    const one = { Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const many = {
      ...one,
      Principal: { Service: ['lambda.amazonaws.com', 'iot.amazonaws.com'] },
      Action: ['sts:TagSession', 'sts:Assume*'],
    };
    const expected: [document: string, may: boolean][] = [
      [trust(one), true],
      [trust(many), true],
      [trust({ ...one, Principal: '*' }), true],
      [trust({ ...one, Principal: { Service: 'lambda.amazonaws.com' } }), false],
      [trust({ ...one, Principal: { AWS: '123456789012' } }), false],
      [trust({ ...one, Action: 'sts:TagSession' }), false],
      [trust(one, { ...one, Effect: 'Deny' }), false],
    ];
    for (const [i, [AssumeRolePolicyDocument, may]] of expected.entries()) {
      await query(service, 'CreateRole', { RoleName: `r${i}`, AssumeRolePolicyDocument });
      const arn = `arn:aws:iam::123456789012:role/r${i}`;
      assert.equal(mayAssume('iot.amazonaws.com', arn), may, AssumeRolePolicyDocument);
    }
    assert.equal(mayAssume('iot.amazonaws.com', 'arn:aws:iam::123456789012:role/nobody'), false);
  });
});
