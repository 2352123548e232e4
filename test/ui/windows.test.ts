import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VIN, PASSWORD } from '../support/editor/fleetSnapshot.ts';
import { answerWizard } from '../support/editor/steps.ts';
import { useWindow } from '../support/editor/windows.ts';

const LIVE = `Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, live`;

describe('a window in Restricted Mode', function () {
  // Nobody is asked whether to trust the folder: it opens in Restricted Mode, as newer editors do by themselves.
  const test = useWindow(this, {
    start: 'sandbox',
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
    },
  });

  it('lets one look, says clearly why it does not write, and works as soon as it is trusted', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.row('Provisioning').waitFor();
    await workbench.command('Connected Mobility: Onboard Vehicle');
    assert.equal(
      await workbench.told('Restricted Mode'),
      'In Restricted Mode certificates are neither written nor used. Trust this workspace first.',
    );
    await workbench.screenshot('restricted mode');
    await workbench.press('Restricted Mode certificates', 'Manage Trust');
    const trust = workbench.page.locator('.workspace-trust-editor');
    await trust
      .locator('.monaco-button')
      .filter({ hasText: /^Trust/ })
      .first()
      .click();
    await trust.getByText('You trust this').first().waitFor();
    // Newer editors show it in front of everything else.
    const inFront = workbench.page.locator('.monaco-modal-editor-block');
    if (await inFront.isVisible()) await inFront.locator('[aria-label^="Close"]').first().click();
    await inFront.waitFor({ state: 'hidden' });
    await workbench.command('Connected Mobility: Onboard Vehicle');
    await workbench.question('VIN: 17 characters');
  });
});

describe('windows of one person', function () {
  const test = useWindow(this, { start: 'fleet' });

  it('keep sandbox, sign-in and open rows over a reload', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.expand('Suppliers');
    await workbench.spoken('GenericSupplierName').waitFor();
    await workbench.expand(VIN);
    await workbench.row('Last telemetry').waitFor();
    await workbench.remembered('extension', [`vehicles/${VIN}`]);
    // What was never kept is waited for in vain.
    await assert.rejects(workbench.remembered('extension', ['nonsense'], { withinMs: 300 }), /nonsense/);
    await workbench.reload();
    await workbench.openView();
    await workbench.spoken('GenericSupplierName').waitFor();
    await workbench.row('Last telemetry').waitFor();
    await workbench.spoken(LIVE).waitFor();
  });

  it('share one sandbox: what one does to it shows in the other', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.spoken(LIVE).waitFor();
    const second = await test.another(await test.stage.editor.workspace());
    await second.openView();
    await second.spoken(`Vehicle ${VIN}`).waitFor();
    await second.command('Connected Mobility: Stop Local Sandbox');
    await second.spoken('Local Sandbox, stopped').waitFor();
    await workbench.page.bringToFront();
    await workbench.spoken('Local Sandbox, stopped').waitFor();
    await workbench.row('Start Local Sandbox').click();
    await workbench.spoken(LIVE).waitFor();
    await second.spoken(`Vehicle ${VIN}`).waitFor();
  });
});

describe('a window without a folder', function () {
  const test = useWindow(this, { start: 'sandbox', open: () => Promise.resolve(undefined) });

  it('asks for one before any question', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.row('Provisioning').waitFor();
    await workbench.command('Connected Mobility: Onboard Vehicle');
    assert.equal(
      await workbench.told('no folder is open'),
      'Certificates are written into the workspace, and no folder is open. Open a folder.',
    );
    await workbench.toast('no folder is open').getByText('Open Folder').waitFor();
    await workbench.screenshot('no folder');
  });
});

describe('a window of several folders', function () {
  const test = useWindow(this, {
    start: 'sandbox',
    async open(folder) {
      for (const name of ['one', 'two']) await mkdir(path.join(folder, name));
      const file = path.join(folder, 'several.code-workspace');
      await writeFile(file, JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }));
      return file;
    },
  });

  it('asks once which one the certificates go to, and remembers it over a reload', async () => {
    const { workbench, folder } = test;
    await workbench.openView();
    await workbench.row('Provisioning').waitFor();
    await workbench.command('Connected Mobility: Onboard Vehicle');
    await workbench.question('Workspace folder for the vehicle certificates');
    await workbench.screenshot('workspace folder');
    await workbench.pick('two');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told(`${VIN} is onboarded`);
    assert.ok(existsSync(path.join(folder, 'two/certs', VIN, 'production-private.pem.key')));
    assert.deepEqual(await readdir(path.join(folder, 'one')), []);
    await workbench.remembered('extension', ['passwordKeys']);
    await workbench.reload();
    await workbench.openView();
    await workbench.spoken(LIVE).waitFor();
    await workbench.command('Connected Mobility: Onboard Vehicle');
    await workbench.question('VIN: 17 characters');
  });
});
