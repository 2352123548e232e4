import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { ALLOW, createTestIot, names, type TestIot } from './harness.ts';
import { makeCa, makeCsr, signedBy } from './openssl.ts';

describe('IoT certificates @slow', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
  });
  const statusOf = async (id: string): Promise<unknown> =>
    ((await iot.ok('GET', `/certificates/${id}`)).certificateDescription as Record<string, unknown>).status;

  describe('CreateKeysAndCertificate', () => {
    it('answers certificate and matching keys, INACTIVE unless told otherwise', async () => {
      const made = await iot.ok('POST', '/keys-and-certificate');
      const { PublicKey, PrivateKey } = made.keyPair as Record<string, string>;
      assert.match(String(PrivateKey), /^-----BEGIN RSA PRIVATE KEY-----/);
      assert.match(String(PublicKey), /^-----BEGIN PUBLIC KEY-----/);
      const x509 = new X509Certificate(String(made.certificatePem));
      assert.equal(x509.checkPrivateKey(createPrivateKey(String(PrivateKey))), true);
      assert.equal(
        made.certificateArn,
        `arn:aws:iot:us-west-2:123456789012:cert/${String(made.certificateId)}`,
      );
      assert.equal(await statusOf(String(made.certificateId)), 'INACTIVE');
    });

    it('makes an ACTIVE one when asked', async () => {
      const made = await iot.ok('POST', '/keys-and-certificate?setAsActive=true');
      assert.equal(await statusOf(String(made.certificateId)), 'ACTIVE');
    });

    it('refuses a flag that is neither true nor false', async () => {
      await iot.refused('InvalidRequestException', 400, 'POST', '/keys-and-certificate?setAsActive=yes');
    });
  });

  describe('CreateCertificateFromCsr', () => {
    it('certifies the key of the request', async () => {
      const { csrPem, privateKeyPem } = makeCsr({ key: 'P-256' });
      const made = await iot.ok('POST', '/certificates?setAsActive=true', {
        certificateSigningRequest: csrPem,
      });
      const x509 = new X509Certificate(String(made.certificatePem));
      assert.equal(x509.checkPrivateKey(createPrivateKey(privateKeyPem)), true);
      assert.equal(x509.fingerprint256.replaceAll(':', '').toLowerCase(), made.certificateId);
      assert.equal(await statusOf(String(made.certificateId)), 'ACTIVE');
    });

    it('refuses a bad request, a weak key and none at all', async () => {
      const body = (certificateSigningRequest: string): object => ({ certificateSigningRequest });
      await iot.refused('InvalidRequestException', 400, 'POST', '/certificates', body('nonsense'));
      const weak = makeCsr({ key: 'RSA-1024' }).csrPem;
      await iot.refused('InvalidRequestException', 400, 'POST', '/certificates', body(weak));
      await iot.refused('InvalidRequestException', 400, 'POST', '/certificates', {});
      await iot.refused('InvalidRequestException', 400, 'POST', '/certificates', body('x'.repeat(4097)));
    });
  });

  it('are described in full', async () => {
    const { id, arn, pem } = await iot.certificate();
    const { certificateDescription: shown } = (await iot.ok('GET', `/certificates/${id}`)) as {
      certificateDescription: Record<string, unknown>;
    };
    const x509 = new X509Certificate(pem);
    assert.deepEqual(
      { ...shown, generationId: '' },
      {
        certificateArn: arn,
        certificateId: id,
        status: 'ACTIVE',
        certificatePem: pem,
        ownedBy: '123456789012',
        creationDate: iot.context.clock.now() / 1000,
        lastModifiedDate: iot.context.clock.now() / 1000,
        customerVersion: 1,
        transferData: {},
        generationId: '',
        validity: { notBefore: Date.parse(x509.validFrom) / 1000, notAfter: Date.parse(x509.validTo) / 1000 },
        certificateMode: 'DEFAULT',
      },
    );
  });

  it('are refused when the id is none or unknown', async () => {
    await iot.refused('InvalidRequestException', 400, 'GET', '/certificates/abc');
    await iot.refused('ResourceNotFoundException', 404, 'GET', `/certificates/${'0'.repeat(64)}`);
  });

  describe('ListCertificates', () => {
    it('shows the newest first, or the oldest when asked, page by page', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.push((await iot.certificate()).id);
      const newest = await iot.ok('GET', '/certificates?pageSize=2');
      assert.deepEqual(names(newest.certificates, 'certificateId'), [ids[2], ids[1]]);
      const rest = await iot.ok(
        'GET',
        `/certificates?pageSize=2&marker=${encodeURIComponent(String(newest.nextMarker))}`,
      );
      assert.deepEqual(names(rest.certificates, 'certificateId'), [ids[0]]);
      assert.equal(rest.nextMarker, undefined);
      const oldest = await iot.ok('GET', '/certificates?isAscendingOrder=true');
      assert.deepEqual(names(oldest.certificates, 'certificateId'), ids);
    });

    it('has pages of 25 unless told otherwise', async () => {
      for (let i = 0; i < 26; i++) await iot.certificate();
      assert.equal(names((await iot.ok('GET', '/certificates')).certificates, 'certificateId').length, 25);
    });

    it('answers a marker in the characters AWS allows', async () => {
      for (let i = 0; i < 2; i++) await iot.certificate();
      assert.match(
        String((await iot.ok('GET', '/certificates?pageSize=1')).nextMarker),
        /^[A-Za-z0-9+/]+={0,2}$/,
      );
    });
  });

  describe('UpdateCertificate', () => {
    it('sets ACTIVE, INACTIVE and REVOKED, again and again', async () => {
      const { id } = await iot.certificate(false);
      for (const status of ['ACTIVE', 'ACTIVE', 'INACTIVE', 'REVOKED', 'REVOKED']) {
        await iot.ok('PUT', `/certificates/${id}?newStatus=${status}`);
        assert.equal(await statusOf(id), status);
      }
    });

    it('counts versions and dates changes', async () => {
      const { id } = await iot.certificate();
      iot.context.clock.advance(5000);
      await iot.ok('PUT', `/certificates/${id}?newStatus=INACTIVE`);
      const shown = (await iot.ok('GET', `/certificates/${id}`)).certificateDescription as Record<
        string,
        unknown
      >;
      assert.equal(shown.customerVersion, 2);
      assert.equal(shown.lastModifiedDate, iot.context.clock.now() / 1000);
      assert.equal(shown.creationDate, iot.context.clock.now() / 1000 - 5);
    });

    for (const status of ['PENDING_TRANSFER', 'PENDING_ACTIVATION', 'REGISTER_INACTIVE']) {
      it(`refuses ${status}, which only the service sets`, async () => {
        const { id } = await iot.certificate();
        await iot.refused('InvalidRequestException', 400, 'PUT', `/certificates/${id}?newStatus=${status}`);
      });
    }

    it('does not bring back a revoked certificate', async () => {
      const { id } = await iot.certificate();
      await iot.ok('PUT', `/certificates/${id}?newStatus=REVOKED`);
      await iot.refused('CertificateStateException', 406, 'PUT', `/certificates/${id}?newStatus=ACTIVE`);
    });

    it('refuses a status that is none, and none', async () => {
      const { id } = await iot.certificate();
      const message = await iot.refused(
        'InvalidRequestException',
        400,
        'PUT',
        `/certificates/${id}?newStatus=on`,
      );
      assert.match(message, /enum value set: \[ACTIVE, INACTIVE, REVOKED/);
      await iot.refused('InvalidRequestException', 400, 'PUT', `/certificates/${id}`);
    });
  });

  describe('DeleteCertificate', () => {
    it('is refused while the certificate is ACTIVE, even by force', async () => {
      const { id } = await iot.certificate();
      const message = await iot.refused('CertificateStateException', 406, 'DELETE', `/certificates/${id}`);
      assert.equal(message, `Certificate must be deactivated (not ACTIVE) before deletion. Id: ${id}`);
      await iot.refused('CertificateStateException', 406, 'DELETE', `/certificates/${id}?forceDelete=true`);
    });

    it('is refused while a thing is attached, even by force', async () => {
      const { id, arn } = await iot.certificate(false);
      await iot.ok('POST', '/things/a');
      await iot.ok('PUT', '/things/a/principals', undefined, { 'x-amzn-principal': arn });
      const message = await iot.refused('DeleteConflictException', 409, 'DELETE', `/certificates/${id}`);
      assert.equal(message, `Things must be detached before deletion (arn: ${arn})`);
      await iot.refused('DeleteConflictException', 409, 'DELETE', `/certificates/${id}?forceDelete=true`);
    });

    it('is refused while a policy is attached, and by force takes it off', async () => {
      const { id, arn } = await iot.certificate(false);
      await iot.ok('POST', '/policies/p', { policyDocument: ALLOW });
      await iot.ok('PUT', '/target-policies/p', { target: arn });
      const message = await iot.refused('DeleteConflictException', 409, 'DELETE', `/certificates/${id}`);
      assert.equal(message, `Certificate policies must be detached before deletion (arn: ${arn})`);
      await iot.ok('DELETE', `/certificates/${id}?forceDelete=true`);
      assert.deepEqual(await iot.ok('POST', '/policy-targets/p'), { targets: [] });
      await iot.ok('DELETE', '/policies/p');
    });

    it('deletes one that is INACTIVE and free', async () => {
      const { id } = await iot.certificate(false);
      assert.deepEqual(await iot.call('DELETE', `/certificates/${id}`), {
        status: 200,
        headers: {},
        body: {},
      });
      await iot.refused('ResourceNotFoundException', 404, 'DELETE', `/certificates/${id}`);
    });
  });

  describe('RegisterCertificateWithoutCA', () => {
    it('registers any certificate once, INACTIVE unless told otherwise', async () => {
      const { certificatePem } = signedBy(makeCa(), '/CN=device');
      const made = await iot.ok('POST', '/certificate/register-no-ca', { certificatePem });
      assert.equal(await statusOf(String(made.certificateId)), 'INACTIVE');
      const reply = await iot.call('POST', '/certificate/register-no-ca', {
        certificatePem,
        status: 'ACTIVE',
      });
      assert.equal(reply.status, 409);
      assert.equal(reply.body.resourceArn, made.certificateArn);
      assert.equal(reply.body.message, 'The certificate is already provisioned or registered');
    });

    it('can register it ACTIVE or REVOKED, but not PENDING_ACTIVATION', async () => {
      const ca = makeCa();
      for (const status of ['ACTIVE', 'REVOKED']) {
        const body = { certificatePem: signedBy(ca, '/CN=device').certificatePem, status };
        assert.equal(
          await statusOf(String((await iot.ok('POST', '/certificate/register-no-ca', body)).certificateId)),
          status,
        );
      }
      const body = {
        certificatePem: signedBy(ca, '/CN=device').certificatePem,
        status: 'PENDING_ACTIVATION',
      };
      // Measured on AWS.
      const message = await iot.refused(
        'CertificateStateException',
        406,
        'POST',
        '/certificate/register-no-ca',
        body,
      );
      assert.equal(message, 'Not allowed to register certificate with PENDING_ACTIVATION status');
    });

    it('refuses what is no certificate', async () => {
      for (const certificatePem of [
        'nonsense',
        '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----',
      ]) {
        await iot.refused('CertificateValidationException', 400, 'POST', '/certificate/register-no-ca', {
          certificatePem,
        });
      }
    });
  });
});
