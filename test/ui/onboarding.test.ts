import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { OWNER, PASSWORD, VIN } from '../support/editor/fleetSnapshot.ts';
import { answerWizard } from '../support/editor/steps.ts';
import { useWindow } from '../support/editor/windows.ts';

describe('the editor, for who begins', function () {
  const test = useWindow(this, { start: 'nothing' });

  it('welcomes with two buttons, of which the first starts the sandbox and gives the focus to its rows', async () => {
    const { workbench } = test;
    await workbench.openView();
    const buttons = workbench.page.locator('.part.sidebar .welcome-view-content .monaco-button:visible');
    assert.deepEqual(await buttons.allInnerTexts(), ['Start Local Sandbox', 'Try It with a Sample Vehicle']);
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

  it('leaves folders that offer what can be done with a vehicle, whatever its CMS calls it', async () => {
    const { workbench, folder } = test;
    for (const name of ['certs/veh-1001', 'certs/veh-1002', 'photos'])
      await mkdir(path.join(folder, name), { recursive: true });
    await workbench.openView();
    await workbench.row('Provisioning').waitFor();
    await workbench.command('View: Show Explorer');
    await workbench.expand('certs');
    const entries = workbench.page.locator('.monaco-menu .action-item');
    const ofVehicles = entries.filter({ hasText: 'Connected Mobility Vehicle' }).first();
    const close = async (): Promise<void> => {
      await workbench.page.keyboard.press('Escape');
      await entries.first().waitFor({ state: 'hidden' });
    };
    await workbench.icon().waitFor();
    await workbench.row('veh-1001').waitFor();
    await workbench.idle();
    await workbench.row('veh-1001').click({ button: 'right' });
    await ofVehicles.waitFor();
    await close();
    await workbench.row('photos').click({ button: 'right' });
    await entries.filter({ hasText: 'Rename' }).first().waitFor();
    assert.equal(await ofVehicles.count(), 0);
    await close();
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
