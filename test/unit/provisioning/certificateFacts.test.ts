import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { certificateFacts } from '../../../src/provisioning/certificateFacts.ts';
import { createTestCa } from '../../support/testCertificates.ts';

describe('What a certificate says of itself', () => {
  it('is read from its PEM, the first of several', async () => {
    const ca = await createTestCa('Fleet CA');
    const { cert } = await ca.server(['localhost']);
    const facts = certificateFacts(`${cert}\n${ca.root}`);
    assert.ok(facts !== undefined);
    const { serialNumber, fingerprint256, validTo } = new X509Certificate(cert);
    assert.deepEqual([facts.subject, facts.issuer, facts.key], ['CN=server', 'CN=Fleet CA', 'EC P-256']);
    assert.equal(facts.serial.replaceAll(':', ''), serialNumber);
    assert.equal(facts.fingerprint, fingerprint256.replaceAll(':', '').toLowerCase());
    assert.equal(facts.notAfter.getTime(), Date.parse(validTo));
  });

  it('is nothing where its key is of a kind that nobody knows', async () => {
    const { cert } = await (await createTestCa('Fleet CA')).server(['localhost']);
    const der = new X509Certificate(cert).raw;
    const ecKey = Buffer.from('06072a8648ce3d0201', 'hex');
    const at = der.indexOf(ecKey);
    assert.ok(at > 0);
    der[at + ecKey.length - 1] = 0x7f;
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
    assert.ok(new X509Certificate(pem).serialNumber !== '');
    assert.equal(certificateFacts(pem), undefined);
  });

  it('is nothing in a text that is none, such as a key', () => {
    assert.equal(
      certificateFacts('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'),
      undefined,
    );
  });
});
