import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { checkRows, followSystem, inEveryTheme, looksGood } from '../support/editor/looks.ts';
import { useWindow } from '../support/editor/windows.ts';

describe('what people see and hear, in every theme', function () {
  describe('at first', function () {
    const test = useWindow(this, { start: 'nothing', settings: followSystem });

    it('is a welcome', async () => {
      const { workbench } = test;
      await workbench.openView();
      const welcome = workbench.page.locator('.part.sidebar .welcome-view-content').first();
      await welcome.locator('.monaco-button').filter({ hasText: 'Start Local Sandbox' }).waitFor();
      await looksGood(workbench, 'welcome', welcome);
      await checkRows(workbench);
    });
  });

  describe('with a fleet', function () {
    const test = useWindow(this, { start: 'fleet', settings: followSystem });
    const rows = () => test.workbench.page.locator('.part.sidebar .monaco-list-rows').first();

    it('are rows, of vehicles in each state', async () => {
      const { workbench, folder } = test;
      await rm(path.join(folder, 'certs', SECOND, 'production-private.pem.key'));
      await workbench.openView();
      await workbench
        .spoken(`Vehicle ${SECOND}, Acme DN 2019, owner testCMSUser1, certificate unusable`)
        .waitFor();
      await workbench.expand(VIN);
      await workbench.row('Last telemetry').waitFor();
      await looksGood(workbench, 'tree', rows());
      const all = await checkRows(workbench);
      assert.ok(all[0]?.colored, 'the check of colours sees one');
      const live = all.find(({ spoken }) => spoken.startsWith(`Vehicle ${VIN}`));
      assert.deepEqual(live?.buttons, ['Simulate a Drive…', 'Diagnose Vehicle']);
    });

    it('is a wizard that says what is wrong', async () => {
      const { workbench } = test;
      await workbench.openView();
      await workbench.command('Connected Mobility: Onboard Vehicle');
      await workbench.question('VIN: 17 characters');
      await workbench.input().fill('LSH14J4C4LA04651');
      await workbench.says('16 characters');
      const widget = workbench.page.locator('.quick-input-widget:visible');
      await looksGood(workbench, 'wizard, wrong VIN', widget);
      assert.match(await widget.ariaSnapshot(), /button "Generate a VIN"/);
    });

    it('is the report of a diagnosis', async () => {
      const { workbench, folder } = test;
      await rm(path.join(folder, 'certs', SECOND), { recursive: true });
      await workbench.openView();
      await workbench.contextMenu(SECOND, 'Diagnose Vehicle');
      const report = workbench.webview();
      await report.getByRole('heading', { name: `Diagnosis of ${SECOND}` }).waitFor();
      await report.getByText('Problems in').waitFor();
      await looksGood(workbench, 'diagnosis', report);
      // Each result in a word of its own, for whoever cannot see the icon.
      const words = await report.locator('table').innerText();
      for (const word of ['problem', 'ok']) assert.ok(words.includes(word), words);
    });

    it('is a question before something is removed', async () => {
      const { workbench } = test;
      await workbench.openView();
      await workbench.contextMenu(VIN, 'Offboard Vehicle…');
      await workbench.dialog().waitFor();
      await looksGood(workbench, 'offboard plan', workbench.dialog());
      await workbench.refuse();
      await workbench.focusInRows();
      await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    });

    it('is a certificate as a page', async () => {
      const { workbench } = test;
      await workbench.openView();
      await workbench.spoken(`Vehicle ${VIN}`).waitFor();
      await workbench.contextMenu(VIN, 'Show Certificate');
      const page = workbench.webview();
      await page.getByRole('heading', { name: `Certificate of ${VIN}` }).waitFor();
      await page.getByText('ACTIVE').waitFor();
      await looksGood(workbench, 'certificate', page);
      assert.match(await page.innerText(), /Serial number\s+[0-9A-F:]{20,}/);
    });

    it('is a drive that is recorded and ends, its chart, its replay, and the comparison with the one before', async () => {
      const { workbench } = test;
      const drive = async (): Promise<void> => {
        await workbench.contextMenu(VIN, 'Simulate a Drive…');
        await workbench.question('Route to drive');
        await workbench.pick('Munich');
        await workbench.question('Enter to start');
        await workbench.pick('Start');
        await workbench.spoken(`Simulation ${VIN} · Munich, around the old town, running`).waitFor();
      };
      const end = async (): Promise<void> => {
        await workbench.contextMenu(VIN, 'Stop Simulation');
        await workbench.toast('has ended').waitFor();
      };
      await workbench.openView();
      await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, live`).waitFor();
      await drive();
      await workbench.command('Connected Mobility: Record Simulation');
      const map = new FleetMap(workbench);
      await map.shows({ map: 'ready', drawn: 1 });
      await workbench.screenshot('map of a drive that is recorded');
      await workbench.command('View: Close All Editors');
      await workbench.command('Connected Mobility: Show Chart');
      const chart = workbench.webview();
      await chart.locator('canvas').first().waitFor();
      for await (const theme of inEveryTheme(workbench, 'chart'))
        assert.ok(await chart.locator('canvas').first().isVisible(), theme);
      await end();
      await looksGood(workbench, 'drive ended', workbench.toast('has ended'));
      await workbench.command('Notifications: Clear All Notifications');
      await drive();
      await end();
      await workbench.command('View: Close All Editors');
      await workbench.press('has ended', 'Compare with Last');
      const page = workbench.webview();
      await page.getByRole('heading', { name: 'Drives Compared' }).waitFor();
      await looksGood(workbench, 'drives compared', page);
      await workbench.command('View: Close All Editors');
      await workbench.command('Connected Mobility: Replay Recording');
      await workbench.question('Replay Recording');
      await workbench.input().press('Enter');
      await workbench.tab('Recording: ').waitFor();
      await map.shows({ map: 'ready', vehicles: 1, drawn: 1 });
      await map.painted();
      for await (const theme of inEveryTheme(workbench, 'replay'))
        assert.ok(await workbench.webview().isVisible(), theme);
    });

    it('is a stack that has failed, with words for it', async () => {
      const { workbench, sandbox } = test;
      await sandbox.alterStack('cms-dev1', { status: 'ROLLBACK_FAILED' });
      await workbench.openView();
      await workbench.spoken('Stack cms-dev1, CMS v1, failed').waitFor();
      await looksGood(workbench, 'failed stack', rows());
      await checkRows(workbench);
    });

    it('is an error in place of what could not be read, which reads again when it is picked', async () => {
      const { workbench, sandbox } = test;
      const message = 'User is not authorized to perform cloudformation:DescribeStacks';
      const action = { kind: 'error', code: 'AccessDenied', message, status: 403 };
      await sandbox.fault('cloudformation:DescribeStacks', action, 1000);
      await workbench.openView();
      const row = workbench.spoken('Error: ');
      await row.waitFor();
      await looksGood(workbench, 'error', rows());
      const error = (await checkRows(workbench)).find(({ spoken }) => spoken.startsWith('Error: '));
      assert.deepEqual(error?.buttons, ['Retry', 'Show Log']);
      assert.match(error.spoken, /not authorized.*permission/s);
      await sandbox.clearFaults();
      await row.click();
      await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    });

    it('is a sandbox that was stopped', async () => {
      const { workbench } = test;
      await workbench.openView();
      await workbench.spoken('Local Sandbox, running').waitFor();
      await workbench.command('Connected Mobility: Stop Local Sandbox');
      await workbench.spoken('Local Sandbox, stopped').waitFor();
      await looksGood(workbench, 'sandbox stopped', rows());
      await checkRows(workbench);
    });
  });
});
