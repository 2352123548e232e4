import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CmsError } from '../../../../src/core/errors.ts';
import type { OwnCa } from '../../../../src/provisioning/ca/ownCa.ts';
import { makeRequests, type Requested } from '../../../../src/provisioning/ca/requests.ts';
import { writeTogether } from '../../../../src/provisioning/ca/waitingRequests.ts';
import { createCertificateStore } from '../../../../src/provisioning/certificateStore.ts';
import { testWork } from '../../../support/works.ts';

const [ONE, TWO] = ['1FAHP2E80DG000011', '1FAHP2E80DG000022'] as const;

describe('requests to a PKI', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'requests-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string): string => join(folder, 'requests', name);
  const text = (name: string): string => readFileSync(file(name), 'utf8');
  async function request(...vins: string[]): Promise<Requested[]> {
    const vehicles = vins.map((vin) => ({ vin, thingName: vin, id: vin }));
    const certificates = createCertificateStore(join(folder, 'certs'));
    const ca = { rule: {} } as OwnCa;
    const all = await makeRequests(vehicles, join(folder, 'requests'), { ca, certificates }, testWork());
    await writeTogether(join(folder, 'requests'), all);
    return all;
  }
  /** The public key of a request, as OpenSSL reads it. */
  const requestKey = (pem: string): string =>
    execFileSync('openssl', ['req', '-noout', '-pubkey', '-verify'], {
      ...{ input: pem, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] },
    }).trim();
  const keyOf = (vin: string): string =>
    createPublicKey(text(`${vin}.key`))
      .export({ type: 'spki', format: 'pem' })
      .toString()
      .trim();
  const together = (): string[] =>
    (text('requests.pem').match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map(requestKey);

  it('keeps a key whose request is missing, and makes the request again over it', async () => {
    await request(ONE);
    const key = text(`${ONE}.key`);
    rmSync(file(`${ONE}.csr`));
    const [again] = await request(ONE);
    assert.equal(text(`${ONE}.key`), key);
    assert.equal(again?.result, 'found');
    assert.equal(requestKey(text(`${ONE}.csr`)), keyOf(ONE));
  });

  it('stops at a key that cannot be read, and leaves it', async () => {
    await request(ONE);
    writeFileSync(file(`${ONE}.key`), '');
    rmSync(file(`${ONE}.csr`));
    await assert.rejects(
      request(ONE),
      (error) => error instanceof CmsError && error.code === 'CERTIFICATE_UNUSABLE',
    );
    assert.equal(text(`${ONE}.key`), '');
  });

  it('keeps the requests of other vehicles in the file of all', async () => {
    await request(ONE);
    await request(TWO);
    assert.deepEqual(together(), [keyOf(TWO), keyOf(ONE)]);
  });

  it('keeps a request of another vehicle that stands in the file of all only', async () => {
    await request(ONE);
    rmSync(file(`${ONE}.csr`));
    await request(TWO);
    assert.deepEqual(together(), [keyOf(TWO), keyOf(ONE)]);
  });

  it('drops a request whose key is gone from the file of all', async () => {
    await request(ONE);
    rmSync(file(`${ONE}.key`));
    await request(TWO);
    assert.deepEqual(together(), [keyOf(TWO)]);
  });

  it('makes key and request anew when only the request is there', async () => {
    await request(ONE);
    rmSync(file(`${ONE}.key`));
    await request(ONE);
    assert.equal(requestKey(text(`${ONE}.csr`)), keyOf(ONE));
  });
});
