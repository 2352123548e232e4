import assert from 'node:assert/strict';
import { ALLOW, createTestIot, ROLE, type TestIot } from './harness.ts';
import { makeCa, makeCsr, signedBy, type TestCa } from './openssl.ts';

const VIN = 'LSH14J4C4LA046511';

describe('the IoT registry, as the message broker sees it, @slow', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
  });

  it('knows a certificate with its policies and things', async () => {
    const { id, arn, pem } = await iot.certificate();
    await iot.ok('POST', `/things/${VIN}`, { attributePayload: { attributes: { plant: 'Leipzig' } } });
    await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
    await iot.ok('PUT', `/things/${VIN}/principals`, undefined, { 'x-amzn-principal': arn });
    await iot.ok('PUT', '/target-policies/p', { target: arn });
    const { registry } = iot.iot;
    assert.deepEqual(registry.certificate(id), {
      certificateId: id,
      certificateArn: arn,
      certificatePem: pem,
      status: 'ACTIVE',
      createdAt: iot.context.clock.now(),
    });
    assert.deepEqual(registry.policyDocuments(id), [ALLOW]);
    assert.deepEqual(registry.thingsOf(id), [VIN]);
    assert.deepEqual(registry.thing(VIN), {
      thingName: VIN,
      thingArn: `arn:aws:iot:us-west-2:123456789012:thing/${VIN}`,
      attributes: { plant: 'Leipzig' },
      version: 1,
    });
  });

  it('knows nothing of what does not exist', () => {
    const { registry } = iot.iot;
    assert.equal(registry.certificate('0'.repeat(64)), undefined);
    assert.deepEqual(registry.policyDocuments('0'.repeat(64)), []);
    assert.deepEqual(registry.thingsOf('0'.repeat(64)), []);
    assert.equal(registry.thing('nope'), undefined);
    assert.equal(registry.template('nope'), undefined);
  });

  it('gives the document of the default version of a policy', async () => {
    const { id, arn } = await iot.certificate();
    const deny = ALLOW.replace('Allow', 'Deny');
    await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
    await iot.ok('PUT', '/target-policies/p', { target: arn });
    await iot.ok('POST', '/policies/p/version?setAsDefault=true', { policyDocument: deny });
    assert.deepEqual(iot.iot.registry.policyDocuments(id), [deny]);
  });

  it('gives the default version of a template', async () => {
    const templateBody = JSON.stringify({
      Resources: { t: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a' } } },
    });
    await iot.ok('POST', '/provisioning-templates', {
      templateName: 'T',
      templateBody,
      provisioningRoleArn: ROLE,
      enabled: true,
    });
    assert.deepEqual(iot.iot.registry.template('T'), {
      templateName: 'T',
      templateArn: 'arn:aws:iot:us-west-2:123456789012:provisioningtemplate/T',
      body: templateBody,
      enabled: true,
      type: 'FLEET_PROVISIONING',
    });
  });

  describe('tells of a certificate', () => {
    let told: string[];
    let id: string;
    let header: Record<string, string>;
    let target: object;
    beforeEach(async () => {
      const made = await iot.certificate();
      id = made.id;
      header = { 'x-amzn-principal': made.arn };
      target = { target: made.arn };
      await iot.ok('POST', `/things/${VIN}`);
      await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
      told = [];
      iot.iot.registry.onCertificateChange((changed) => told.push(changed));
    });
    /** What listeners hear of one call. */
    async function heard(...args: Parameters<TestIot['ok']>): Promise<string[]> {
      told = [];
      await iot.ok(...args);
      return told;
    }

    it('whose status changes, and not when it stays', async () => {
      assert.deepEqual(await heard('PUT', `/certificates/${id}?newStatus=INACTIVE`), [id]);
      assert.deepEqual(await heard('PUT', `/certificates/${id}?newStatus=INACTIVE`), []);
    });

    it('that is deleted', async () => {
      await iot.ok('PUT', `/certificates/${id}?newStatus=INACTIVE`);
      assert.deepEqual(await heard('DELETE', `/certificates/${id}`), [id]);
    });

    it('that is attached to a thing or detached', async () => {
      assert.deepEqual(await heard('PUT', `/things/${VIN}/principals`, undefined, header), [id]);
      assert.deepEqual(await heard('PUT', `/things/${VIN}/principals`, undefined, header), []);
      assert.deepEqual(await heard('DELETE', `/things/${VIN}/principals`, undefined, header), [id]);
      assert.deepEqual(await heard('DELETE', `/things/${VIN}/principals`, undefined, header), []);
    });

    it('that gets or loses a policy', async () => {
      assert.deepEqual(await heard('PUT', '/target-policies/p', target), [id]);
      assert.deepEqual(await heard('POST', '/target-policies/p', target), [id]);
    });

    it('whose policy has a new default version', async () => {
      await iot.ok('PUT', '/target-policies/p', target);
      assert.deepEqual(await heard('POST', '/policies/p/version', { policyDocument: ALLOW }), []);
      assert.deepEqual(await heard('PATCH', '/policies/p/version/2'), [id]);
      assert.deepEqual(
        await heard('POST', '/policies/p/version?setAsDefault=true', { policyDocument: ALLOW }),
        [id],
      );
    });

    it('whose thing changes', async () => {
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, header);
      const change = { attributePayload: { attributes: { plant: 'Leipzig' } } };
      assert.deepEqual(await heard('PATCH', `/things/${VIN}`, change), [id]);
    });
  });

  describe('makes certificates for provisioning', () => {
    it('that wait for their activation, with keys', async () => {
      const made = await iot.iot.registry.createPendingCertificate();
      assert.match(String(made.privateKeyPem), /BEGIN RSA PRIVATE KEY/);
      assert.equal(iot.iot.registry.certificate(made.certificateId)?.status, 'PENDING_ACTIVATION');
    });

    it('or from a request, without', async () => {
      const made = await iot.iot.registry.createPendingCertificate(makeCsr({ key: 'P-256' }).csrPem);
      assert.equal(made.privateKeyPem, undefined);
      assert.equal(iot.iot.registry.certificate(made.certificateId)?.status, 'PENDING_ACTIVATION');
    });

    it('but not from a bad request', async () => {
      await assert.rejects(iot.iot.registry.createPendingCertificate('nonsense'), {
        code: 'InvalidRequestException',
        status: 400,
      });
    });

    it('and takes them away, whatever is attached', async () => {
      const { certificateId } = await iot.iot.registry.createPendingCertificate(
        makeCsr({ key: 'P-256' }).csrPem,
      );
      await iot.ok('POST', `/things/${VIN}`);
      await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
      const target = `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`;
      await iot.ok('PUT', `/things/${VIN}/principals`, undefined, { 'x-amzn-principal': target });
      await iot.ok('PUT', '/target-policies/p', { target });
      iot.iot.registry.deleteCertificate(certificateId);
      assert.equal(iot.iot.registry.certificate(certificateId), undefined);
      await iot.ok('DELETE', `/things/${VIN}`);
      await iot.ok('DELETE', '/policies/p');
      iot.iot.registry.deleteCertificate(certificateId);
    });
  });

  describe('registers certificates of registered CAs just in time:', () => {
    let ca: TestCa;
    let caId: string;
    before(() => {
      ca = makeCa();
    });
    beforeEach(async () => {
      iot.context.clock.advance(Date.now() - iot.context.clock.now());
      await iot.ok('POST', '/thing-types/tcu');
      await iot.ok('POST', '/policies/CvraTcuDevicePolicy', { policyDocument: ALLOW });
      const made = await iot.ok('POST', '/cacertificate?setAsActive=true&allowAutoRegistration=true', {
        caCertificate: ca.certificatePem,
        verificationCertificate: await verification(ca),
      });
      caId = String(made.certificateId);
    });

    async function verification(of: TestCa): Promise<string> {
      const { registrationCode } = await iot.ok('GET', '/registrationcode');
      return signedBy(of, `/CN=${String(registrationCode)}`).certificatePem;
    }

    /** A template that names the vehicle by the common name of its certificate. */
    const registrationConfig = (more: string[] = []): object => ({
      roleArn: ROLE,
      templateBody: JSON.stringify({
        Parameters: Object.fromEntries(
          ['AWS::IoT::Certificate::CommonName', 'AWS::IoT::Certificate::Id', ...more].map((name) => [
            name,
            { Type: 'String' },
          ]),
        ),
        Resources: {
          thing: {
            Type: 'AWS::IoT::Thing',
            Properties: { ThingName: { Ref: 'AWS::IoT::Certificate::CommonName' }, ThingTypeName: 'tcu' },
          },
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'ACTIVE' },
            OverrideSettings: { Status: 'DO_NOTHING' },
          },
          policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'CvraTcuDevicePolicy' } },
        },
      }),
    });

    it('lists the active CAs only', async () => {
      assert.deepEqual(iot.iot.registry.caCertificates(), [
        {
          caCertificateId: caId,
          certificatePem: ca.certificatePem,
          autoRegistration: true,
          hasTemplate: false,
        },
      ]);
      await iot.ok('PUT', `/cacertificate/${caId}`, { registrationConfig: registrationConfig() });
      assert.equal(iot.iot.registry.caCertificates()[0]?.hasTemplate, true);
      await iot.ok('PUT', `/cacertificate/${caId}?newStatus=INACTIVE`);
      assert.deepEqual(iot.iot.registry.caCertificates(), []);
    });

    it('without a template it waits for somebody to activate it', async () => {
      const { certificatePem } = signedBy(ca, `/CN=${VIN}`);
      const made = await iot.iot.registry.autoRegister(certificatePem, caId);
      assert.deepEqual([made.status, made.caCertificateId], ['PENDING_ACTIVATION', caId]);
      assert.deepEqual(await iot.iot.registry.autoRegister(certificatePem, caId), made);
      await iot.ok('PUT', `/certificates/${made.certificateId}?newStatus=ACTIVE`);
      assert.equal(iot.iot.registry.certificate(made.certificateId)?.status, 'ACTIVE');
    });

    it('with a template it becomes a vehicle by itself', async () => {
      await iot.ok('PUT', `/cacertificate/${caId}`, { registrationConfig: registrationConfig() });
      const made = await iot.iot.registry.autoRegister(signedBy(ca, `/CN=${VIN}`).certificatePem, caId);
      assert.equal(made.status, 'PENDING_ACTIVATION');
      assert.equal(iot.iot.registry.certificate(made.certificateId)?.status, 'ACTIVE');
      assert.deepEqual(iot.iot.registry.thingsOf(made.certificateId), [VIN]);
      assert.deepEqual(iot.iot.registry.policyDocuments(made.certificateId), [ALLOW]);
      assert.equal(iot.iot.registry.thing(VIN)?.thingTypeName, 'tcu');
    });

    it('with a template by name too, as long as that is enabled', async () => {
      const { templateBody } = registrationConfig() as { templateBody: string };
      const template = { templateName: 'jitp', type: 'JITP', provisioningRoleArn: ROLE, templateBody };
      await iot.ok('POST', '/provisioning-templates', template);
      await iot.ok('PUT', `/cacertificate/${caId}`, { registrationConfig: { templateName: 'jitp' } });
      const { certificatePem } = signedBy(ca, `/CN=${VIN}`);
      const { certificateId } = await iot.iot.registry.autoRegister(certificatePem, caId);
      assert.equal(iot.iot.registry.certificate(certificateId)?.status, 'PENDING_ACTIVATION');
      await iot.ok('PATCH', '/provisioning-templates/jitp', { enabled: true });
      await iot.iot.registry.autoRegister(certificatePem, caId);
      assert.equal(iot.iot.registry.certificate(certificateId)?.status, 'ACTIVE');
    });

    it('gives a template every field of the subject', async () => {
      const fields = [
        'Country',
        'StateName',
        'Organization',
        'OrganizationalUnit',
        'SerialNumber',
        'DistinguishedNameQualifier',
      ];
      const more = fields.map((field) => `AWS::IoT::Certificate::${field}`);
      await iot.ok('PUT', `/cacertificate/${caId}`, { registrationConfig: registrationConfig(more) });
      const subject = `/C=DE/ST=Sachsen/O=Works/OU=Line 1/serialNumber=77/dnQualifier=q/CN=${VIN}`;
      const made = await iot.iot.registry.autoRegister(signedBy(ca, subject).certificatePem, caId);
      assert.equal(iot.iot.registry.certificate(made.certificateId)?.status, 'ACTIVE');
    });

    it('a declared field the subject lacks ends it, and only the log says so', async () => {
      await iot.ok('PUT', `/cacertificate/${caId}`, {
        registrationConfig: registrationConfig(['AWS::IoT::Certificate::Country']),
      });
      const made = await iot.iot.registry.autoRegister(signedBy(ca, `/CN=${VIN}`).certificatePem, caId);
      assert.equal(iot.iot.registry.certificate(made.certificateId)?.status, 'PENDING_ACTIVATION');
      assert.equal(iot.iot.registry.thing(VIN), undefined);
      assert.match(iot.context.lines.join('\n'), /warn JITP of certificate .* failed: .*Country/);
    });

    it('a CA in SNI_ONLY mode registers nothing, whatever it says of auto registration', async () => {
      const other = makeCa();
      const made = await iot.ok('POST', '/cacertificate?setAsActive=true&allowAutoRegistration=true', {
        caCertificate: other.certificatePem,
        certificateMode: 'SNI_ONLY',
      });
      const shown = iot.iot.registry
        .caCertificates()
        .find(({ caCertificateId }) => caCertificateId === made.certificateId);
      assert.equal(shown?.autoRegistration, false);
      await assert.rejects(
        iot.iot.registry.autoRegister(
          signedBy(other, `/CN=${VIN}`).certificatePem,
          String(made.certificateId),
        ),
        { code: 'CertificateValidationException' },
      );
    });

    it('needs auto registration, an active CA and its signature', async () => {
      const { certificatePem } = signedBy(ca, `/CN=${VIN}`);
      const refused = { code: 'CertificateValidationException' };
      const foreign = signedBy(makeCa(), `/CN=${VIN}`).certificatePem;
      await assert.rejects(iot.iot.registry.autoRegister(foreign, caId), refused);
      await iot.ok('PUT', `/cacertificate/${caId}?newAutoRegistrationStatus=DISABLE`);
      await assert.rejects(iot.iot.registry.autoRegister(certificatePem, caId), refused);
      await iot.ok('PUT', `/cacertificate/${caId}?newAutoRegistrationStatus=ENABLE&newStatus=INACTIVE`);
      await assert.rejects(iot.iot.registry.autoRegister(certificatePem, caId), refused);
      await assert.rejects(iot.iot.registry.autoRegister(certificatePem, '0'.repeat(64)), {
        code: 'ResourceNotFoundException',
      });
    });
  });
});
