import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withChain } from '../../../../src/provisioning/ca/issueByCa.ts';
import { issuePair, openCa, type SigningCa } from '../../../../src/provisioning/ca/signingCa.ts';
import { namePart, subjectOf } from '../../../../src/provisioning/ca/subject.ts';

const VEHICLE = { vin: 'LSH14J4C4LA046511', thingName: 'LSH14J4C4LA046511', id: 'LSH14J4C4LA046511' };
const ROOT_ID = '0123456789abcdef0123';

describe('certificates that an own CA signs @slow', () => {
  let folder: string;
  let root: SigningCa;
  let intermediate: SigningCa;
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' }).toString();
  const open = (name: string) => {
    const [certificatePem, privateKeyPem] = ['crt', 'key'].map((end) =>
      readFileSync(join(folder, `${name}.${end}`), 'utf8'),
    );
    const files = { certificatePem: certificatePem!, privateKeyPem: privateKeyPem! };
    return openCa(files, { now: Date.now(), passphrase: () => Promise.reject(new Error('asked')) });
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signing-'));
    const isCa = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n';
    const ofRoot = `[v3]\n${isCa}subjectKeyIdentifier=${ROOT_ID}\n[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n`;
    writeFileSync(join(folder, 'root.cnf'), ofRoot);
    writeFileSync(join(folder, 'ca.cnf'), isCa);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'root.key',
      '-out',
      'root.crt',
      '-subj',
      '/CN=Root',
      '-config',
      'root.cnf',
    );
    openssl('req', '-new', ...key, '-keyout', 'ca.key', '-out', 'ca.csr', '-subj', '/CN=Vehicles');
    const signing = ['-CA', 'root.crt', '-CAkey', 'root.key', '-CAcreateserial', '-extfile', 'ca.cnf'];
    openssl('x509', '-req', '-in', 'ca.csr', '-out', 'ca.crt', ...signing);
    [root, intermediate] = [await open('root'), await open('ca')];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const issue = async (ca: SigningCa, rule: Parameters<typeof subjectOf>[1] = {}): Promise<string> => {
    const order = { subject: subjectOf(VEHICLE, rule), days: 9, now: Date.now() };
    return (await issuePair(ca, order)).certificatePem;
  };

  it('name the key of their CA as that names it itself, and OpenSSL verifies them', async () => {
    writeFileSync(join(folder, 'leaf.crt'), await issue(root));
    const text = openssl('x509', '-in', 'leaf.crt', '-noout', '-ext', 'authorityKeyIdentifier');
    assert.equal(
      text
        .split('\n')[1]
        ?.trim()
        .replace(/^keyid:/, ''),
      ROOT_ID.toUpperCase().match(/../g)!.join(':'),
    );
    assert.match(openssl('verify', '-CAfile', 'root.crt', 'leaf.crt'), /OK/);
  });

  it('an intermediate goes along with them, a root alone does not', async () => {
    const of = (signing: SigningCa) => ({ signing, rule: {}, deviceDays: 9 });
    assert.deepEqual([root.isRoot, intermediate.isRoot], [true, false]);
    assert.equal(intermediate.chain.length, 0);
    const leaf = await issue(intermediate);
    const sent =
      withChain(leaf, of(intermediate)).match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    assert.deepEqual(
      sent.map((pem) => new X509Certificate(pem).subject.split('\n').at(-1)),
      [`CN=${VEHICLE.thingName}`, 'CN=Vehicles'],
    );
    const own = await issue(root);
    assert.equal(withChain(own, of(root)), own);
  });

  it('have the letters of a name as they were written', async () => {
    const organization = '#41 "Acme" \\ Söhne, Ltd + O=x';
    writeFileSync(join(folder, 'named.crt'), await issue(root, { organization }));
    const subject = openssl(
      'x509',
      '-in',
      'named.crt',
      '-noout',
      '-subject',
      '-nameopt',
      'multiline,utf8,-esc_msb',
    );
    const shown = /organizationName\s*= (.*)/.exec(subject)?.[1];
    assert.equal(shown?.replaceAll('\\\\', '\\').replaceAll('\\"', '"'), organization);
    assert.match(subject, /serialNumber\s*= LSH14J4C4LA046511/);
  });

  for (const [kind, make] of [
    ['EC on P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['RSA', ['-newkey', 'rsa:2048']],
  ] as const) {
    it(`are verified by OpenSSL when the key of their CA is ${kind}, also those that end after 2049`, async () => {
      const files = ['-keyout', 'other.key', '-out', 'other.crt', '-addext', 'keyUsage=critical,keyCertSign'];
      openssl(
        'req',
        '-x509',
        ...make,
        '-nodes',
        ...files,
        '-subj',
        '/CN=Other/O=Söhne',
        '-utf8',
        '-days',
        '20000',
      );
      const order = { subject: subjectOf(VEHICLE, {}), days: 12_000, now: Date.now() };
      const { certificate, certificatePem, privateKeyPem } = await issuePair(await open('other'), order);
      writeFileSync(join(folder, 'late.crt'), certificatePem);
      assert.match(
        openssl('verify', '-x509_strict', '-CAfile', 'other.crt', '-purpose', 'sslclient', 'late.crt'),
        /OK/,
      );
      assert.ok(new Date(certificate.validTo).getUTCFullYear() > 2049, certificate.validTo);
      assert.ok(certificate.checkPrivateKey(createPrivateKey(privateKeyPem)));
      assert.equal(Buffer.byteLength(certificate.serialNumber, 'hex'), 16);
    });
  }

  it('a name has 1 to 64 characters, none of which controls anything', () => {
    const verdicts = ['Acme', '', 'x'.repeat(64), 'x'.repeat(65), 'a\nb'].map(
      (name) => namePart.safeParse(name).success,
    );
    assert.deepEqual(verdicts, [true, false, true, false, false]);
  });
});
