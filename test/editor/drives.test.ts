import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { IoTClient, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { OWNER, SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { deviceProcesses } from '../support/editor/processes.ts';
import { testCredentials } from '../support/sandbox.ts';
import type { Received } from '../support/simulated.ts';
import { until } from '../support/until.ts';

const MUNICH = `Simulation ${VIN} · Munich, around the old town`;

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

describe('a drive of a vehicle', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder, sandbox } = world;
  const vehicle = (vin: string) => world.row(`Vehicle ${vin}`);
  const received = (vin: string) => sandbox.messages(vin) as Promise<Received>;

  /** Starts on a route that comes with the extension. */
  async function begin(vin = VIN, route = 'Munich'): Promise<void> {
    void world.run('simulateDrive', await vehicle(vin));
    await person.pick('Route to drive', route);
    await person.pick('Enter to start', 'Start');
    await world.simulation(`Simulation ${vin} · ${route}`);
  }

  /** What is said of the newest run, as soon as it fits. */
  function said(words: string, fits: (spoken: string) => boolean): Promise<string> {
    let last: string | undefined;
    return until(
      words,
      async () => {
        last = (await world.spoken('simulations')).find((row) => row.startsWith('Simulation '));
        return last !== undefined && fits(last) ? last : undefined;
      },
      { everyMs: 50, seen: () => last },
    );
  }
  /** Starts, and waits until it is on its way. */
  async function drive(vin?: string, route?: string): Promise<void> {
    await begin(vin, route);
    await said('some way', (words) => words.includes(', running') && points(words) > 2);
  }
  const points = (spoken: string): number => Number(/(\d+)\/\d+ points/.exec(spoken)?.[1] ?? 0);

  it('is asked for step by step, and says what is wrong with an event', async () => {
    void world.run('simulateDrive', await vehicle(VIN));
    await person.pick('Route to drive', 'Munich');
    await person.pick('Enter to start', 'Time scale');
    await person.pick('Time scale', '×5');
    await person.pick('Enter to start', 'Scheduled events');
    const events = await person.question('Kilometer and what happens');
    await events.type('nonsense');
    assert.match(events.problem ?? '', /Kilometer, colon, and a trouble code/);
    await events.type('0.2:p0217');
    events.accept();
    assert.equal((await person.row('Enter to start', 'Scheduled events')).description, '0.2:p0217');
    await person.pick('Enter to start', 'Start');
    await world.simulation(`${MUNICH}, running, ×5`);
    await world.row(`Vehicle ${VIN}, Acme DN 2019, owner ${OWNER}, simulating`);
    await until('the trouble code in the cloud', async () =>
      (await received(VIN)).messages.some(({ type }) => type === 'dtc'),
    );
  });

  it('pauses, goes on, changes its speed, jumps and reports trouble', async () => {
    await drive();
    await world.run('simulationPause', await world.simulation(`${MUNICH}, running`));
    await world.simulation(`${MUNICH}, paused`);
    await world.row(`owner ${OWNER}, simulation paused`);
    await world.run('simulationResume', await world.simulation(`${MUNICH}, paused`));
    await world.simulation(`${MUNICH}, running`);
    void world.run('simulationSetSpeed');
    await person.pick('Simulated time relative to real time', '×2');
    await world.simulation(`${MUNICH}, running, ×2`);
    void world.run('simulationJump');
    const place = await person.question('Percent of the route');
    await place.type('500%');
    assert.match(place.problem ?? '', /A percentage from 0% to 100%/);
    await place.type('50%');
    place.accept();
    const half = await said('half of the route', (words) => points(words) > 100);
    const [, at, all] = /(\d+)\/(\d+) points/.exec(half) ?? [];
    assert.ok(Number(at) >= Number(all) / 2, half);
    void world.run('sendDtc', await vehicle(VIN));
    await person.pick('Pick a trouble code', 'U0100');
    await until('the trouble code in the cloud', async () =>
      JSON.stringify((await received(VIN)).messages).includes('U0100'),
    );
  });

  it('does a job that is sent to it, which is followed to its end', async () => {
    await drive();
    void world.run('sendJob', await vehicle(VIN));
    await person.pick('What the vehicle should do', 'Update the software');
    const version = await person.question('Software version to update to');
    version.accept();
    assert.match(version.problem ?? '', /cannot be empty/);
    await version.type('7.1');
    version.accept();
    await person.pick('Account 123456789012', 'Send');
    assert.match(
      await person.told('carried out the job'),
      new RegExp(`^${VIN} carried out the job cms-\\w+-\\w+: SUCCEEDED`),
    );
  });

  it('shows its last payload as JSON', async () => {
    await drive();
    await until('a message in the cloud', async () => (await received(VIN)).totals.accepted > 0);
    await world.run('simulationShowPayload');
    const shown = await until('the payload in an editor', () =>
      vscode.window.visibleTextEditors
        .map(({ document }) => document.getText())
        .find((text) => text.includes(`dt/cvra/${VIN}/`)),
    );
    assert.match(shown, /"MessageId"/);
  });

  it('is recorded from one moment to another', async () => {
    await drive();
    await world.run('simulationRecord');
    await world.simulation(', recording,');
    const [name = ''] = await readdir(path.join(folder, 'recordings'));
    const file = path.join(folder, 'recordings', name);
    await until(
      'two messages in the recording',
      async () => (await readFile(file, 'utf8')).split('\n').length > 2,
    );
    void world.run('simulationStopRecording');
    const told = await person.told('messages are recorded');
    assert.equal(told.replace(/^\d+ /, ''), `messages are recorded in recordings/${name}.`);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const messages = lines.map((line) => JSON.parse(line) as { vin: string; payload?: { VIN: string } });
    assert.ok(messages.length >= 2);
    for (const message of messages) assert.equal(message.vin, VIN);
    assert.equal(messages.at(-1)?.payload?.VIN, VIN);
  });

  it('says what it came to when it ends, and drives again', async () => {
    await drive();
    await until('messages in the cloud', async () => (await received(VIN)).totals.accepted > 3);
    await world.run('simulationStopAll');
    assert.match(
      await person.told('has ended: '),
      /has ended: \d+\.\d km in \d+ s, average \d+ km\/h, top speed \d+ km\/h, .*\d+ messages acknowledged/,
    );
    await person.press('has ended: ', 'Simulate Again');
    await world.simulation('running');
  });

  it('does not begin twice with one vehicle; what may be wanted instead is offered', async () => {
    await drive();
    void world.run('simulateDrive', await vehicle(VIN));
    await person.pick('Route to drive', 'Drive Again');
    assert.equal(await person.told('already'), `${VIN} is already being simulated.`);
    await person.press('already', 'Stop and Restart');
    await until('a new run above the one that ended', async () => {
      const [first, ...rest] = (await world.spoken('simulations')).filter((row) => row.startsWith(MUNICH));
      return first?.includes(', running') === true && rest.some((row) => row.includes(', ended'));
    });
  });

  it('survives the death of the device process: it is said once, and resuming goes on', async () => {
    await drive();
    const [pid, ...more] = deviceProcesses(path.join(process.env.CMS_STORAGE ?? '', '../../../..'));
    assert.ok(pid !== undefined && more.length === 0, 'one device process');
    process.kill(pid, 'SIGKILL');
    assert.match(
      await person.told('device process ended'),
      /^The device process ended, and with it .*Munich/,
    );
    await world.simulation(`${MUNICH}, crashed`);
    await person.press('device process ended', 'Resume');
    await world.simulation(`${MUNICH}, running`);
    await world.simulation(', crashed, then resumed');
  });

  it('waits while the endpoint is gone, says so, and loses nothing', async () => {
    await drive();
    await until('a message in the cloud', async () => (await received(VIN)).totals.accepted > 0);
    await sandbox.shutdown();
    await said(
      'offline',
      (words) => words.includes('offline, still driving') && / [1-9]\d* waiting/.test(words),
    );
    await world.run('startSandbox');
    await said('nothing that waits', (words) => words.includes(', running') && !words.includes('waiting'));
    await until('nothing missing', async () => (await received(VIN)).totals.serials.missing === 0);
    assert.match(await said('running', (words) => words.includes(', running')), /lost 0$/);
  });

  it('is stopped from the menu of all simulations, with a summary in the cloud', async () => {
    await drive();
    await until('a message in the cloud', async () => (await received(VIN)).totals.accepted > 0);
    void world.run('simulationsMenu');
    await person.row('Simulations', 'Pause All');
    await person.pick('Simulations', 'Stop All');
    assert.match(
      await said('the end', (words) => words.includes(', ended, ')),
      /ended, .* points, \d+\.\d km, \d+ acknowledged, lost 0$/,
    );
    await until('the summary of the trip', async () =>
      (await received(VIN)).messages.some(({ type }) => type === 'trip'),
    );
  });

  it('is repeated as it was the last time, which is one of the ways to begin', async () => {
    void world.run('simulateDrive', await vehicle(VIN));
    await person.pick('Route to drive', 'Tokyo');
    await person.pick('Enter to start', 'Time scale');
    await person.pick('Time scale', '×5');
    await person.pick('Enter to start', 'Start');
    await said('a fast drive', (words) => words.includes('Tokyo') && words.includes(', running, ×5'));
    await world.run('simulationStopAll');
    await said('the end', (words) => words.includes(', ended, '));
    void world.run('simulateDrive');
    await person.pick('What to simulate', 'Simulate Again');
    await said('the same again', (words) => words.includes('Tokyo') && words.includes(', running, ×5'));
  });

  it('gives the vehicle certificates first when it has none', async () => {
    await rm(path.join(folder, 'certs', SECOND), { recursive: true });
    void world.run('simulateDrive', await vehicle(SECOND));
    await person.pick('Route to drive', 'Tokyo');
    await person.pick('Enter to start', 'Start');
    assert.match(await person.told('no certificate'), new RegExp(`^${SECOND} has no certificate`));
    await person.press('no certificate', 'Provision Certificates');
    await world.simulation(`Simulation ${SECOND} · Tokyo, around the palace, running`);
  });

  it('says why a vehicle is refused, once, with what helps', async () => {
    const facts = JSON.parse(
      await readFile(path.join(folder, 'certs', VIN, 'provisioning.json'), 'utf8'),
    ) as { certificateId: string };
    const iot = new IoTClient({
      endpoint: await sandbox.endpoint(),
      region: 'us-west-2',
      credentials: testCredentials,
    });
    await iot.send(
      new UpdateCertificateCommand({ certificateId: facts.certificateId, newStatus: 'INACTIVE' }),
    );
    iot.destroy();
    await begin();
    await world.simulation(`${MUNICH}, failed`);
    const { message, buttons } = await person.notice('is not ACTIVE');
    assert.match(
      message,
      new RegExp(`closed the connection of client ${VIN}.*Likely causes: the production certificate`),
    );
    assert.ok(buttons.includes('Diagnose Vehicle'), buttons.join(', '));
  });

  it('ends first when the certificate of its vehicle is rotated, and only its own', async () => {
    await writeFile(path.join(folder, 'lanes.geojson'), JSON.stringify(LANES));
    const rows = [await vehicle(VIN), await vehicle(SECOND)];
    void world.run('simulateDrive', rows[0], rows);
    await person.pick('Route to drive', 'lanes.geojson');
    await person.pick('The file has several routes', 'All of them');
    await person.row('Enter to start', 'Start: 2 vehicles');
    await person.pick('Enter to start', 'Start');
    await world.simulation('Simulation 2 vehicles · 2 routes, running');
    await world.simulation(`Simulated vehicle ${SECOND}, driving`);
    void world.run('rotateCertificate', await vehicle(VIN));
    assert.match((await person.notice('Rotate the certificate')).detail, /its trip ends first/);
    await person.press('Rotate the certificate', 'Rotate');
    await person.told(`${VIN} uses a new certificate now`);
    await world.simulation(`Simulated vehicle ${VIN}, ended`);
    await world.simulation(`Simulated vehicle ${SECOND}, driving`);
  });

  it('begins with a route file, and with one of its routes', async () => {
    const file = path.join(folder, 'lanes.geojson');
    await writeFile(file, JSON.stringify(LANES));
    void world.run('simulateRoute', vscode.Uri.file(file));
    const vehicles = await person.question('Vehicles to simulate');
    vehicles.choose(vehicles.rows.slice(0, 1));
    await person.pick('The file has several routes', 'North');
    await person.pick('Enter to start', 'Start');
    await world.simulation('North, running');
  });

  it('begins with the vehicles of a fleet file', async () => {
    const file = path.join(folder, 'two.cms-fleet.csv');
    await writeFile(file, `vin\n${VIN}\n${SECOND}\n`);
    void world.run('simulateFleet', vscode.Uri.file(file));
    await person.pick('Route to drive', 'Atlanta');
    await person.row('Enter to start', 'Start: 2 vehicles');
    (await person.question('Enter to start')).leave();
    // From the palette, where there is one command for all ways.
    void world.run('simulateDrive');
    await person.pick('What to simulate', 'Simulate Fleet from File');
    await person.pick('one vehicle per line', 'two.cms-fleet.csv');
    await person.pick('Route to drive', 'Atlanta');
    await person.row('Enter to start', 'Start: 2 vehicles');
  });

  it('is not for a list of vehicles, and asks for another route when one is broken', async () => {
    await writeFile(path.join(folder, 'fleet.csv'), `vin,username\n${VIN},${OWNER}\n`);
    await writeFile(path.join(folder, 'home.csv'), '-84.39,33.77\n-84.38,33.78\n');
    await writeFile(
      path.join(folder, 'broken.gpx'),
      '<gpx><trk><trkseg><trkpt lat="48.1" lon="11.5"/></trkseg></trk></gpx>',
    );
    void world.run('simulateDrive', await vehicle(VIN));
    const labels = (await person.question('Route to drive')).rows.map(({ label }) => label);
    assert.ok(labels.includes('home.csv') && !labels.includes('fleet.csv'), labels.join(', '));
    (await person.question('Route to drive')).leave();

    // What is open is most likely meant, and a route is no fleet.
    await vscode.window.showTextDocument(vscode.Uri.file(path.join(folder, 'home.csv')));
    void world.run('simulateDrive');
    const ways = await person.question('What to simulate');
    assert.match(ways.rows[0]?.label ?? '', /Simulate This Route/);
    ways.leave();
    void world.run('previewRoute');
    const preview = await person.question('GPX, KML');
    assert.equal(
      preview.rows.find(({ kind }) => kind !== vscode.QuickPickItemKind.Separator)?.label,
      'home.csv',
    );
    preview.leave();
    await vscode.window.showTextDocument(vscode.Uri.file(path.join(folder, 'fleet.csv')));
    void world.run('onboardFleet');
    const fleets = await person.question('one vehicle per line');
    const names = fleets.rows.map(({ label }) => label);
    assert.ok(names[0] === 'fleet.csv' && !names.includes('home.csv'), names.join(', '));
    fleets.leave();

    void world.run('simulateDrive', await vehicle(VIN));
    await person.pick('Route to drive', 'broken.gpx');
    assert.match(await person.told('broken.gpx'), /broken\.gpx/);
    await person.question('Route to drive');
  });
});
