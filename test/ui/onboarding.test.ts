import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { OWNER, PASSWORD, VIN } from '../support/editor/fleetSnapshot.ts';
import { answerWizard } from '../support/editor/steps.ts';
import { useWindow } from '../support/editor/windows.ts';

describe('the editor, for who begins', function () {
  const test = useWindow(this, { start: 'nothing' });

  it('welcomes with one button, which starts the sandbox and gives the focus to its rows', async () => {
    const { workbench } = test;
    await workbench.openView();
    const buttons = workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button:visible');
    assert.deepEqual(await buttons.allInnerTexts(), ['Start Local Sandbox']);
    await buttons.first().press('Enter');
    await workbench.row('Provisioning').waitFor();
    await workbench.focusInRows();
    assert.deepEqual(await workbench.rows(), [
      'Local Sandbox, running',
      'Stack cms-dev1, CMS v1, ready',
      'Vehicles',
      'Onboard a vehicle…',
      'Sign in to see the vehicles…',
      'Owners',
      'Suppliers',
      'Provisioning',
      'Details',
    ]);
  });
});

describe('onboarding at the window', function () {
  const test = useWindow(this, { start: 'sandbox' });

  it('goes by the keyboard alone, from a row to a live vehicle and its certificates in the Explorer', async () => {
    const { workbench, stage, folder } = test;
    await workbench.openView();
    await workbench.spoken('Onboard a vehicle…').waitFor();
    await workbench.idle();
    await workbench.command('Connected Mobility: Focus on Stacks View');
    await workbench.focusInRows();
    for (const [i, key] of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown'].entries()) {
      await workbench.page.keyboard.press(key);
      await workbench.page.locator(`.part.sidebar .monaco-list-row.focused[data-index="${i}"]`).waitFor();
    }
    await workbench.page.keyboard.press('Enter');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told(`Onboarding ${VIN}: `);
    await workbench.screenshot('progress');
    assert.equal(
      await workbench.told('is onboarded'),
      `${VIN} is onboarded onto cms-dev1 and live as Acme DN.`,
    );
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner ${OWNER}, live`).waitFor();
    await workbench.screenshot('onboarded');
    await workbench.press('is onboarded', 'Reveal Certificates');
    await workbench.page
      .locator('.explorer-folders-view .monaco-list-row:is(.focused, .selected)')
      .filter({ hasText: 'production-certificate.pem.crt' })
      .first()
      .waitFor();
    assert.ok(existsSync(path.join(folder, 'certs', VIN, 'production-private.pem.key')));

    // What the extension and its host have written down of it.
    const logs = path.join(stage.editor.dataFolder, 'data/logs');
    const names = (await readdir(logs, { recursive: true })).filter((name) => name.endsWith('.log'));
    const texts = await Promise.all(names.map((name) => readFile(path.join(logs, name), 'utf8')));
    assert.ok(
      texts.some((text) => text.includes(`Onboarding ${VIN}`)),
      names.join(', '),
    );
    for (const text of texts) assert.ok(!text.includes(PASSWORD) && !text.includes('PRIVATE KEY'));
  });

  it('can be cancelled in its notification, and continued', async () => {
    const { workbench, sandbox } = test;
    await sandbox.fault('iot:CreateCertificateFromCsr', { kind: 'hang' });
    await workbench.openView();
    await workbench.row('Provisioning').waitFor();
    await workbench.command('Connected Mobility: Onboard Vehicle');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('Get the production certificate');
    await workbench.press('Get the production certificate', 'Cancel');
    await workbench.press('Canceled:', 'Continue');
    await workbench.told(`${VIN} is onboarded`);
  });
});
