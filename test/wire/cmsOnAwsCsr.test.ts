import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CmsOnAwsBench, DENIED, openCmsOnAws } from '../support/cmsOnAws.ts';

describe('A vehicle of CMS on AWS that makes its own key', () => {
  let bench: CmsOnAwsBench;

  before(async () => {
    bench = await openCmsOnAws(73_000);
  });
  after(() => bench.close());
  afterEach(() => bench.sandbox.ask('DELETE', 'faults'));

  const pairOf = async (vin: string) => {
    const read = (name: string) => readFile(path.join(bench.folder, 'certs', vin, name), 'utf8');
    return {
      certificate: new X509Certificate(await read('production-certificate.pem.crt')),
      key: createPrivateKey(await read('production-private.pem.key')),
    };
  };

  it('gets a certificate over its CSR with a temporary claim, of either kind of key', async () => {
    for (const [keys, type] of [
      ['csr-ec', 'ec'],
      ['csr-rsa', 'rsa'],
    ] as const) {
      const vin = bench.newVin();
      await bench.onboard(vin, 0, '--keys', keys);
      const { certificate, key } = await pairOf(vin);
      assert.equal(key.asymmetricKeyType, type);
      assert.ok(certificate.checkPrivateKey(key));
      assert.equal(await bench.statusOf(await bench.certificateOf(vin)), 'ACTIVE');
    }
  });

  it('is told before anything is claimed that the claim of CMS may not send a CSR', async () => {
    const vin = bench.newVin();
    await bench.sandbox.fault({ operation: 'iot:CreateProvisioningClaim', action: DENIED });
    const { stderr } = await bench.onboard(vin, 2, '--keys', 'csr-ec');
    assert.match(stderr, /does not allow a CSR/);
    assert.match(stderr, /Leave out --keys/);
    assert.deepEqual(await bench.rows(vin), []);
    await bench.sandbox.fault({ operation: 'iot:CreateProvisioningClaim', action: DENIED });
    await bench.onboard(vin);
    assert.equal((await pairOf(vin)).key.asymmetricKeyType, 'rsa');
  });

  it('is told what helps where a temporary claim may not send a CSR either, and keeps what works', async () => {
    const vin = bench.newVin();
    await bench.onboard(vin);
    const before = await bench.certificateOf(vin);
    await bench.sandbox.fault({
      ...{ operation: 'mqtt:subscribe:$aws/certificates/create-from-csr/*', count: 99 },
      action: { kind: 'drop', when: 'before-ack' },
    });
    const { stderr } = await bench.rotate(vin, 1, '--keys', 'csr-ec');
    assert.match(stderr, /leave out --keys, and AWS IoT makes the key/);
    assert.equal(await bench.certificateOf(vin), before);
    assert.equal(await bench.statusOf(before), 'ACTIVE');
  });

  it('is refused with a claim in files, before any call', async () => {
    const files = ['--claim', 'shared', '--claim-certificate-file', 'c.pem', '--claim-key-file', 'k.pem'];
    const { stderr } = await bench.onboard(bench.newVin(), 2, '--keys', 'csr-ec', ...files);
    assert.match(stderr, /only a temporary claim may send a CSR/);
  });
});
