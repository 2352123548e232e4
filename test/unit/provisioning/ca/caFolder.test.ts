import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CmsError } from '../../../../src/core/errors.ts';
import {
  addCaFolder,
  checkCaFolderFree,
  createCaFolder,
  openCaFolder,
  readCaFolder,
  signingIn,
} from '../../../../src/provisioning/ca/caFolder.ts';

const PASSPHRASE = 'Kq7-passphrase-z';
const code = (expected: string) => (error: unknown) => error instanceof CmsError && error.code === expected;

describe('the folder of an own CA @slow', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ca-folder-'));
    folder = join(root, 'ca');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const wish = {
    ...{ commonName: 'Acme', rule: { organization: 'Acme' }, days: 365, passphrase: PASSPHRASE },
    ...{ deviceDays: 30, now: Date.now() },
  };
  const opening = { now: Date.now(), passphrase: () => Promise.resolve(PASSPHRASE) };
  const certificate = () => new X509Certificate(readFileSync(join(folder, 'ca.crt')));

  it('that a run left with its key, and without a certificate, is finished with that key', async () => {
    await createCaFolder(folder, wish);
    const key = readFileSync(join(folder, 'ca.key'), 'utf8');
    const publicKey = certificate().publicKey.export({ type: 'spki', format: 'pem' });
    rmSync(join(folder, 'ca.crt'));
    await checkCaFolderFree(folder);
    await createCaFolder(folder, { ...wish, deviceDays: 31 });
    assert.equal(readFileSync(join(folder, 'ca.key'), 'utf8'), key);
    assert.equal(certificate().publicKey.export({ type: 'spki', format: 'pem' }), publicKey);
    assert.equal(statSync(join(folder, 'ca.key')).mode & 0o777, 0o600);
    const ca = signingIn(folder, await openCaFolder(folder, opening));
    assert.deepEqual([ca.deviceDays, ca.folder], [31, folder]);
  });

  it('keeps that key where the passphrase is another', async () => {
    await createCaFolder(folder, wish);
    const key = readFileSync(join(folder, 'ca.key'), 'utf8');
    rmSync(join(folder, 'ca.crt'));
    const other = createCaFolder(folder, { ...wish, passphrase: 'Kq7-another-one' });
    await assert.rejects(other, code('CERTIFICATE_UNUSABLE'));
    assert.equal(readFileSync(join(folder, 'ca.key'), 'utf8'), key);
    assert.ok(!existsSync(join(folder, 'ca.crt')));
  });

  it('that has a CA, here or elsewhere, is not free', async () => {
    await createCaFolder(folder, wish);
    await assert.rejects(checkCaFolderFree(folder), code('CERTIFICATE_EXISTS'));
    const other = join(root, 'other');
    await checkCaFolderFree(other);
    const files = { certificateFile: join(folder, 'ca.crt'), keyFile: join(folder, 'ca.key') };
    await addCaFolder(other, { ...files, subject: {}, deviceDays: 30 }, opening);
    await assert.rejects(checkCaFolderFree(other), code('CERTIFICATE_EXISTS'));
    await assert.rejects(createCaFolder(other, wish), code('CERTIFICATE_EXISTS'));
  });

  it('shows the CA without its key, without its passphrase, and after its end', async () => {
    await createCaFolder(folder, { ...wish, now: Date.now() - 400 * 86_400_000 });
    const { fingerprint256 } = certificate();
    writeFileSync(join(folder, 'ca.key'), 'gone');
    assert.equal((await readCaFolder(folder)).id, fingerprint256.replaceAll(':', '').toLowerCase());
    await assert.rejects(openCaFolder(folder, opening), code('CERTIFICATE_UNUSABLE'));
  });

  for (const [what, wrong] of [
    ['days of the vehicles', { deviceDays: 40_000 }],
    ['days of the CA', { days: 40_000 }],
    ['name', { commonName: 'x'.repeat(65) }],
    ['subject', { rule: { country: 'usa' } }],
  ] as const) {
    it(`with a ${what} that cannot be is refused before anything is written`, async () => {
      await assert.rejects(createCaFolder(folder, { ...wish, ...wrong }), code('REQUEST_INVALID'));
      assert.ok(!existsSync(folder));
    });
  }
});
