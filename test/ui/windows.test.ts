import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { backgroundRecords } from '../../src/device/client/backgroundRuns.ts';
import { backgroundFolder } from '../support/editor/backgroundRuns.ts';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { VIN, PASSWORD } from '../support/editor/fleetSnapshot.ts';
import { extensionHosts } from '../support/editor/processes.ts';
import { answerWizard } from '../support/editor/steps.ts';
import { useWindow } from '../support/editor/windows.ts';
import type { Received } from '../support/simulated.ts';
import { until } from '../support/until.ts';

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

describe('a simulation in the background', function () {
  const test = useWindow(this, { start: 'fleet' });

  it('goes on when its window closes; the next one has its row, its map and its output, and stops it', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.spoken(LIVE).waitFor();
    await workbench.contextMenu(VIN, 'Simulate a Drive…');
    await workbench.pick('Munich');
    await workbench.question('Enter to start');
    await workbench.pick('Start');
    await workbench.spoken(`Simulation ${VIN} · Munich, around the old town, running`).waitFor();
    await workbench.contextMenu(new RegExp(`^${VIN}running`), 'Keep Running in the Background');
    await workbench.told('keeps running when this window closes');
    await workbench.spoken('running, in the background').waitFor();
    await workbench.screenshot('simulation in the background');
    const messages = async (): Promise<number> =>
      ((await test.sandbox.messages(VIN)) as Received).totals.received;
    await workbench.page.goto('about:blank');
    const dataFolder = test.stage.editor.dataFolder;
    await until('the end of the window', () => extensionHosts(dataFolder).length === 0);
    const atClose = await messages();
    await until('messages with no window open', async () => (await messages()) > atClose + 2);
    const second = await test.another(test.folder);
    await second.openView();
    await second
      .spoken(`Simulation ${VIN} · Munich, around the old town, running, in the background`)
      .waitFor();
    await second.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, simulating`).waitFor();
    await second.contextMenu(new RegExp(`^${VIN}running`), 'Show Simulation on Map');
    await new FleetMap(second).shows({ map: 'ready', drawn: 1 });
    await second.contextMenu(new RegExp(`^${VIN}running`), 'Show Telemetry Output');
    const lines = second.page.locator('.part.panel .view-lines .view-line');
    await lines
      .filter({ hasText: `${VIN}/cardata` })
      .first()
      .waitFor();
    await second.screenshot('simulation found in the background');
    await second.contextMenu(new RegExp(`^${VIN}running`), 'Pause Simulation');
    await second.spoken(`Munich, around the old town, paused, in the background`).waitFor();
    await second.contextMenu(new RegExp(`^${VIN}paused`), 'Stop Simulation');
    assert.match(await second.told('has ended'), /0 lost|acknowledged/);
    // Only after its result is on the disk.
    const left = () => backgroundRecords(backgroundFolder(test.sandbox.storage), () => undefined);
    await until('the end of its record', async () => (await left()).length === 0, { everyMs: 50 });
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
