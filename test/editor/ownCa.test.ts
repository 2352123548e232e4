import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { SECOND } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

const PASSPHRASE = 'Kq7-factory-gate';

describe('a CA of one’s own', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder } = world;
  const vehicle = () => world.row(`Vehicle ${SECOND}`);

  afterEach(async () => {
    await vscode.workspace
      .getConfiguration('cmsEnablement')
      .update('provisioner', undefined, vscode.ConfigurationTarget.Workspace);
    await rm(path.join(folder, 'ca'), { recursive: true, force: true });
  });

  async function create(): Promise<void> {
    void world.run('createCa');
    await person.answer('Name of the CA', 'Acme Vehicle CA');
    const first = await person.question('New passphrase for the key of the CA');
    assert.equal(first.password, true);
    await first.type(PASSPHRASE);
    first.accept();
    await person.answer('Type the passphrase again', PASSPHRASE);
    await person.press('The CA is in', 'Register It…');
    await person.pick('How are this CA’s vehicles let in?', 'A template lets its vehicles in');
    const { modal, detail } = await person.notice(/^Register the CA [0-9a-f]{12} for cms-dev1\?/);
    assert.ok(modal);
    assert.match(detail, /^Account 123456789012, us-west-2, cms-dev1\n/);
    await person.press('Register the CA', 'Copy as CLI Command');
    await until('the command', async () =>
      /cms-enablement ca register --provisioner jitp .*--stack cms-dev1/.test(
        await vscode.env.clipboard.readText(),
      ),
    );
    await person.press('Register the CA', 'Register');
    await person.press('The CA is registered.', 'Use It for New Certificates');
    await until(
      'the setting',
      () => vscode.workspace.getConfiguration('cmsEnablement').get('provisioner') === 'jitp',
    );
  }

  it('is made, registered, and signs for a vehicle, which comes in by itself', async () => {
    await create();
    const key = path.join(folder, 'ca/ca.key');
    assert.match(await readFile(key, 'utf8'), /ENCRYPTED PRIVATE KEY/);
    assert.equal((await stat(key)).mode & 0o777, 0o600);
    await world.row('jitp, with CMSJustInTimeTemplate · expires ');

    await rm(path.join(folder, 'certs', SECOND), { recursive: true });
    void world.run('provisionCertificates', await vehicle());
    await person.told(`${SECOND} has its production certificate`);
    const facts = JSON.parse(
      await readFile(path.join(folder, 'certs', SECOND, 'provisioning.json'), 'utf8'),
    ) as { way: string; caCertificateId: string };
    assert.equal(facts.way, 'jitp');
    assert.match(facts.caCertificateId, /^[0-9a-f]{64}$/);
  });

  describe('of a PKI', () => {
    let pki: string;
    beforeEach(async () => {
      pki = await mkdtemp(path.join(os.tmpdir(), 'pki-'));
      const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
      openssl('req', '-x509', ...ec, '-passout', `pass:${PASSPHRASE}`, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Acme PKI', '-days', '30'); // prettier-ignore
    });
    afterEach(() => rm(pki, { recursive: true, force: true }));
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: pki, stdio: 'pipe' });
    const file = (name: string) => vscode.Uri.file(path.join(pki, name));

    it('is used with its encrypted key from where its files are', async () => {
      person.opens.push(file('ca.pem'), file('ca.key'));
      void world.run('addCa');
      await person.pick('Where is the private key of the CA?', 'Its key is in a file');
      const asked = await person.question('Passphrase of the CA in');
      assert.equal(asked.password, true);
      await asked.type(PASSPHRASE);
      asked.accept();
      await person.press('The CA is used from where its files are.', 'Register It…');
      await person.pick('How are this CA’s vehicles let in?', 'You let its vehicles in');
      await person.press('Register the CA', 'Register');
      await person.told('The CA is registered.');
      await world.row('jitr · expires ');
      assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'ca/ca.json'), 'utf8')), {
        ...{ subject: {}, deviceDays: 3650 },
        ...{ certificateFile: path.join(pki, 'ca.pem'), keyFile: path.join(pki, 'ca.key') },
      });
    });

    it('without its key is registered without proof of it; a list lets its vehicles in', async () => {
      person.opens.push(file('ca.pem'));
      void world.run('addCa');
      await person.pick('Where is the private key of the CA?', 'Its key is kept elsewhere');
      await person.press('The CA is used from where its files are.', 'Register It…');
      await person.pick('How are this CA’s vehicles let in?', 'A list lets its vehicles in');
      const { detail } = await person.notice(/^Register the CA/);
      assert.match(detail, /stay out until "certificates register" lets them in from a list/);
      await person.press('Register the CA', 'Copy as CLI Command');
      await until('the command', async () =>
        /cms-enablement ca register --sni-only .*--stack cms-dev1/.test(
          await vscode.env.clipboard.readText(),
        ),
      );
      await person.press('Register the CA', 'Register');
      await person.told('The CA is registered.');
      await world.row('by a list (SNI_ONLY) · expires ');
    });

    it('without its key is registered with a certificate that the PKI signed', async () => {
      person.opens.push(file('ca.pem'));
      void world.run('addCa');
      await person.pick('Where is the private key of the CA?', 'Its key is kept elsewhere');
      await person.press('The CA is used from where its files are.', 'Register It…');
      await person.pick('How are this CA’s vehicles let in?', 'You let its vehicles in');
      await person.press('Register the CA', 'Register');
      await person.press('Let your PKI sign a certificate', 'Copy Code');
      const code = await until('the code', async () => {
        const text = await vscode.env.clipboard.readText();
        return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
      });
      const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
      openssl('req', '-new', ...ec, '-keyout', 'proof.key', '-out', 'proof.csr', '-subj', `/CN=${code}`);
      openssl('x509', '-req', '-in', 'proof.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-passin', `pass:${PASSPHRASE}`, '-CAcreateserial', '-out', 'proof.pem', '-days', '1'); // prettier-ignore
      person.opens.push(file('proof.pem'));
      await person.press('Let your PKI sign a certificate', 'Choose Certificate…');
      await person.told('The CA is registered.');
      await world.row('jitr · expires ');
    });
  });

  it('is switched off and on again, and removed after saying what hangs on it', async () => {
    await create();
    void world.run('switchCaOff', await world.row('jitp, with CMSJustInTimeTemplate'));
    await person.press('Switch off the CA', 'Switch Off');
    await world.run('switchCaOn', await world.row('switched off · expires '));
    void world.run('removeCa', await world.row('jitp, with CMSJustInTimeTemplate'));
    const { detail } = await person.notice('Remove the CA');
    assert.match(detail, /0 of its certificates are in service and keep working\./);
    await person.press('Remove the CA', 'Remove');
    await world.row('Your own CAs');
    await world.row('None yet');
  });
});
