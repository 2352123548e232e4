import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

const VINS = ['1FAHP2E80DG000077', '1FAHP2E80DG000088'] as const;
const PASSPHRASE = 'Kq7-factory-gate';

describe('certificates of a whole fleet', function () {
  const world = useWorld(this, 'sandbox');
  const { person, folder } = world;
  const at = (...names: string[]): string => path.join(folder, ...names);

  beforeEach(() => writeFile(at('factory.csv'), `vin\n${VINS.join('\n')}\n`));
  afterEach(async () => {
    for (const name of ['ca', 'requests', 'certs', 'factory.csv']) {
      await rm(at(name), { recursive: true, force: true });
    }
  });

  const copied = (words: string): Promise<string> =>
    until('the command', async () => {
      const text = await vscode.env.clipboard.readText();
      return text.includes(words) ? text : undefined;
    });

  it('are made with a CA of the workspace, and listed; its review is a command line', async () => {
    void world.run('createCa');
    await person.answer('Name of the CA', 'Acme Vehicle CA');
    await person.answer('New passphrase for the key of the CA', PASSPHRASE);
    await person.answer('Type the passphrase again', PASSPHRASE);
    await person.press('The CA is in');

    void world.run('issueCertificates');
    await person.pick('CSV or JSON with one vehicle', 'factory.csv');
    await person.pick('Check this before it is done', 'Copy as CLI Command');
    assert.match(
      await copied('certificates issue'),
      /cms-enablement certificates issue --fleet \S+factory\.csv --ca-folder \S+ca --certs \S+certs$/,
    );
    await person.pick('Check this before it is done', 'Issue 2 certificates');
    await person.press('Certificates: 2 made, 0 found, 0 failed.');
    const rows = (await readFile(at('certs/manifest.csv'), 'utf8')).trim().split('\n').slice(1);
    assert.deepEqual(
      rows.map((row) => row.split(',')[0]),
      [...VINS],
    );
    for (const vin of VINS) {
      assert.equal((await stat(at('certs', vin, 'production-private.pem.key'))).mode & 0o777, 0o600);
    }
  });

  it('are requested from a PKI, and taken in when it has signed', async () => {
    const pki = await mkdtemp(path.join(os.tmpdir(), 'pki-'));
    try {
      const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: pki, stdio: 'pipe' });
      const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Acme PKI', '-days', '30'); // prettier-ignore
      person.opens.push(vscode.Uri.file(path.join(pki, 'ca.pem')));
      void world.run('addCa');
      await person.pick('Where is the private key of the CA?', 'Its key is kept elsewhere');
      await person.press('The CA is used from where its files are.');

      void world.run('requestCertificates');
      await person.pick('CSV or JSON with one vehicle', 'factory.csv');
      await person.pick('Check this before it is done', 'Make keys and signing requests for 2 vehicles');
      await person.press('Requests: 2 made, 0 found, 0 not needed.');
      let signed = '';
      for (const vin of VINS) {
        openssl('x509', '-req', '-in', at('requests', `${vin}.csr`), '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${vin}.pem`, '-days', '9'); // prettier-ignore
        signed += await readFile(path.join(pki, `${vin}.pem`), 'utf8');
      }
      await writeFile(path.join(pki, 'signed.pem'), signed);

      person.opens.push(vscode.Uri.file(path.join(pki, 'signed.pem')));
      void world.run('importCertificates');
      await person.pick('CSV or JSON with one vehicle', 'factory.csv');
      await person.pick('Certificates that your PKI signed', 'Choose a File…');
      await person.pick('Certificates that your PKI signed', 'signed.pem');
      await person.pick('Check this before it is done', 'Copy as CLI Command');
      assert.match(
        await copied('certificates import'),
        /certificates import --fleet \S+factory\.csv --file \S+signed\.pem --requests \S+requests --ca-folder/,
      );
      await person.pick('Check this before it is done', 'Import 2 certificates');
      await person.press('Certificates: 2 taken in, 0 found, 0 refused, 0 failed.');
      for (const vin of VINS) {
        assert.match(await readFile(at('certs', vin, 'production-private.pem.key'), 'utf8'), /PRIVATE KEY/);
        assert.equal(existsSync(at('requests', `${vin}.key`)), false, 'its key is in one place only');
      }
    } finally {
      await rm(pki, { recursive: true, force: true });
    }
  });

  it('are not asked about where the workspace has no CA', async () => {
    void world.run('issueCertificates');
    await person.told(/There is no CA in /);
    assert.equal(person.open, undefined);
  });
});
