import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSecretsManager } from '../../../src/sandbox/services/secretsManager/secretsManager.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

const NAME = '/solution/auth/cms/idp-config';

function setUp() {
  const context = createTestContext();
  const manager = createSecretsManager(context);
  const { service, secrets } = manager;
  async function send(operation: string, input: unknown) {
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `secretsmanager.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
      requestId: randomUUID(),
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    assert.ok(service.claims(request));
    const { status, body } = await answered(service, operation, request);
    return { status, body: JSON.parse(String(body)) as Record<string, unknown> };
  }
  const valueOf = async (input: object) => (await send('GetSecretValue', input)).body.SecretString;
  return { context, manager, secrets, send, valueOf };
}

describe('Secrets Manager of the sandbox', () => {
  it('gives a secret by its name, its ARN, and its ARN without the last characters', async () => {
    const { secrets, send, valueOf } = setUp();
    secrets.ensure({ name: NAME, value: '{"a":1}' });
    const { body } = await send('GetSecretValue', { SecretId: NAME });
    assert.match(
      String(body.ARN),
      /^arn:aws:secretsmanager:us-west-2:123456789012:secret:\/solution\/auth\/cms\/idp-config-\w{6}$/,
    );
    assert.deepEqual([body.Name, body.SecretString, body.VersionStages], [NAME, '{"a":1}', ['AWSCURRENT']]);
    assert.equal(await valueOf({ SecretId: body.ARN }), '{"a":1}');
    assert.equal(await valueOf({ SecretId: String(body.ARN).slice(0, -7) }), '{"a":1}');
  });

  it('keeps the value before for who asks for it', async () => {
    const { secrets, send, valueOf } = setUp();
    secrets.ensure({ name: NAME, value: 'one' });
    secrets.put(NAME, 'two');
    secrets.put(NAME, 'three');
    assert.equal(await valueOf({ SecretId: NAME }), 'three');
    assert.equal(await valueOf({ SecretId: NAME, VersionStage: 'AWSPREVIOUS' }), 'two');
    const { body } = await send('DescribeSecret', { SecretId: NAME });
    assert.deepEqual(
      Object.values(body.VersionIdsToStages as Record<string, string[]>)
        .flat()
        .sort(),
      ['AWSCURRENT', 'AWSPREVIOUS'],
    );
    const { body: none } = await send('GetSecretValue', { SecretId: NAME, VersionStage: 'AWSPENDING' });
    assert.equal(none.__type, 'ResourceNotFoundException');
  });

  it('knows no secret that is not there', async () => {
    const { send } = setUp();
    const { status, body } = await send('GetSecretValue', { SecretId: 'nowhere' });
    assert.equal(status, 400);
    assert.deepEqual(body, {
      __type: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('rotates what has a function for it, and nothing else', async () => {
    const { context, manager, secrets, send, valueOf } = setUp();
    secrets.ensure({ name: NAME, value: 'one', rotationDays: 90 });
    assert.equal((await send('RotateSecret', { SecretId: NAME })).body.__type, 'InvalidRequestException');
    manager.rotateBy(NAME, () => {
      secrets.put(NAME, 'two');
      return Promise.resolve();
    });
    context.clock.advance(1000);
    assert.equal((await send('RotateSecret', { SecretId: NAME })).status, 200);
    assert.equal(await valueOf({ SecretId: NAME }), 'two');
    const { body } = await send('DescribeSecret', { SecretId: NAME });
    const now = context.clock.now() / 1000;
    assert.deepEqual([body.LastRotatedDate, body.NextRotationDate], [now, now + 90 * 86_400]);
  });

  it('lists its secrets page by page, without their values', async () => {
    const { secrets, send } = setUp();
    for (const name of ['b', 'a', 'c']) secrets.ensure({ name, value: 'v' });
    const { body } = await send('ListSecrets', { MaxResults: 2 });
    const { body: rest } = await send('ListSecrets', { MaxResults: 2, NextToken: body.NextToken });
    const namesIn = (page: Record<string, unknown>) =>
      (page.SecretList as { Name: string }[]).map(({ Name }) => Name);
    assert.deepEqual([...namesIn(body), ...namesIn(rest)], ['a', 'b', 'c']);
    assert.ok(!JSON.stringify([body, rest]).includes('SecretString'));
  });
});
