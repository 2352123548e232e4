import assert from 'node:assert/strict';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AcknowledgedMessage } from '../../src/protocol/simulation.ts';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { useWindow } from '../support/editor/windows.ts';
import { until } from '../support/until.ts';

const ROUTES = path.resolve(__dirname, '../../media/routes');
const VIN = 'WVWZZZ1JZXW000001';

/** Two lines in one file. */
const TWO_ROUTES = JSON.stringify({
  type: 'FeatureCollection',
  features: [
    ['There', 11.5, 11.6],
    ['Back', 11.6, 11.5],
  ].map(([name, from, to]) => ({
    type: 'Feature',
    properties: { name },
    geometry: {
      type: 'LineString',
      coordinates: [
        [from, 48.1],
        [11.55, 48.2],
        [to, 48.1],
      ],
    },
  })),
});

/** A recorded run: a vehicle that drives east for some minutes. */
function recording(seconds: number): string {
  const start = Date.UTC(2026, 0, 5, 10);
  const lines = Array.from({ length: seconds }, (_, second): AcknowledgedMessage => {
    const place = { latitude: 48.1, longitude: 11.5 + second / 2000, heading: 90, speed: 20 };
    return {
      vin: VIN,
      serial: second + 1,
      topic: `dt/cvra/${VIN}/cardata`,
      type: 'sample',
      time: start + second * 1000,
      ackMs: 12,
      place: { ...place, odometer: 20 * second, fuel: 40 },
    };
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

describe('files on the fleet map, with no sandbox and no account', function () {
  const test = useWindow(this, {
    start: 'nothing',
    async open(folder) {
      await copyFile(path.join(ROUTES, 'munich.gpx'), path.join(folder, 'munich.gpx'));
      await writeFile(path.join(folder, 'two.geojson'), TWO_ROUTES);
      await writeFile(path.join(folder, 'broken.csv'), 'longitude,latitude\n11.5,48.1\n11.6,north\n');
      await writeFile(path.join(folder, 'run.jsonl'), recording(600));
      await writeFile(path.join(folder, 'vehicles.csv'), `vin,username,firstName,lastName\n${VIN},u,A,B\n`);
      return folder;
    },
  });

  it('are routes of rows in the Explorer; a malformed one is refused with its line', async () => {
    const { workbench } = test;
    const map = new FleetMap(workbench);
    await workbench.contextMenu('munich.gpx', 'Connected Mobility', 'Preview Route…');
    await workbench.tab('Route: Munich').waitFor();
    await map.shows({ map: 'ready', vehicles: 0 });
    await map.says('Route: Munich');
    await map.painted();
    await workbench.screenshot('map route');
    await workbench.contextMenu('broken.csv', 'Connected Mobility', 'Preview Route…');
    await workbench.told(/broken\.csv, line 3/);
    await workbench.screenshot('map malformed route');
    assert.equal(await workbench.page.locator('.tabs-container .tab').count(), 1, 'nothing is drawn of it');
  });

  it('have in their menu only what can be done with them, a CSV file by its first line', async () => {
    const { workbench } = test;
    const [fleet, route] = [
      ['Onboard Fleet from File…', 'Simulate Fleet from File…'],
      ['Preview Route…', 'Simulate This Route…'],
    ];
    // The extension sees what is in CSV files once it was used.
    await workbench.contextMenu('munich.gpx', 'Connected Mobility', 'Preview Route…');
    await workbench.tab('Route: Munich').waitFor();
    for (const [name, expected] of [
      ['munich.gpx', route],
      ['broken.csv', route],
      ['vehicles.csv', fleet],
      ['run.jsonl', ['Replay Recording…']],
    ] as const) {
      let seen: string[] = [];
      await until(
        `${expected.join(', ')} in the menu of ${name}`,
        async () => {
          seen = await workbench.entriesOf(name, 'Connected Mobility', `menu of ${name}`);
          return seen.join() === expected.join();
        },
        { seen: () => seen },
      );
    }
    assert.equal(await workbench.page.locator('.tabs-container .tab').count(), 1);
  });

  it('are recordings, which are played, paused and ended', async () => {
    const { workbench } = test;
    const map = new FleetMap(workbench);
    await workbench.contextMenu('run.jsonl', 'Connected Mobility', 'Replay Recording…');
    await workbench.tab('Recording: run.jsonl').waitFor();
    await map.shows({ map: 'ready', vehicles: 1, drawn: 1 });
    await map.button('Pause').click();
    await map.says(/^Paused$/);
    await map.find(VIN);
    await map.value('position').filter({ hasText: '48.1' }).waitFor();
    await map.painted();
    await workbench.screenshot('map recording');
    await map.button('Resume').click();
    await map.says(/^Running$/);
    await map.button('Stop').click();
    await map.says('The recording has ended');
  });

  it('are drawn again after a reload of the window, which says what cannot be', async () => {
    const { workbench, folder } = test;
    const map = new FleetMap(workbench);
    await workbench.contextMenu('munich.gpx', 'Connected Mobility', 'Preview Route…');
    await workbench.tab('Route: Munich').waitFor();
    await map.shows({ map: 'ready' });
    await workbench.contextMenu('two.geojson', 'Connected Mobility', 'Preview Route…');
    await workbench.question('Routes in two.geojson');
    await workbench.pick('Back');
    await workbench.tab('Route: Back').waitFor();
    await map.says('Route: Back');
    await workbench.remembered('tabs', ['Route: Munich']);
    await workbench.remembered('tabs', ['Route: Back']);
    await rm(path.join(folder, 'two.geojson'));
    await workbench.reload();
    // Which of them is in front, the editor writes down now and then only.
    await workbench.tab('Route: Munich').click();
    await map.says('Route: Munich');
    await map.shows({ map: 'ready' });
    await workbench.tab('Route: Back').click();
    const alert = map.body.getByRole('alert');
    await alert.filter({ hasText: 'two.geojson cannot be read: there is no such file' }).waitFor();
    await workbench.screenshot('map that cannot be restored');
    await map.link('Preview Route').click();
    await workbench.question('Preview Route');
  });
});
