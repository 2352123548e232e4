import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createSigningRequest } from '../../../src/provisioning/csr.ts';

/** What openssl, an independent reader, says of a request. */
function openssl(args: string[], input: string): string {
  const run = spawnSync('openssl', args, { input, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout + run.stderr;
}

describe('certificate signing requests', () => {
  for (const [algorithm, expected] of [
    ['rsa', /Public-Key: \(2048 bit\)/],
    ['ec', /ASN1 OID: prime256v1/],
  ] as const) {
    it(`openssl verifies an ${algorithm} request and reads the VIN and the key kind in it @slow`, async () => {
      const { csrPem, privateKeyPem } = await createSigningRequest('LSH14J4C4LA046511', algorithm);
      const text = openssl(['req', '-verify', '-noout', '-text'], csrPem);
      assert.match(text, /verify OK/i);
      assert.match(text, /CN ?= ?LSH14J4C4LA046511/);
      assert.match(text, expected);
      const ours = createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'pem' });
      assert.equal(openssl(['req', '-noout', '-pubkey'], csrPem).trim(), ours.toString().trim());
    });
  }

  it('keys are written in the traditional form @slow', async () => {
    assert.match((await createSigningRequest('V', 'rsa')).privateKeyPem, /^-----BEGIN RSA PRIVATE KEY-----/);
    assert.match((await createSigningRequest('V', 'ec')).privateKeyPem, /^-----BEGIN EC PRIVATE KEY-----/);
  });

  it('every request has a key of its own', async () => {
    const [one, two] = [await createSigningRequest('V', 'ec'), await createSigningRequest('V', 'ec')];
    assert.notEqual(one.privateKeyPem, two.privateKeyPem);
  });

  it('a name with letters that mean something in a distinguished name stays one common name', async () => {
    const { csrPem } = await createSigningRequest('A:1,O=x', 'ec');
    const subject = openssl(['req', '-noout', '-subject', '-nameopt', 'multiline'], csrPem);
    assert.match(subject, /commonName\s*= A:1,O=x/);
    assert.doesNotMatch(subject, /organizationName/);
  });
});
