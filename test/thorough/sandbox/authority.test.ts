import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { createAuthority } from '../../../src/sandbox/authority/authority.ts';
import { createIssuer, publicKeyOf, selfSign } from '../../../src/sandbox/authority/issuer.ts';
import { generateRsaKeyPair } from '../../../src/sandbox/authority/keys.ts';
import { BadCsr } from '../../../src/sandbox/authority/csr.ts';
import type { Authority } from '../../../src/sandbox/authority/contract.ts';
import { createMemoryStore, createTestClock, createTestContext } from '../../support/sandboxContext.ts';
import { makeCsr, openssl } from '../../unit/sandbox/iot/openssl.ts';

const DAY = 86_400_000;

describe('the certificate authority of the sandbox', () => {
  let authority: Authority;
  before(async () => {
    authority = await createAuthority(createTestContext());
  });

  const verify = (pem: string): string =>
    openssl(['verify', '-no_check_time', '-x509_strict', '-CAfile', 'root.pem', 'leaf.pem'], {
      'root.pem': authority.rootPem,
      'leaf.pem': pem,
    });

  it('has a root that openssl takes for a CA', () => {
    assert.match(
      openssl(['x509', '-noout', '-text', '-in', 'root.pem'], { 'root.pem': authority.rootPem }),
      /CA:TRUE/,
    );
    assert.equal(new X509Certificate(authority.rootPem).ca, true);
  });

  it('has a server certificate for localhost and both loopback addresses', () => {
    const { certificatePem, privateKeyPem } = authority.server;
    const server = new X509Certificate(certificatePem);
    assert.equal(server.checkHost('localhost'), 'localhost');
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(server.checkIP('::1'), '::1');
    assert.equal(server.checkPrivateKey(createPrivateKey(privateKeyPem)), true);
    assert.match(verify(certificatePem), /OK/);
  });

  describe('issuing keys and certificate', () => {
    it('gives an RSA 2048 key in PKCS#1 that matches the certificate', async () => {
      const issued = await authority.issueKeysAndCertificate();
      assert.match(issued.privateKeyPem, /^-----BEGIN RSA PRIVATE KEY-----\n/);
      assert.match(issued.publicKeyPem, /^-----BEGIN PUBLIC KEY-----\n/);
      assert.equal(createPublicKey(issued.publicKeyPem).asymmetricKeyDetails?.modulusLength, 2048);
      const certificate = new X509Certificate(issued.certificatePem);
      assert.equal(certificate.checkPrivateKey(createPrivateKey(issued.privateKeyPem)), true);
      assert.match(verify(issued.certificatePem), /OK/);
    });

    it('names the subject and the end as AWS IoT does', async () => {
      const { certificatePem } = await authority.issueKeysAndCertificate();
      const certificate = new X509Certificate(certificatePem);
      assert.equal(certificate.subject, 'CN=AWS IoT Certificate');
      assert.equal(Date.parse(certificate.validTo), Date.parse('2049-12-31T23:59:59Z'));
    });

    it('gives as id the SHA-256 fingerprint that openssl computes', async () => {
      const { certificateId, certificatePem } = await authority.issueKeysAndCertificate();
      const printed = openssl(['x509', '-noout', '-fingerprint', '-sha256', '-in', 'a.pem'], {
        'a.pem': certificatePem,
      });
      assert.equal(printed.trim().split('=')[1]?.replaceAll(':', '').toLowerCase(), certificateId);
    });

    it('ends a short-lived certificate after the days asked for, by the clock of the sandbox', async () => {
      const context = createTestContext();
      const own = await createAuthority(context);
      const { certificatePem } = await own.issueKeysAndCertificate(1);
      const certificate = new X509Certificate(certificatePem);
      assert.equal(Date.parse(certificate.validTo), context.clock.now() + DAY);
      assert.equal(Date.parse(certificate.validFrom), context.clock.now() - 120_000);
    });

    it('gives many at once, each with a key of its own', async () => {
      const issued = await Promise.all(Array.from({ length: 4 }, () => authority.issueKeysAndCertificate()));
      assert.equal(new Set(issued.map((each) => each.privateKeyPem)).size, 4);
      assert.equal(new Set(issued.map((each) => each.certificateId)).size, 4);
    });
  });

  it('begins no certificate in the future of the machine when its clock is set ahead', async () => {
    const context = createTestContext({ clock: createTestClock(Date.now() + 30 * DAY) });
    const { certificatePem } = await (await createAuthority(context)).issueKeysAndCertificate();
    assert.ok(Date.parse(new X509Certificate(certificatePem).validFrom) < Date.now());
  });

  describe('signing a request', () => {
    for (const key of ['RSA-2048', 'RSA-3072', 'P-256', 'P-384', 'P-521']) {
      it(`certifies a ${key} key made by openssl`, async () => {
        const { csrPem, privateKeyPem } = makeCsr({ key });
        const { certificatePem } = await authority.issueFromCsr(csrPem);
        const certificate = new X509Certificate(certificatePem);
        assert.equal(certificate.checkPrivateKey(createPrivateKey(privateKeyPem)), true);
        assert.equal(certificate.subject, 'CN=LSH14J4C4LA046511');
        assert.match(verify(certificatePem), /OK/);
      });
    }

    const reshapings: [string, (pem: string) => string][] = [
      ['without line ends', (pem) => pem.replaceAll('\n', '')],
      ['with line ends lost inside the body only', (pem) => pem.replaceAll(/([A-Za-z0-9+/=])\n(?!-)/g, '$1')],
      ['with Windows line ends', (pem) => pem.replaceAll('\n', '\r\n')],
      ['with line ends escaped once too often', (pem) => pem.replaceAll('\n', String.raw`\n`)],
      ['with spaces for line ends', (pem) => pem.replaceAll('\n', ' ')],
      ['with the older label', (pem) => pem.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')],
      ['with text around it', (pem) => `Certificate Request:\n${pem}\nend`],
    ];
    for (const [how, reshape] of reshapings) {
      it(`reads a request ${how}`, async () => {
        const { csrPem, privateKeyPem } = makeCsr({ key: 'P-256' });
        const { certificatePem } = await authority.issueFromCsr(reshape(csrPem));
        assert.equal(
          new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem)),
          true,
        );
      });
    }

    it('names a request without subject as AWS IoT names its own', async () => {
      const { certificatePem } = await authority.issueFromCsr(makeCsr({ key: 'P-256', subject: '/' }).csrPem);
      assert.equal(new X509Certificate(certificatePem).subject, 'CN=AWS IoT Certificate');
    });

    it('makes a distinct certificate each time the same request comes', async () => {
      const { csrPem } = makeCsr({ key: 'P-256' });
      const [one, two] = await Promise.all([authority.issueFromCsr(csrPem), authority.issueFromCsr(csrPem)]);
      assert.notEqual(one.certificateId, two.certificateId);
    });

    const bad: [string, () => string, RegExp][] = [
      ['an RSA key of 1024 bits', () => makeCsr({ key: 'RSA-1024' }).csrPem, /at least 2048 bits/],
      ['a curve AWS does not take', () => makeCsr({ key: 'secp256k1' }).csrPem, /P-256/],
      ['an Ed25519 key', () => makeCsr({ key: 'ED25519' }).csrPem, /RSA key/],
      ['a SHA-1 signature', () => makeCsr({ key: 'RSA-2048', digest: 'sha1' }).csrPem, /SHA-256/],
      ['a signature of another key', () => tampered(makeCsr({ key: 'P-256' }).csrPem), /signature/i],
      ['something that is no PEM', () => 'file://request.csr', /PEM/],
      [
        'a PEM of nothing',
        () => '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----',
        /PEM/,
      ],
      ['a PEM of noise', () => pem('QUJDREVGRw=='), /parsed/],
      ['a certificate', () => authority.rootPem, /PEM/],
    ];
    for (const [what, make, message] of bad) {
      it(`refuses ${what}`, async () => {
        await assert.rejects(authority.issueFromCsr(make()), (error) => {
          assert.ok(error instanceof BadCsr);
          assert.match(error.message, message);
          return true;
        });
      });
    }
  });

  describe('across starts', () => {
    it('keeps root and server certificate', async () => {
      const store = createMemoryStore();
      const first = await createAuthority(createTestContext({ store }));
      const second = await createAuthority(createTestContext({ store }));
      assert.equal(second.rootPem, first.rootPem);
      assert.deepEqual(second.server, first.server);
    });

    it('goes on with an RSA root and server key, as sandboxes made them before', async () => {
      const store = createMemoryStore();
      const dates = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 400 * DAY) };
      const [root, server] = [
        (await generateRsaKeyPair()).privateKeyPem,
        (await generateRsaKeyPair()).privateKeyPem,
      ];
      const { certificatePem } = await selfSign('CN=Old Root', root, dates);
      const issuer = await createIssuer(certificatePem, root);
      const ends = { ...dates, notAfter: new Date(Date.now() + 10 * DAY) };
      const old = await issuer.issue('CN=localhost', publicKeyOf(server), ends);
      const kept = store.table('authority', { permanent: true });
      kept.set('root', { certificatePem, privateKeyPem: root });
      kept.set('server', { certificatePem: old.certificatePem, privateKeyPem: server });
      const authority = await createAuthority(createTestContext({ store }));
      assert.equal(authority.rootPem, certificatePem);
      assert.equal(authority.server.privateKeyPem, server);
      for (const pem of [
        authority.server.certificatePem,
        (await authority.issueKeysAndCertificate()).certificatePem,
      ]) {
        const files = { 'root.pem': authority.rootPem, 'leaf.pem': pem };
        assert.match(openssl(['verify', '-no_check_time', '-CAfile', 'root.pem', 'leaf.pem'], files), /OK/);
      }
    });

    it('renews a server certificate close to its end, over the same key and root', async () => {
      const store = createMemoryStore();
      const first = await createAuthority(createTestContext({ store }));
      const ends = Date.parse(new X509Certificate(first.server.certificatePem).validTo);
      const later = createTestClock(ends - 29 * DAY);
      const second = await createAuthority(createTestContext({ store, clock: later }));
      assert.equal(second.rootPem, first.rootPem);
      assert.notEqual(second.server.certificatePem, first.server.certificatePem);
      assert.equal(second.server.privateKeyPem, first.server.privateKeyPem);
      assert.ok(Date.parse(new X509Certificate(second.server.certificatePem).validTo) > ends);
    });
  });
});

function pem(body: string): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Another subject under the old signature: the DER stays well formed. */
function tampered(csrPem: string): string {
  const der = Buffer.from(csrPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = der.indexOf('LSH14J4C4LA046511');
  der.write('LSH14J4C4LA046512', at);
  return pem(der.toString('base64'));
}
