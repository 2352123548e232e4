import assert from 'node:assert/strict';
import { createIot } from '../../../../src/sandbox/services/iot/iot.ts';
import { createIotResources } from '../../../../src/sandbox/installations/cdf/iotResources.ts';
import type { HttpRequest } from '../../../../src/sandbox/kernel/http.ts';
import { createMemoryStore, createTestContext } from '../../../support/sandboxContext.ts';
import { ALLOW, createTestIot, sharedAuthority, type TestIot } from './harness.ts';

describe('the IoT service', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
  });
  const resources = () => createIotResources(iot.context, iot.iot);
  const request = (method: string, path: string): HttpRequest => ({
    method,
    path,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    requestId: 'test',
    region: 'us-west-2',
    signed: true,
    trusted: false,
  });

  it('names the operation a request means', () => {
    const { service } = iot.iot;
    const table: [string, string, string | undefined][] = [
      ['GET', '/things', 'ListThings'],
      ['POST', '/things', 'RegisterThing'],
      ['POST', '/things/a', 'CreateThing'],
      ['GET', '/things/a%2Fb', 'DescribeThing'],
      ['PUT', '/things/a/principals', 'AttachThingPrincipal'],
      [
        'POST',
        '/attached-policies/arn%3Aaws%3Aiot%3Aus-west-2%3A123456789012%3Acert%2F00',
        'ListAttachedPolicies',
      ],
      ['PATCH', '/policies/p/version/2', 'SetDefaultPolicyVersion'],
      ['GET', '/things/a/b', undefined],
      ['POST', '/topics/a', undefined],
      ['GET', '/%ff', undefined],
      ['GET', '/things/%zz', undefined],
      ['BREW', '/things', undefined],
    ];
    for (const [method, path, name] of table) {
      assert.equal(service.operation(request(method, path)), name, `${method} ${path}`);
    }
  });

  it('wants every call signed', () => {
    assert.equal(iot.iot.service.unsigned('CreateThing'), false);
  });

  it('answers errors with the type in a header and the message in the body', async () => {
    const reply = await iot.call('GET', '/things/nope');
    assert.deepEqual(reply, {
      status: 404,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' },
      body: { message: 'Thing nope not found' },
    });
    const { service } = iot.iot;
    const refused = service.error(
      { code: 'ThrottlingException', message: 'Rate exceeded', status: 429 },
      request('GET', '/things'),
    );
    assert.deepEqual(refused, {
      status: 429,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ThrottlingException' },
      body: '{"message":"Rate exceeded"}',
    });
  });

  it('refuses a body that is no JSON object', async () => {
    for (const body of ['{', '[]', '"text"', 'null', '7']) {
      await iot.refused('SerializationException', 400, 'POST', '/policies/p', body);
    }
  });

  it('refuses members of a wrong type and counts what is wrong', async () => {
    const message = await iot.refused('InvalidRequestException', 400, 'POST', '/things/a', {
      thingTypeName: 7,
      attributePayload: { merge: 'yes' },
    });
    assert.match(
      message,
      /^2 validation errors detected: Value '7' at 'thingTypeName'.*'attributePayload\.merge'/,
    );
  });

  it('takes null for an absent member and ignores members it does not know', async () => {
    await iot.ok('POST', '/things/a', { thingTypeName: null, somethingNew: true });
  });

  describe('DescribeEndpoint', () => {
    it('gives the message broker for data', async () => {
      for (const query of ['', '?endpointType=iot:Data-ATS']) {
        assert.deepEqual(await iot.ok('GET', `/endpoint${query}`), { endpointAddress: 'localhost:8883' });
      }
    });

    it('gives the address known at the time of the call', async () => {
      iot = await createTestIot({ endpoints: { mqttPort: 12345 } });
      assert.deepEqual(await iot.ok('GET', '/endpoint'), { endpointAddress: 'localhost:12345' });
    });

    it('gives the HTTP port for credentials, and refuses others, the retired ones among them', async () => {
      assert.deepEqual(await iot.ok('GET', '/endpoint?endpointType=iot:CredentialProvider'), {
        endpointAddress: '127.0.0.1:4566',
      });
      for (const type of ['iot:Data', 'iot:Jobs', 'iot:Nope']) {
        await iot.refused('InvalidRequestException', 400, 'GET', `/endpoint?endpointType=${type}`);
      }
    });
  });

  describe('seed', () => {
    it('makes the thing type, the device policy with its faults, and the shared certificate @slow', async () => {
      assert.throws(() => resources().simulationCertificateId());
      await resources().seed();
      await iot.ok('GET', '/thing-types/tcu');
      const id = resources().simulationCertificateId();
      assert.equal(iot.iot.registry.certificate(id)?.status, 'ACTIVE');
      const [document = '', ...others] = iot.iot.registry.policyDocuments(id);
      assert.deepEqual(others, []);
      const own = 'arn:aws:iot:us-west-2:123456789012:';
      const { Statement } = JSON.parse(document) as { Statement: Record<string, unknown>[] };
      assert.deepEqual(Statement, [
        {
          Effect: 'Allow',
          Action: ['iot:Connect'],
          Resource: ['*'],
          Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } },
        },
        {
          Effect: 'Allow',
          Action: ['iot:Publish', 'iot:Receive'],
          Resource: [
            `${own}topic/cdf/commands/+/\${iot:ClientId}/*`,
            `${own}topic/$aws/things/\${iot:ClientId}/*`,
            `${own}topic/dt/cvra/\${iot:ClientId}/*`,
          ],
        },
        {
          Effect: 'Allow',
          Action: ['iot:Subscribe'],
          Resource: [
            `${own}topicfilter/cdf/commands/+/\${iot:ClientId}/*`,
            `${own}topicfilter/$aws/things/\${iot:ClientId}/*`,
            `${own}topic/dt/cvra/\${iot:ClientId}/*`,
          ],
        },
        {
          Effect: 'Allow',
          Action: 'iot:AssumeRoleWithCertificate',
          Resource: `${own}rolealias/s3-device-access-role-alias`,
          Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
        },
      ]);
    });

    it('is done once: what was deleted stays deleted, until a reset @slow', async () => {
      await resources().seed();
      const id = resources().simulationCertificateId();
      await iot.ok('PUT', `/certificates/${id}?newStatus=INACTIVE`);
      await iot.ok('DELETE', `/certificates/${id}?forceDelete=true`);
      await iot.ok('DELETE', '/policies/CvraTcuDevicePolicy');
      await resources().seed();
      await iot.refused('ResourceNotFoundException', 404, 'GET', '/policies/CvraTcuDevicePolicy');
      iot.context.store.reset();
      await resources().seed();
      await iot.ok('GET', '/policies/CvraTcuDevicePolicy');
      assert.notEqual(resources().simulationCertificateId(), id);
    });
  });

  it('finds everything again after a restart @slow', async () => {
    const store = createMemoryStore();
    iot = await createTestIot({ store });
    await resources().seed();
    const { id, arn } = await iot.certificate();
    await iot.ok('POST', '/things/a', { thingTypeName: 'tcu' });
    await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
    await iot.ok('PUT', '/things/a/principals', undefined, { 'x-amzn-principal': arn });
    await iot.ok('PUT', '/target-policies/p', { target: arn });
    // Volatile tables are not written: only the others come back.
    const restored = createMemoryStore();
    for (const name of [
      'account',
      'things',
      'thing-types',
      'certificates',
      'policies',
      'thing-principals',
      'policy-targets',
    ]) {
      for (const [key, value] of store.table(`iot/${name}`).entries())
        restored.table(`iot/${name}`).set(key, value);
    }
    const context = createTestContext({ store: restored });
    const again = createIot(context, await sharedAuthority());
    assert.equal(
      createIotResources(context, again).simulationCertificateId(),
      resources().simulationCertificateId(),
    );
    assert.deepEqual(again.registry.thingsOf(id), ['a']);
    assert.deepEqual(again.registry.policyDocuments(id), [ALLOW]);
    assert.equal(again.registry.thing('a')?.thingTypeName, 'tcu');
  });

  it('forgets attachments with everything else at a reset', async () => {
    const { id, arn } = await iot.certificate();
    await iot.ok('POST', '/things/a');
    await iot.ok('PUT', '/things/a/principals', undefined, { 'x-amzn-principal': arn });
    iot.context.store.reset();
    assert.deepEqual(iot.iot.registry.thingsOf(id), []);
    await iot.ok('POST', '/things/a');
    assert.deepEqual(await iot.ok('GET', '/things/a/principals'), { principals: [] });
  });
});
