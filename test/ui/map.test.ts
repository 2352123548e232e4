import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { Terminal, type Drive } from '../support/editor/fleet.ts';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { VIN } from '../support/editor/fleetSnapshot.ts';
import { useWindow } from '../support/editor/windows.ts';

const WATCH = 'Fleet: cms-dev1 on Local Sandbox';
const ROUTES = path.resolve(__dirname, '../../media/routes');

describe('the fleet map', function () {
  const test = useWindow(this, { start: 'fleet' });
  const drives: Drive[] = [];
  // Before the sandbox goes, which they would wait for.
  afterEach(async () => {
    for (const drive of drives.splice(0)) await drive.stop();
  });

  /** The view, and the map that is going to be in front. */
  async function begin(): Promise<FleetMap> {
    await copyFile(path.join(ROUTES, 'munich.gpx'), path.join(test.folder, 'munich.gpx'));
    await test.workbench.openView();
    return new FleetMap(test.workbench);
  }

  /** Somebody drives at a terminal, until the test ends it. */
  async function drive(...more: string[]): Promise<Drive> {
    const terminal = new Terminal(test.folder, test.sandbox);
    const args = ['--vin', VIN, '--route', 'munich.gpx', '--speed', '5', '--loop', ...more];
    const driving = await terminal.drive(...args);
    drives.push(driving);
    return driving;
  }

  it('waits for vehicles, and shows those that somebody else drives as their messages arrive', async () => {
    const { workbench } = test;
    const map = await begin();
    await workbench.contextMenu('Local Sandbox', 'Watch Fleet on Map');
    await map.shows({ map: 'ready', vehicles: 2 });
    await map.says('Vehicles are shown where they were last');
    await map.painted();
    await workbench.screenshot('map waiting');
    await drive('--dtc', '0.1:P0217');
    await map.says(/[1-9][\d.]* messages\/s/);
    await map.find(VIN);
    await map.value('position').filter({ hasText: '48.' }).waitFor();
    await map.says('P0217');
    await map.painted();
    await workbench.screenshot('map watching dark');
    const second = await test.another(await test.stage.editor.workspace());
    await second.openView();
    await second.command('Connected Mobility: Watch Fleet on Map');
    await new FleetMap(second).shows({ map: 'ready', vehicles: 2 });
  });

  it('opens at the vehicle of a row, shows its last message, and knows it again after it was hidden', async () => {
    const { workbench } = test;
    const map = await begin();
    await drive();
    await workbench.contextMenu(VIN, 'Show on Map');
    await map.shows({ map: 'ready', selected: VIN, follow: true });
    await map.value('position').filter({ hasText: '48.' }).waitFor();
    await map.button('Show Last Payload').click();
    await workbench.tab(`${VIN}.json`).waitFor();
    await workbench.page.locator('.monaco-editor').getByText(`dt/cvra/${VIN}`).first().waitFor();
    // The payload stands beside the map, which stays; a page in front of it hides it.
    await map.shows({ map: 'ready', selected: VIN });
    await workbench.tab(WATCH).click();
    // The map has the keys now.
    await workbench.row(VIN).click();
    await workbench.command('Connected Mobility: Get Started');
    await map.body.waitFor({ state: 'hidden' });
    await workbench.tab(WATCH).click();
    await map.shows({ map: 'ready', vehicles: 2, selected: VIN });
    await workbench.contextMenu(VIN, 'Show on Map');
    assert.equal(await workbench.page.locator('.tabs-container .tab').filter({ hasText: WATCH }).count(), 1);
  });

  it('is there again after the window was reloaded, and goes on', async () => {
    const { workbench } = test;
    const map = await begin();
    await drive();
    await workbench.contextMenu(VIN, 'Show on Map');
    await map.shows({ map: 'ready', selected: VIN });
    await map.value('position').filter({ hasText: '48.' }).waitFor();
    // With what the page keeps of itself.
    await workbench.remembered('tabs', [WATCH, VIN]);
    await workbench.reload();
    // It connects anew, to a sandbox that it has to find first.
    await map.shows({ map: 'ready', vehicles: 2, selected: VIN });
    await map.value('position').filter({ hasText: '48.' }).waitFor();
  });

  it('says that it is offline while the endpoint is gone, and comes back by itself', async () => {
    const { workbench } = test;
    const map = await begin();
    const driving = await drive();
    await workbench.contextMenu('Local Sandbox', 'Watch Fleet on Map');
    await map.shows({ map: 'ready', vehicles: 2 });
    await driving.stop();
    await workbench.command('Connected Mobility: Stop Local Sandbox');
    await map.says('The local sandbox is not running');
    await map.shows({ vehicles: 2 });
    await workbench.screenshot('map offline');
    await workbench.command('Connected Mobility: Start Local Sandbox');
    await map.says(/^Running$/);
    await drive();
    await map.says(/[1-9][\d.]* messages\/s/);
  });
});
