import assert from 'node:assert/strict';
import type { HttpRequest } from '../../../src/sandbox/kernel/http.ts';
import { callResource } from '../../../src/sandbox/services/callResource.ts';
import { createRoleSessions } from '../../../src/sandbox/services/iam/roleSessions.ts';
import { workerTemplate } from '../../../src/scale/stack/template.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

/** The worker's own policy, with the values that a stack gives it. */
function workerPolicy(): string {
  const { Resources } = JSON.parse(workerTemplate()) as {
    Resources: { WorkerRole: { Properties: { Policies: [{ PolicyDocument: object }] } } };
  };
  const values: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': 'us-west-2',
    'AWS::AccountId': '123456789012',
    'AWS::URLSuffix': 'amazonaws.com',
    Bucket: 'runs-of-mine',
  };
  return JSON.stringify(Resources.WorkerRole.Properties.Policies[0].PolicyDocument)
    .replaceAll(/\{"Fn::Sub":("(?:[^"\\]|\\.)*")\}/g, '$1')
    .replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => values[name] ?? name);
}

function setUp() {
  const context = createTestContext();
  const sessions = createRoleSessions(
    context,
    () => [workerPolicy()],
    (service, _, request) => callResource(context.config, service, request),
  );
  const { accessKeyId } = sessions.open('arn:aws:iam::123456789012:role/worker', 'job');
  const refused = (service: string, operation: string, path: string) => {
    const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261201/us-west-2` };
    return sessions.refusal(service, operation, {
      path,
      headers,
      body: Buffer.from(''),
    } as unknown as HttpRequest);
  };
  return { sessions, accessKeyId, refused };
}

describe('The role of a job in the sandbox', () => {
  it('lets a worker read plans and keys and write results, in its own bucket only', () => {
    const { refused } = setUp();
    for (const [operation, path] of [
      ['GetObject', '/runs-of-mine/runs/runs/r/plan.json'],
      ['GetObject', '/runs-of-mine/fleet/index.json'],
      ['PutObject', '/runs-of-mine/runs/runs/r/results/1-1.json'],
      ['ListObjectsV2', '/runs-of-mine'],
    ] as const)
      assert.equal(refused('s3', operation, path), undefined, `${operation} ${path}`);
    for (const [operation, path] of [
      ['PutObject', '/runs-of-mine/fleet/index.json'],
      ['GetObject', '/runs-of-mine/other/secret'],
      ['GetObject', '/another-bucket/runs/plan.json'],
      ['DeleteObject', '/runs-of-mine/runs/runs/r/plan.json'],
    ] as const)
      assert.equal(refused('s3', operation, path)?.code, 'AccessDenied', `${operation} ${path}`);
    assert.equal(refused('iot', 'DescribeEndpoint', '/endpoint'), undefined);
    assert.equal(refused('iot', 'CreateThing', '/things/x')?.status, 403);
  });

  it('lets a worker use the run channel over MQTT, and no topic of vehicles', () => {
    const { sessions, accessKeyId } = setUp();
    const may = (action: string, rest: string, key = accessKeyId) =>
      sessions.allows(key, action, `arn:aws:iot:us-west-2:123456789012:${rest}`);
    assert.equal(may('iot:Connect', 'client/scale-run-1'), true);
    assert.equal(may('iot:Publish', 'topic/cms-enablement/scale/run/status/1'), true);
    assert.equal(may('iot:Connect', 'client/VEHICLE'), false);
    assert.equal(may('iot:Publish', 'topic/dt/cvra/VEHICLE/cardata'), false);
    assert.equal(may('iot:Publish', 'topic/dt/cvra/VEHICLE/cardata', 'AKIAUSER'), true, 'no role');
  });
});
