import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createTestIot, names, ROLE, type TestIot, UNTRUSTED_ROLE } from './harness.ts';

/** The template the product provisions vehicles with. */
const VEHICLE_TEMPLATE = JSON.stringify({
  Parameters: { SerialNumber: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
  Resources: {
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
    thing: {
      Type: 'AWS::IoT::Thing',
      OverrideSettings: { AttributePayload: 'MERGE', ThingGroups: 'DO_NOTHING', ThingTypeName: 'REPLACE' },
      Properties: { ThingGroups: [], ThingName: { Ref: 'SerialNumber' } },
    },
  },
});

const NAME = 'CMSFleetProvisioningTemplate';
const AT = `/provisioning-templates/${NAME}`;

/** How the library that checks documents here would say it. */
const LIBRARY_WORDS = /Invalid input|Unrecognized key|received|Too (small|big)|→|✖/;

describe('IoT provisioning templates', () => {
  let iot: TestIot;
  const given = { templateName: NAME, templateBody: VEHICLE_TEMPLATE, provisioningRoleArn: ROLE };
  beforeEach(async () => {
    iot = await createTestIot();
  });

  describe('CreateProvisioningTemplate', () => {
    it('makes a template that DescribeProvisioningTemplate shows', async () => {
      const made = await iot.ok('POST', '/provisioning-templates', {
        ...given,
        description: 'vehicles',
        enabled: true,
      });
      const templateArn = `arn:aws:iot:us-west-2:123456789012:provisioningtemplate/${NAME}`;
      assert.deepEqual(made, { templateArn, templateName: NAME, defaultVersionId: 1 });
      const now = iot.context.clock.now() / 1000;
      assert.deepEqual(await iot.ok('GET', AT), {
        templateArn,
        templateName: NAME,
        description: 'vehicles',
        creationDate: now,
        lastModifiedDate: now,
        enabled: true,
        type: 'FLEET_PROVISIONING',
        defaultVersionId: 1,
        templateBody: VEHICLE_TEMPLATE,
        provisioningRoleArn: ROLE,
      });
    });

    it('leaves it disabled unless told otherwise', async () => {
      await iot.ok('POST', '/provisioning-templates', given);
      assert.equal((await iot.ok('GET', AT)).enabled, false);
    });

    it('refuses a name that is taken, naming the resource', async () => {
      const { templateArn } = await iot.ok('POST', '/provisioning-templates', given);
      const reply = await iot.call('POST', '/provisioning-templates', given);
      assert.equal(reply.status, 409);
      assert.equal(reply.body.resourceArn, templateArn);
      assert.equal(reply.body.message, `Template with name ${given.templateName} already exists`);
    });

    it('takes a name of 36 characters and refuses one of 37 or with others', async () => {
      await iot.ok('POST', '/provisioning-templates', { ...given, templateName: 'a'.repeat(36) });
      for (const templateName of ['a'.repeat(37), 'a.b', 'a b', '']) {
        await iot.refused('InvalidRequestException', 400, 'POST', '/provisioning-templates', {
          ...given,
          templateName,
        });
      }
    });

    it('refuses a role that is no role ARN', async () => {
      for (const provisioningRoleArn of ['short', 'arn:aws:iam::123456789012:user/somebody']) {
        const body = { ...given, provisioningRoleArn };
        await iot.refused('InvalidRequestException', 400, 'POST', '/provisioning-templates', body);
      }
    });

    it('refuses a role that AWS IoT may not assume, also for a template that is there', async () => {
      const provisioningRoleArn = UNTRUSTED_ROLE;
      const refused = (method: string, at: string, body: object) =>
        iot.refused('InvalidRequestException', 400, method, at, body);
      const why = 'The provisioning role cannot be assumed by AWS IoT';
      assert.equal(await refused('POST', '/provisioning-templates', { ...given, provisioningRoleArn }), why);
      await iot.ok('POST', '/provisioning-templates', given);
      assert.equal(await refused('PATCH', AT, { provisioningRoleArn }), why);
      assert.equal((await iot.ok('GET', AT)).provisioningRoleArn, ROLE);
    });

    it('refuses a body that is no template, or longer than 10,240 characters', async () => {
      const nested = JSON.stringify({
        ...JSON.parse(VEHICLE_TEMPLATE),
        DeviceConfiguration: { a: { b: 'c' } },
      });
      for (const templateBody of ['{', '[]', '{}', nested, VEHICLE_TEMPLATE + ' '.repeat(10_240)]) {
        const body = { ...given, templateBody };
        const message = await iot.refused(
          'InvalidRequestException',
          400,
          'POST',
          '/provisioning-templates',
          body,
        );
        assert.doesNotMatch(message, LIBRARY_WORDS);
      }
    });

    it('refuses a certificate that is not given by its id', async () => {
      const templateBody = VEHICLE_TEMPLATE.replace('"CertificateId"', '"CertificateSigningRequest"');
      const message = await iot.refused('InvalidRequestException', 400, 'POST', '/provisioning-templates', {
        ...given,
        templateBody,
      });
      assert.match(message, /CertificateId/);
    });

    it('keeps a pre-provisioning hook, but not with type JITP', async () => {
      const preProvisioningHook = {
        targetArn: 'arn:aws:lambda:us-west-2:123456789012:function:hook',
        payloadVersion: '2020-04-01',
      };
      await iot.ok('POST', '/provisioning-templates', { ...given, preProvisioningHook });
      assert.deepEqual((await iot.ok('GET', AT)).preProvisioningHook, preProvisioningHook);
      await iot.refused('InvalidRequestException', 400, 'POST', '/provisioning-templates', {
        ...given,
        templateName: 'jitp',
        type: 'JITP',
        preProvisioningHook,
      });
    });
  });

  describe('UpdateProvisioningTemplate', () => {
    beforeEach(() => iot.ok('POST', '/provisioning-templates', given));

    it('changes what is given and keeps the rest', async () => {
      iot.context.clock.advance(1000);
      await iot.ok('PATCH', AT, { enabled: true, description: 'new' });
      const shown = await iot.ok('GET', AT);
      assert.deepEqual(
        [shown.enabled, shown.description, shown.provisioningRoleArn, shown.lastModifiedDate],
        [true, 'new', ROLE, iot.context.clock.now() / 1000],
      );
    });

    it('sets and removes the hook', async () => {
      const preProvisioningHook = { targetArn: 'arn:aws:lambda:us-west-2:123456789012:function:hook' };
      await iot.ok('PATCH', AT, { preProvisioningHook });
      assert.deepEqual((await iot.ok('GET', AT)).preProvisioningHook, preProvisioningHook);
      await iot.refused('InvalidRequestException', 400, 'PATCH', AT, {
        preProvisioningHook,
        removePreProvisioningHook: true,
      });
      await iot.ok('PATCH', AT, { removePreProvisioningHook: true });
      assert.equal((await iot.ok('GET', AT)).preProvisioningHook, undefined);
    });

    it('refuses a default version that does not exist', async () => {
      await iot.refused('ResourceNotFoundException', 404, 'PATCH', AT, { defaultVersionId: 2 });
    });
  });

  describe('versions', () => {
    const other = VEHICLE_TEMPLATE.replace('CvraTcuDevicePolicy', 'OtherPolicy');
    beforeEach(() => iot.ok('POST', '/provisioning-templates', given));

    it('are added and shown, and take effect as the default', async () => {
      const made = await iot.ok('POST', `${AT}/versions`, { templateBody: other });
      assert.deepEqual([made.versionId, made.isDefaultVersion], [2, false]);
      assert.equal((await iot.ok('GET', AT)).templateBody, VEHICLE_TEMPLATE);
      const shown = await iot.ok('GET', `${AT}/versions/2`);
      assert.deepEqual([shown.templateBody, shown.isDefaultVersion], [other, false]);
      await iot.ok('PATCH', AT, { defaultVersionId: 2 });
      assert.equal((await iot.ok('GET', AT)).templateBody, other);
      await iot.ok('POST', `${AT}/versions?setAsDefault=true`, { templateBody: VEHICLE_TEMPLATE });
      assert.equal((await iot.ok('GET', AT)).defaultVersionId, 3);
    });

    it('are at most five', async () => {
      for (let i = 0; i < 4; i++) await iot.ok('POST', `${AT}/versions`, { templateBody: other });
      await iot.refused('VersionsLimitExceededException', 409, 'POST', `${AT}/versions`, {
        templateBody: other,
      });
    });

    it('are listed page by page', async () => {
      await iot.ok('POST', `${AT}/versions`, { templateBody: other });
      const page = await iot.ok('GET', `${AT}/versions?maxResults=1`);
      assert.deepEqual(names(page.versions, 'versionId'), ['1']);
      const rest = await iot.ok(
        'GET',
        `${AT}/versions?nextToken=${encodeURIComponent(String(page.nextToken))}`,
      );
      assert.deepEqual(names(rest.versions, 'versionId'), ['2']);
    });

    it('are deleted, except the default', async () => {
      await iot.ok('POST', `${AT}/versions`, { templateBody: other });
      await iot.refused('DeleteConflictException', 409, 'DELETE', `${AT}/versions/1`);
      await iot.ok('DELETE', `${AT}/versions/2`);
      await iot.refused('ResourceNotFoundException', 404, 'GET', `${AT}/versions/2`);
      await iot.refused('ResourceNotFoundException', 404, 'DELETE', `${AT}/versions/2`);
    });

    it('need a body that is a template', async () => {
      await iot.refused('InvalidRequestException', 400, 'POST', `${AT}/versions`, { templateBody: '{}' });
    });
  });

  it('are listed page by page', async () => {
    for (const templateName of ['a', 'b', 'c'])
      await iot.ok('POST', '/provisioning-templates', { ...given, templateName });
    const page = await iot.ok('GET', '/provisioning-templates?maxResults=2');
    assert.deepEqual(names(page.templates, 'templateName'), ['a', 'b']);
    const rest = await iot.ok(
      'GET',
      `/provisioning-templates?nextToken=${encodeURIComponent(String(page.nextToken))}`,
    );
    assert.deepEqual(names(rest.templates, 'templateName'), ['c']);
  });

  it('are deleted, and unknown ones are told so by every operation', async () => {
    await iot.ok('POST', '/provisioning-templates', given);
    await iot.ok('DELETE', AT);
    for (const [method, path, body] of [
      ['GET', AT],
      ['PATCH', AT, {}],
      ['DELETE', AT],
      ['GET', `${AT}/versions`],
      ['GET', `${AT}/versions/1`],
      ['POST', `${AT}/versions`, { templateBody: VEHICLE_TEMPLATE }],
      ['POST', `${AT}/provisioning-claim`],
    ] as const) {
      await iot.refused('ResourceNotFoundException', 404, method, path, body);
    }
  });

  describe('CreateProvisioningClaim', () => {
    let claim: Record<string, unknown>;
    let id: string;
    beforeEach(async () => {
      await iot.ok('POST', '/provisioning-templates', given);
      claim = await iot.ok('POST', `${AT}/provisioning-claim`);
      id = String(claim.certificateId);
    });

    it('answers a certificate with keys that ends in five minutes', () => {
      assert.equal(claim.expiration, iot.context.clock.now() / 1000 + 300);
      assert.match(String((claim.keyPair as Record<string, unknown>).PrivateKey), /BEGIN RSA PRIVATE KEY/);
      const x509 = new X509Certificate(String(claim.certificatePem));
      assert.equal(x509.fingerprint256.replaceAll(':', '').toLowerCase(), id);
    });

    it('makes no resource of the account', async () => {
      assert.deepEqual((await iot.ok('GET', '/certificates')).certificates, []);
      await iot.refused('ResourceNotFoundException', 404, 'GET', `/certificates/${id}`);
      const target = `arn:aws:iot:us-west-2:123456789012:cert/${id}`;
      await iot.ok('POST', '/policies/p', {
        policyDocument: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
      });
      await iot.refused('ResourceNotFoundException', 404, 'PUT', '/target-policies/p', { target });
    });

    it('is known to the broker as active until it ends', () => {
      const found = iot.iot.registry.certificate(id);
      assert.deepEqual(
        [found?.status, found?.claimTemplate, found?.claimExpiresAt],
        ['ACTIVE', NAME, iot.context.clock.now() + 300_000],
      );
      iot.context.clock.advance(299_999);
      assert.notEqual(iot.iot.registry.certificate(id), undefined);
      iot.context.clock.advance(1);
      assert.equal(iot.iot.registry.certificate(id), undefined);
      assert.deepEqual(iot.iot.registry.policyDocuments(id), []);
    });

    it('is forgotten once it has ended', async () => {
      iot.context.clock.advance(300_000);
      const { certificateId } = await iot.ok('POST', `${AT}/provisioning-claim`);
      assert.deepEqual([...iot.context.store.table('iot/claims').keys()], [certificateId]);
    });

    it('may use the provisioning topics of its template only', () => {
      const [document = '', ...others] = iot.iot.registry.policyDocuments(id);
      assert.deepEqual(others, []);
      const { Statement } = JSON.parse(document) as { Statement: { Action: unknown; Resource: unknown }[] };
      const arns = (kind: string): string[] =>
        [
          'certificates/create/*',
          'certificates/create-from-csr/*',
          `provisioning-templates/${NAME}/provision/*`,
        ].map((topic) => `arn:aws:iot:us-west-2:123456789012:${kind}/$aws/${topic}`);
      assert.deepEqual(
        Statement.map(({ Action, Resource }) => [Action, Resource]),
        [
          ['iot:Connect', '*'],
          [['iot:Publish', 'iot:Receive'], arns('topic')],
          ['iot:Subscribe', arns('topicfilter')],
        ],
      );
    });
  });
});
