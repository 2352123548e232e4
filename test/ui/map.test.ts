import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { type Drive, Terminal } from '../support/editor/fleet.ts';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { answerWizard, PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';
import { Workbench } from '../support/editor/workbench.ts';

const VIN = 'WVWZZZ1JZXW000001';
const WATCH = 'Fleet: Local Sandbox';
const ROUTES = path.resolve(__dirname, '../../media/routes');

describe('the fleet map', function () {
  const suite = useEditor(this);
  let map: FleetMap;
  let terminal: Terminal;
  let driving: Drive | undefined;

  before(async () => {
    const { workbench, folder, editor } = suite;
    map = new FleetMap(workbench.page);
    terminal = new Terminal(folder, editor.dataFolder);
    await copyFile(path.join(ROUTES, 'munich.gpx'), path.join(folder, 'munich.gpx'));
  });
  after(async () => {
    await driving?.stop();
  });

  /** Somebody drives at a terminal, until the tests end it. */
  async function drive(...more: string[]): Promise<void> {
    driving = await terminal.drive('--vin', VIN, '--route', 'munich.gpx', '--speed', '5', '--loop', ...more);
  }

  it('draws the world and says what it waits for, while nobody drives', async () => {
    const { workbench } = suite;
    await startFromWelcome(workbench);
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('is onboarded');
    await workbench.clearNotifications();
    await workbench.openView();
    await workbench.contextMenu('Local Sandbox', 'Watch Fleet on Map', workbench.tab(WATCH));
    await map.shows({ map: 'ready', vehicles: 0 });
    await map.says('No vehicle has sent a message yet');
    await map.painted();
    await workbench.screenshot('map waiting');
  });

  it('shows vehicles that somebody else drives, as their messages arrive', async () => {
    const { workbench } = suite;
    await drive('--dtc', '0.1:P0217');
    await map.shows({ vehicles: 1, drawn: 1 });
    await map.find(VIN);
    await map.value('position').filter({ hasText: '48.' }).waitFor();
    await map.says('P0217');
    await map.painted();
    await workbench.screenshot('map watching dark');
  });

  it('shows the last message as it was sent, and knows the vehicles again after it was hidden by that', async () => {
    const { workbench } = suite;
    await map.button('Show Last Payload').click();
    await workbench.tab(`${VIN}.json`).waitFor();
    await workbench.page.locator('.monaco-editor').getByText(`dt/cvra/${VIN}`).first().waitFor();
    await workbench.page.locator('iframe.webview.ready').waitFor({ state: 'hidden' });
    await workbench.tab(WATCH).click();
    await map.shows({ map: 'ready', vehicles: 1, drawn: 1, selected: VIN });
  });

  it('opens at the vehicle of a row, in the map that is open', async () => {
    const { workbench } = suite;
    await map.button('Close').click();
    await map.shows({ selected: '' });
    await workbench.openView();
    await workbench.contextMenu(VIN, 'Show on Map');
    await map.shows({ selected: VIN, follow: true });
    assert.equal(await workbench.page.locator('.tabs-container .tab').filter({ hasText: WATCH }).count(), 1);
  });

  it('is readable in a light theme and in high contrast, and as a table', async () => {
    const { workbench } = suite;
    for (const [theme, kind, name] of [
      ['Light Modern', 'vs', 'light'],
      ['Dark High Contrast', 'hc-black', 'high contrast'],
    ] as const) {
      await workbench.theme(theme, kind);
      await map.shows({ vehicles: 1, drawn: 1 });
      await map.painted();
      await workbench.screenshot(`map watching ${name}`);
    }
    await map.button('Show Table').click();
    await map.shows({ view: 'table' });
    await map.body.getByRole('row').filter({ hasText: VIN }).waitFor();
    await workbench.screenshot('map table high contrast');
    await map.button('Show Map').click();
    await workbench.theme('Dark Modern', 'vs-dark');
  });

  it('shows the same fleet in a second window', async () => {
    const { editor, context } = suite;
    const page = await editor.open(await editor.workspace(), { context });
    const second = new Workbench(page);
    await second.openView();
    await second.command('CMS: Watch Fleet on Map');
    await new FleetMap(page).shows({ map: 'ready', vehicles: 1, drawn: 1 });
    await page.close();
  });

  it('is there again after the window was reloaded, and goes on', async () => {
    const { workbench } = suite;
    await workbench.page.bringToFront();
    await workbench.tab(WATCH).click();
    await map.shows({ selected: VIN, view: 'map' });
    await workbench.remembered(WATCH);
    await workbench.page.reload();
    // It connects anew, to a sandbox that it has to find first.
    await map.shows({ map: 'ready', vehicles: 1, selected: VIN });
    // The editor writes down once a minute what somebody looked at: it may have been the table.
    if (await map.button('Show Map').isVisible()) await map.button('Show Map').click();
    await map.shows({ drawn: 1 });
  });

  it('says that it is offline while the endpoint is gone, and comes back by itself', async () => {
    const { workbench } = suite;
    await driving?.stop();
    await workbench.command('CMS: Stop Local Sandbox');
    await map.says('The local sandbox is not running');
    await map.shows({ vehicles: 1 });
    await workbench.screenshot('map offline');
    await workbench.command('CMS: Start Local Sandbox');
    await map.says(/^Running$/);
    await drive();
    await map.says(/[1-9][\d.]* messages\/s/);
  });
});
