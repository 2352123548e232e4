import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AcknowledgedMessage } from '../../src/protocol/simulation.ts';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { useEditor } from '../support/editor/suite.ts';

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
      type: 'cardata',
      time: start + second * 1000,
      ackMs: 12,
      place: { ...place, odometer: 20 * second, fuel: 40 },
    };
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

describe('files on the fleet map', function () {
  const suite = useEditor(this);
  let map: FleetMap;

  before(async () => {
    const { workbench, folder } = suite;
    map = new FleetMap(workbench.page);
    await copyFile(path.join(ROUTES, 'munich.gpx'), path.join(folder, 'munich.gpx'));
    await writeFile(path.join(folder, 'two.geojson'), TWO_ROUTES);
    await writeFile(path.join(folder, 'broken.csv'), 'longitude,latitude\n11.5,48.1\n11.6,NaN\n');
    await writeFile(path.join(folder, 'run.jsonl'), recording(600));
    await writeFile(path.join(folder, 'bad.jsonl'), `${recording(2)}no recording\n`);
  });

  it('draws a route that comes with the extension, with no sandbox and no account', async () => {
    const { workbench } = suite;
    await workbench.openView();
    await workbench.command('CMS: Preview Route');
    await workbench.question('Preview Route');
    await workbench.pick('Tokyo');
    await workbench.tab('Route:').waitFor();
    await map.shows({ map: 'ready', vehicles: 0 });
    await map.painted();
    await workbench.screenshot('map route');
  });

  it('asks which route when a file has several, and draws that one or all', async () => {
    const { workbench } = suite;
    await workbench.openFile('two.geojson');
    await workbench.command('CMS: Preview Route');
    await workbench.question('Preview Route');
    await workbench.pick('two.geojson');
    await workbench.question('Routes in two.geojson');
    await workbench.pick('Back');
    await workbench.tab('Route: Back').waitFor();
    await map.shows({ map: 'ready' });
    await map.says('Route: Back');
  });

  it('draws the file of a row in the Explorer', async () => {
    const { workbench } = suite;
    await workbench.command('View: Show Explorer');
    await workbench.contextMenu('munich.gpx', 'Preview Route…', workbench.tab('Route: Munich'));
    await map.says('Route: Munich');
  });

  it('refuses a malformed file with its line, and draws nothing', async () => {
    const { workbench } = suite;
    await workbench.contextMenu('broken.csv', 'Preview Route…', workbench.toast('broken.csv'));
    await workbench.told(/broken\.csv, line 3/);
    await workbench.screenshot('map malformed route');
    await workbench.clearNotifications();
  });

  it('plays a recording, slower and faster, paused and to its end', async () => {
    const { workbench } = suite;
    await workbench.contextMenu('run.jsonl', 'Replay Recording…', workbench.tab('Recording: run.jsonl'));
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
    await map.says('The recording is over');
  });

  it('says where a file is no recording', async () => {
    const { workbench } = suite;
    await workbench.contextMenu('bad.jsonl', 'Replay Recording…', workbench.toast('bad.jsonl'));
    await workbench.told(/bad\.jsonl, line 3 is no line of a recording/);
    await map.says('Failed');
    await map.shows({ vehicles: 1 });
    await workbench.clearNotifications();
    await workbench.closeTab('Recording: bad.jsonl');
  });

  it('has its maps again after the window was reloaded, and says which cannot be', async () => {
    const { workbench, folder } = suite;
    await workbench.remembered('Recording: run.jsonl');
    await rm(path.join(folder, 'two.geojson'));
    await workbench.page.reload();
    // Which of them is in front, the editor writes down now and then only.
    await workbench.tab('Route: Munich').click();
    await map.says('Route: Munich');
    await map.shows({ map: 'ready' });
    await workbench.tab('Route: Back').click();
    await map.body
      .getByRole('alert')
      .filter({ hasText: 'two.geojson cannot be read: there is no such file' })
      .waitFor();
    await workbench.screenshot('map that cannot be restored');
    await map.button('Preview Route').click();
    await workbench.question('Preview Route');
    await workbench.leave();
  });
});
