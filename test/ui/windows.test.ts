import assert from 'node:assert/strict';
import { answerWizard, PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';
import { Workbench } from '../support/editor/workbench.ts';

const VIN = 'WVWZZZ1JZXW000001';

describe('windows of the editor', function () {
  // Nobody is asked whether to trust the folder: it opens in Restricted Mode, as newer editors do by themselves.
  const suite = useEditor(this, {
    settings: {
      'security.workspace.trust.enabled': true,
      'security.workspace.trust.startupPrompt': 'never',
    },
  });

  it('lets one look in Restricted Mode, and says clearly why it does not write', async () => {
    const { workbench } = suite;
    await startFromWelcome(workbench);
    await workbench.command('CMS: Onboard Vehicle');
    assert.equal(
      await workbench.told('Restricted Mode'),
      'In Restricted Mode certificates are neither written nor used. Trust this workspace first.',
    );
    await workbench.screenshot('restricted mode');
    await workbench.press('Restricted Mode certificates', 'Manage Trust');
    const button = workbench.page
      .locator('.workspace-trust-editor .monaco-button')
      .filter({ hasText: /^Trust/ });
    await button.first().click();
    await workbench.page.locator('.workspace-trust-editor').getByText('You trust this').first().waitFor();
    // Newer editors show it in front of everything else.
    const inFront = workbench.page.locator('.monaco-modal-editor-block');
    if (await inFront.isVisible()) await inFront.locator('[aria-label^="Close"]').first().click();
    await inFront.waitFor({ state: 'hidden' });
  });

  it('works as soon as the workspace is trusted', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('is onboarded');
    await workbench.openView();
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
  });

  it('keeps sandbox, sign-in and open rows over a reload', async () => {
    const { workbench } = suite;
    await workbench.expand('Suppliers');
    await workbench.spoken('GenericSupplierName').waitFor();
    await workbench.expand(VIN);
    await workbench.row('Last telemetry').waitFor();
    await workbench.remembered(`vehicles/${VIN}`);
    await workbench.page.reload();
    await workbench.openView();
    await workbench.spoken('GenericSupplierName').waitFor();
    await workbench.row('Last telemetry').waitFor();
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, live`).waitFor();
  });

  it('shows one sandbox in two windows, and what one does to it in the other', async () => {
    const { workbench, editor, context } = suite;
    const page = await editor.open(await editor.workspace(), { context });
    const second = new Workbench(page);
    await second.openView();
    await second.spoken(`Vehicle ${VIN}`).waitFor();
    await second.command('CMS: Stop Local Sandbox');
    await second.spoken('Local Sandbox, stopped').waitFor();
    await workbench.page.bringToFront();
    await workbench.spoken('Local Sandbox, stopped').waitFor();
    await workbench.row('Start Local Sandbox').click();
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    await second.spoken(`Vehicle ${VIN}`).waitFor();
    await page.close();
  });

  it('asks for a folder when none is open, before any question', async () => {
    const { editor, context } = suite;
    const page = await editor.open(undefined, { context });
    const empty = new Workbench(page);
    await empty.openView();
    await empty.spoken(`Vehicle ${VIN}`).waitFor();
    await empty.command('CMS: Onboard Vehicle');
    assert.equal(
      await empty.told('no folder is open'),
      'Certificates are written into the workspace, and no folder is open. Open a folder.',
    );
    await empty.toast('no folder is open').getByText('Open Folder').waitFor();
    await empty.screenshot('no folder');
    await page.close();
  });
});
