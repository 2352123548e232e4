import assert from 'node:assert/strict';
import { createTestIot, names, ROLE, type TestIot } from './harness.ts';
import { makeCa, signedBy, type TestCa } from './openssl.ts';

describe('IoT CA certificates @slow', () => {
  let iot: TestIot;
  let ca: TestCa;
  before(() => {
    ca = makeCa();
  });
  beforeEach(async () => {
    // Certificates made by openssl are dated by the machine's clock.
    iot = await createTestIot();
    iot.context.clock.advance(Date.now() - iot.context.clock.now());
  });

  async function verification(signer: TestCa = ca): Promise<string> {
    const { registrationCode } = await iot.ok('GET', '/registrationcode');
    return signedBy(signer, `/CN=${String(registrationCode)}`).certificatePem;
  }
  async function register(query = '', more: object = {}): Promise<string> {
    const made = await iot.ok('POST', `/cacertificate${query}`, {
      caCertificate: ca.certificatePem,
      verificationCertificate: await verification(),
      ...more,
    });
    return String(made.certificateId);
  }
  const describeCa = async (id: string): Promise<Record<string, unknown>> =>
    (await iot.ok('GET', `/cacertificate/${id}`)).certificateDescription as Record<string, unknown>;

  it('have a registration code that stays, until it is deleted', async () => {
    const first = await iot.ok('GET', '/registrationcode');
    assert.match(String(first.registrationCode), /^[0-9a-f]{64}$/);
    assert.deepEqual(await iot.ok('GET', '/registrationcode'), first);
    const old = await verification();
    await iot.ok('DELETE', '/registrationcode');
    assert.notDeepEqual(await iot.ok('GET', '/registrationcode'), first);
    await iot.refused('RegistrationCodeValidationException', 400, 'POST', '/cacertificate', {
      caCertificate: ca.certificatePem,
      verificationCertificate: old,
    });
  });

  describe('RegisterCACertificate', () => {
    it('registers a CA inactive and without auto registration', async () => {
      const id = await register();
      const shown = await describeCa(id);
      assert.equal(shown.certificateArn, `arn:aws:iot:us-west-2:123456789012:cacert/${id}`);
      assert.deepEqual(
        [shown.status, shown.autoRegistrationStatus, shown.certificateMode, shown.ownedBy],
        ['INACTIVE', 'DISABLE', 'DEFAULT', '123456789012'],
      );
      assert.equal(shown.certificatePem, ca.certificatePem);
    });

    it('registers it active and with auto registration when asked', async () => {
      const shown = await describeCa(await register('?setAsActive=true&allowAutoRegistration=true'));
      assert.deepEqual([shown.status, shown.autoRegistrationStatus], ['ACTIVE', 'ENABLE']);
    });

    it('refuses it twice', async () => {
      await register();
      await iot.refused('ResourceAlreadyExistsException', 409, 'POST', '/cacertificate', {
        caCertificate: ca.certificatePem,
        verificationCertificate: await verification(),
      });
    });

    it('refuses a verification certificate for another code', async () => {
      await iot.refused('RegistrationCodeValidationException', 400, 'POST', '/cacertificate', {
        caCertificate: ca.certificatePem,
        verificationCertificate: signedBy(ca, `/CN=${'0'.repeat(64)}`).certificatePem,
      });
    });

    it('refuses a verification certificate that another CA of the same name signed', async () => {
      await iot.refused('CertificateValidationException', 400, 'POST', '/cacertificate', {
        caCertificate: ca.certificatePem,
        verificationCertificate: await verification(makeCa()),
      });
    });

    it('needs one in DEFAULT mode and none in SNI_ONLY mode', async () => {
      const caCertificate = ca.certificatePem;
      await iot.refused('InvalidRequestException', 400, 'POST', '/cacertificate', { caCertificate });
      await iot.refused('InvalidRequestException', 400, 'POST', '/cacertificate', {
        caCertificate,
        verificationCertificate: await verification(),
        certificateMode: 'SNI_ONLY',
      });
      const { certificateId } = await iot.ok('POST', '/cacertificate', {
        caCertificate,
        certificateMode: 'SNI_ONLY',
      });
      assert.equal((await describeCa(String(certificateId))).certificateMode, 'SNI_ONLY');
    });

    it('refuses a certificate that is no CA, one that has expired and one that is none', async () => {
      const registerSni = (caCertificate: string): Promise<string> =>
        iot.refused('CertificateValidationException', 400, 'POST', '/cacertificate', {
          caCertificate,
          certificateMode: 'SNI_ONLY',
        });
      assert.match(await registerSni(makeCa({ isCa: false }).certificatePem), /CA:TRUE/);
      assert.match(await registerSni('nonsense'), /PEM/);
      const shortLived = makeCa({ days: 1 });
      iot.context.clock.advance(2 * 86_400_000);
      assert.match(await registerSni(shortLived.certificatePem), /expired/);
    });

    it('keeps a registration configuration and checks it', async () => {
      const templateBody = JSON.stringify({
        Resources: {
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' } },
          },
        },
      });
      const id = await register('', { registrationConfig: { templateBody, roleArn: ROLE } });
      assert.deepEqual((await iot.ok('GET', `/cacertificate/${id}`)).registrationConfig, {
        templateBody,
        roleArn: ROLE,
      });
      for (const registrationConfig of [
        { templateBody },
        { templateBody: '{', roleArn: ROLE },
        { templateBody, templateName: 't', roleArn: ROLE },
        { roleArn: 'arn:aws:iam::123456789012:user/somebody' },
      ]) {
        await iot.refused('InvalidRequestException', 400, 'PUT', `/cacertificate/${id}`, {
          registrationConfig,
        });
      }
    });

    it('tells what a template lacks in the words of AWS', async () => {
      const id = await register();
      const templateBody = JSON.stringify({
        Resources: {
          certificate: {
            Type: 'AWS::IoT::Certificate',
            Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' } },
          },
          policy: { Type: 'AWS::IoT::Policy', Properties: {} },
        },
      });
      const message = await iot.refused('InvalidRequestException', 400, 'PUT', `/cacertificate/${id}`, {
        registrationConfig: { templateBody, roleArn: ROLE },
      });
      assert.match(
        message,
        /^Invalid registration template\. .*Neither policyName nor policyDocument is present in the Template\./,
      );
    });

    it('takes a template of type JITP by name, which then can not be deleted', async () => {
      const template = (templateName: string, type: string): object => ({
        templateName,
        type,
        provisioningRoleArn: ROLE,
        templateBody: JSON.stringify({
          Resources: { thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a' } } },
        }),
      });
      await iot.ok('POST', '/provisioning-templates', template('jitp', 'JITP'));
      await iot.ok('POST', '/provisioning-templates', template('fleet', 'FLEET_PROVISIONING'));
      const id = await register();
      const config = (templateName: string): object => ({ registrationConfig: { templateName } });
      await iot.refused('InvalidRequestException', 400, 'PUT', `/cacertificate/${id}`, config('fleet'));
      await iot.refused('ResourceNotFoundException', 404, 'PUT', `/cacertificate/${id}`, config('nope'));
      await iot.ok('PUT', `/cacertificate/${id}`, config('jitp'));
      await iot.refused('DeleteConflictException', 409, 'DELETE', '/provisioning-templates/jitp');
      const listed = await iot.ok('GET', '/cacertificates?templateName=jitp');
      assert.deepEqual(names(listed.certificates, 'certificateId'), [id]);
      assert.deepEqual((await iot.ok('GET', '/cacertificates?templateName=fleet')).certificates, []);
    });
  });

  it('are updated: status, auto registration and its removal', async () => {
    const id = await register();
    await iot.ok('PUT', `/cacertificate/${id}?newStatus=ACTIVE&newAutoRegistrationStatus=ENABLE`, {
      registrationConfig: { roleArn: ROLE },
    });
    const shown = await describeCa(id);
    assert.deepEqual(
      [shown.status, shown.autoRegistrationStatus, shown.customerVersion],
      ['ACTIVE', 'ENABLE', 2],
    );
    await iot.ok('PUT', `/cacertificate/${id}`, { removeAutoRegistration: true });
    assert.equal((await describeCa(id)).autoRegistrationStatus, 'DISABLE');
    assert.equal((await iot.ok('GET', `/cacertificate/${id}`)).registrationConfig, undefined);
    await iot.refused('InvalidRequestException', 400, 'PUT', `/cacertificate/${id}?newStatus=REVOKED`);
  });

  it('are deleted when INACTIVE only', async () => {
    const id = await register('?setAsActive=true');
    await iot.refused('CertificateStateException', 406, 'DELETE', `/cacertificate/${id}`);
    await iot.ok('PUT', `/cacertificate/${id}?newStatus=INACTIVE`);
    await iot.ok('DELETE', `/cacertificate/${id}`);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      await iot.refused('ResourceNotFoundException', 404, method, `/cacertificate/${id}`);
    }
  });

  it('are listed page by page, newest first', async () => {
    const ids = [await register()];
    const sni = await iot.ok('POST', '/cacertificate', {
      caCertificate: makeCa({ subject: '/CN=Other' }).certificatePem,
      certificateMode: 'SNI_ONLY',
    });
    ids.unshift(String(sni.certificateId));
    const page = await iot.ok('GET', '/cacertificates?pageSize=1');
    assert.deepEqual(names(page.certificates, 'certificateId'), ids.slice(0, 1));
    const rest = await iot.ok('GET', `/cacertificates?marker=${encodeURIComponent(String(page.nextMarker))}`);
    assert.deepEqual(names(rest.certificates, 'certificateId'), ids.slice(1));
  });

  describe('RegisterCertificate', () => {
    it('registers a certificate of an active CA, in the mode of the CA', async () => {
      const caId = await register('?setAsActive=true');
      const { certificatePem } = signedBy(ca, '/CN=device');
      const made = await iot.ok('POST', '/certificate/register?setAsActive=true', { certificatePem });
      const shown = (await iot.ok('GET', `/certificates/${String(made.certificateId)}`))
        .certificateDescription as Record<string, unknown>;
      assert.deepEqual(
        [shown.status, shown.caCertificateId, shown.certificateMode],
        ['ACTIVE', caId, 'DEFAULT'],
      );
      const listed = await iot.ok('GET', `/certificates-by-ca/${caId}`);
      assert.deepEqual(names(listed.certificates, 'certificateId'), [made.certificateId]);
      await iot.refused('ResourceAlreadyExistsException', 409, 'POST', '/certificate/register', {
        certificatePem,
      });
    });

    it('refuses one whose CA is unknown, or another than named', async () => {
      await register('?setAsActive=true');
      const stranger = makeCa();
      const certificatePem = signedBy(stranger, '/CN=device').certificatePem;
      await iot.refused('CertificateValidationException', 400, 'POST', '/certificate/register', {
        certificatePem,
      });
      await iot.refused('CertificateValidationException', 400, 'POST', '/certificate/register', {
        certificatePem: signedBy(ca, '/CN=device').certificatePem,
        caCertificatePem: stranger.certificatePem,
      });
    });

    it('refuses one whose CA is not active', async () => {
      await register();
      const { certificatePem } = signedBy(ca, '/CN=device');
      await iot.refused('CertificateStateException', 406, 'POST', '/certificate/register', {
        certificatePem,
      });
    });

    it('wants the CA named when two of one name and key could have signed', async () => {
      const caId = await register('?setAsActive=true');
      const renewed = makeCa({ privateKeyPem: ca.privateKeyPem });
      await iot.ok('POST', '/cacertificate?setAsActive=true', {
        caCertificate: renewed.certificatePem,
        certificateMode: 'SNI_ONLY',
      });
      const { certificatePem } = signedBy(ca, '/CN=device');
      await iot.refused('CertificateConflictException', 409, 'POST', '/certificate/register', {
        certificatePem,
      });
      await iot.ok('POST', '/certificate/register', { certificatePem, caCertificatePem: ca.certificatePem });
      assert.equal(
        names((await iot.ok('GET', `/certificates-by-ca/${caId}`)).certificates, 'status').length,
        1,
      );
    });

    it('refuses a status that contradicts setAsActive', async () => {
      await register('?setAsActive=true');
      const { certificatePem } = signedBy(ca, '/CN=device');
      await iot.refused('InvalidRequestException', 400, 'POST', '/certificate/register?setAsActive=true', {
        certificatePem,
        status: 'INACTIVE',
      });
    });
  });
});
