import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { checkRows, followSystem, looksGood } from '../support/editor/looks.ts';
import { deviceProcesses } from '../support/editor/processes.ts';
import { useWindow } from '../support/editor/windows.ts';
import type { Received } from '../support/simulated.ts';
import { until } from '../support/until.ts';

describe('simulations at the window', function () {
  const test = useWindow(this, { start: 'fleet', settings: followSystem });
  async function begin(): Promise<void> {
    const { workbench } = test;
    await workbench.openView();
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, live`).waitFor();
  }

  /** Drives from the menu of a row, by the keyboard. */
  async function drive(route: string): Promise<void> {
    const { workbench } = test;
    await workbench.contextMenu(VIN, 'Simulate a Drive…');
    await workbench.question('Route to drive');
    await workbench.pick(route);
    await workbench.question('Enter to start');
    await workbench.screenshot('drive review');
    await workbench.pick('Start');
    await workbench.spoken(`Simulation ${VIN} · ${route}`).waitFor();
  }

  it('begin in the menu of a vehicle, and show themselves in the view, the status bar, the output and on a map', async () => {
    const { workbench } = test;
    await begin();
    await drive('Munich');
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, simulating`).waitFor();
    await workbench.status('1 simulation').waitFor();
    await workbench.tab('Munich').waitFor();
    const map = new FleetMap(workbench);
    await map.shows({ map: 'ready', drawn: 1 });
    await map.find(VIN);
    await map.says('Odometer');
    await map.painted();
    // The picture of the README.
    await workbench.page.setViewportSize({ width: 1280, height: 720 });
    await workbench.screenshot('overview');
    await workbench.contextMenu(new RegExp(`^${VIN}running`), 'Show Telemetry Output');
    const lines = workbench.page.locator('.part.panel .view-lines .view-line');
    await lines
      .filter({ hasText: `${VIN}/cardata` })
      .first()
      .waitFor();
    await workbench.screenshot('simulation output');
  });

  it('can be of several vehicles that were selected together, each with a menu of its own', async () => {
    const { workbench, folder } = test;
    await begin();
    await writeFile(path.join(folder, 'lanes.geojson'), JSON.stringify(LANES));
    await workbench.row(VIN).click();
    await workbench.row(SECOND).click({ modifiers: ['ControlOrMeta'] });
    await workbench.contextMenu(SECOND, 'Simulate a Drive…');
    await workbench.question('Route to drive');
    await workbench.pick('lanes.geojson');
    await workbench.question('The file has several routes');
    await workbench.pick('All of them');
    await workbench.question('Enter to start');
    await workbench.item('Start: 2 vehicles').waitFor();
    await workbench.pick('Start');
    await workbench.spoken('Simulation 2 vehicles · 2 routes, running').waitFor();
    await workbench.spoken(`Simulated vehicle ${VIN}, driving`).waitFor();
    // Rows of what drives are drawn anew every second; those that stand still keep their menu.
    await workbench.command('Connected Mobility: Pause Simulation');
    for (const vin of [VIN, SECOND]) await workbench.spoken(`Simulated vehicle ${vin}, paused`).waitFor();
    await workbench.spoken('Simulation 2 vehicles · 2 routes, paused').waitFor();
    await workbench.contextMenu(new RegExp(`^${SECOND}paused`), 'Resume Simulation');
    await workbench.spoken(`Simulated vehicle ${SECOND}, driving`).waitFor();
    await workbench.spoken(`Simulated vehicle ${VIN}, paused`).waitFor();
    const view = workbench.page.locator('.part.sidebar .monaco-list-rows').last();
    await looksGood(workbench, 'simulation of two', view);
    await checkRows(workbench);
  });

  it('end their trips with the window, and leave no process behind', async () => {
    const { workbench, stage, sandbox } = test;
    await begin();
    await drive('Munich');
    const trips = async (): Promise<number> =>
      ((await sandbox.messages(VIN)) as Received).messages.filter(({ type }) => type === 'trip').length;
    await until(
      'a message in the cloud',
      async () => ((await sandbox.messages(VIN)) as Received).totals.accepted > 1,
      {
        everyMs: 100,
      },
    );
    const before = await trips();
    const [pid] = deviceProcesses(stage.editor.dataFolder);
    assert.ok(pid !== undefined, 'a device process');
    await workbench.remembered('extension', ['drivesUnderWay']);
    await workbench.reload();
    await workbench.openView();
    await workbench.told('ended when the window was closed.');
    await until(
      'the end of the device process',
      () => !deviceProcesses(stage.editor.dataFolder).includes(pid),
      {
        everyMs: 100,
      },
    );
    await until('the summary of the trip', async () => (await trips()) > before, { everyMs: 100 });
    assert.equal(await workbench.spoken('Simulation ').isVisible(), false);
  });

  it('have a welcome with one button while there is none', async () => {
    const { workbench } = test;
    await begin();
    await workbench.command('Connected Mobility: Focus on Simulations View');
    const welcome = workbench.page.locator('.welcome-view-content');
    const button = welcome.locator('.monaco-button').filter({ hasText: 'Simulate a Drive' });
    await button.waitFor();
    await workbench.screenshot('simulations welcome');
    await button.press('Enter');
    await workbench.question('Vehicles to simulate');
  });
});

/** Two straight streets of about ten kilometres. */
const LANES = {
  type: 'FeatureCollection',
  features: ['North', 'South'].map((name, i) => ({
    type: 'Feature',
    properties: { name },
    geometry: {
      type: 'LineString',
      coordinates: Array.from({ length: 101 }, (_, k) => [11.5 + k * 0.0013, 48.1 + i * 0.01]),
    },
  })),
};
