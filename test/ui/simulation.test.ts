import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IoTClient, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { actUntil, PATIENCE_MS } from '../support/editor/actUntil.ts';
import { deviceProcesses } from '../support/editor/deviceProcesses.ts';
import { answerWizard, PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';
import type { Received } from '../support/simulated.ts';

const VIN = 'LSH14J4C4LA046511';
const SECOND = '1FTFW1ET5DFC10312';

describe('simulations in the editor', function () {
  const suite = useEditor(this);

  /** What the cloud has of a vehicle. */
  async function received(vin: string): Promise<Received> {
    const endpoint = await suite.editor.sandboxEndpoint();
    const reply = await fetch(`${endpoint ?? ''}/_sandbox/vehicles/${vin}/messages?limit=100000`);
    return (await reply.json()) as Received;
  }

  /** The lines of the output channel so far, as the editor wrote them down. */
  function output(): string[] {
    const logs = path.join(suite.editor.dataFolder, 'data/logs');
    return readdirSync(logs, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('CMS Telemetry.log'))
      .flatMap((name) => readFileSync(path.join(logs, name), 'utf8').split('\n'))
      .filter((line) => line !== '');
  }

  async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`${what} did not come true`);
      await delay(200);
    }
  }

  /** What is said of the newest run. */
  async function run(): Promise<string> {
    return (await suite.workbench.spoken('Simulation ').getAttribute('aria-label')) ?? '';
  }

  const pointsOf = (words: string): number => Number(/(\d+)\/\d+ points/.exec(words)?.[1] ?? 0);
  const status = (text: string) =>
    suite.workbench.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first();

  it('are offered when a vehicle was onboarded, and begin with a few keys', async () => {
    const { workbench } = suite;
    await startFromWelcome(workbench);
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('is onboarded');
    await workbench.press('is onboarded', 'Simulate a Drive');
    await workbench.question('Route to drive');
    await workbench.item('Munich').waitFor();
    await workbench.screenshot('drive route');
    await workbench.pick('Munich');
    await workbench.question('Enter starts');
    await workbench.pick('Speed');
    await workbench.question('Speed');
    await workbench.pick('×5');
    await workbench.question('Enter starts');
    await workbench.pick('Events on the way');
    await workbench.question('Kilometre and what happens');
    await workbench.input().fill('nonsense');
    await workbench.says('Kilometre, colon, and a trouble code');
    await workbench.input().fill('0.2:p0217');
    await workbench.leaving(() => workbench.input().press('Enter'));
    await workbench.question('Enter starts');
    await workbench.item('0.2:p0217').waitFor();
    await workbench.screenshot('drive review');
    await workbench.pick('Start');
    await workbench.spoken(`Simulation ${VIN} · Munich, around the old town, running`).waitFor();
  });

  it('show themselves in their view, the tree, the status bar and on a map', async () => {
    const { workbench } = suite;
    const first = pointsOf(await run());
    await until('progress', async () => pointsOf(await run()) > first + 3 || undefined);
    assert.match(await run(), /running, ×5, \d+\/311 points, \d+\.\d km, \d+ msg\/s, \d+ unacked, lost 0$/);
    await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, simulating`).waitFor();
    await status('1 simulation').waitFor();
    await workbench.page.locator('.tab').filter({ hasText: 'Munich' }).waitFor();
    await workbench.screenshot('simulation running');
  });

  it('write a line a message into their output, with the trouble code on the way', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Show Telemetry Output');
    const line = workbench.page
      .locator('.part.panel .view-lines .view-line')
      .filter({ hasText: `${VIN}/cardata` });
    await line.first().waitFor();
    await workbench.screenshot('simulation output');
    await until('the trouble code', () => output().some((each) => each.includes('P0217')) || undefined);
    const lines = output();
    assert.match(lines[0] ?? '', /^[\d:.]+ {2}START {2}LSH14J4C4LA046511 · Munich.*1 vehicle on Munich/);
    assert.match(
      lines.find((each) => each.includes('/cardata')) ?? '',
      /^[\d:.]+ {2}LSH14J4C4LA046511 {2}dt\/cvra\/LSH14J4C4LA046511\/cardata {2}#1 {2}48\.\d{5}, 11\.\d{5} {2}\d+ km\/h {2}ack \d+ ms$/,
    );
    assert.ok(!lines.join('\n').includes('PRIVATE KEY') && !lines.join('\n').includes('"VIN"'));
  });

  it('pause and go on from the menu of their row', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(
      /^LSH14J4C4LA046511running/,
      'Pause Simulation',
      workbench.spoken('paused, ×5'),
    );
    await workbench.spoken(`owner testCMSUser1, simulation paused`).waitFor();
    await status('1 simulation (1 paused)').waitFor();
    await workbench.screenshot('simulation paused');
    const at = pointsOf(await run());
    await workbench.contextMenu(
      /^LSH14J4C4LA046511paused/,
      'Resume Simulation',
      workbench.spoken('running, ×5'),
    );
    await until('going on', async () => pointsOf(await run()) > at || undefined);
  });

  it('change their speed, jump, and report trouble when they are told to', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Set Speed of Simulation…');
    await workbench.question('Simulated time against the clock');
    await workbench.pick('×2');
    await workbench.spoken('running, ×2').waitFor();
    await workbench.command('CMS: Jump to…');
    await workbench.question('Percent of the route');
    await workbench.input().fill('500%');
    await workbench.says('A percentage from 0% to 100%');
    await workbench.input().fill('50%');
    await workbench.leaving(() => workbench.input().press('Enter'));
    await until('the jump', async () => pointsOf(await run()) > 150 || undefined);
    await workbench.contextMenu(new RegExp(`^${VIN}simulating`), 'Send DTC…');
    await workbench.answer('Pick a trouble code', 'U0100');
    await until('the trouble code', () => output().some((each) => each.includes('U0100')) || undefined);
  });

  it('show the last payload of a vehicle, and what messages look like, as JSON', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Show Last Payload');
    const text = workbench.page.locator('.editor-instance .view-lines');
    await text
      .filter({ hasText: `dt/cvra/${VIN}/` })
      .first()
      .waitFor();
    await text.filter({ hasText: 'MessageId' }).first().waitFor();
    await workbench.screenshot('last payload');
    await workbench.command('CMS: Show Message Template');
    await text.filter({ hasText: '<VIN>' }).first().waitFor();
  });

  it('are recorded from one moment to another', async () => {
    const { workbench, folder } = suite;
    await mkdir(path.join(folder, 'recordings'));
    await workbench.command('CMS: Record Simulation…');
    await workbench.holds(/recordings\/run-.*\.jsonl$/);
    await workbench.leaving(() => workbench.input().press('Enter'));
    const before = pointsOf(await run());
    await until('some points', async () => pointsOf(await run()) > before + 2 || undefined);
    await workbench.command('CMS: Stop Recording Simulation');
    assert.match(
      await workbench.told('messages are recorded'),
      /^\d+ messages are recorded in recordings\/run-/,
    );
    const [name] = await readdir(path.join(folder, 'recordings'));
    const lines = (await readFile(path.join(folder, 'recordings', name ?? ''), 'utf8')).trim().split('\n');
    const messages = lines.map((line) => JSON.parse(line) as { vin: string; payload?: { VIN: string } });
    assert.ok(messages.length >= 2 && messages.every(({ vin }) => vin === VIN));
    assert.equal(messages.at(-1)?.payload?.VIN, VIN);
    await workbench.clearNotifications();
  });

  it('refuse to drive a vehicle twice, and offer what one may want instead', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Simulate a Drive…');
    await workbench.question('Route to drive');
    await workbench.item('Drive again').waitFor();
    await workbench.screenshot('drive again');
    await workbench.pick('Drive again');
    assert.equal(await workbench.told('already'), `${VIN} is being simulated already.`);
    await workbench.press('already', 'Stop and Start Anew');
    await workbench.spoken(', ended, ').waitFor();
    await workbench.spoken(`Simulation ${VIN} · Munich, around the old town, running, ×5`).waitFor();
    await workbench.clearNotifications();
  });

  it('survive the death of the device process: it is said once, and resuming goes on', async () => {
    const { workbench, editor } = suite;
    await until('some way', async () => pointsOf(await run()) > 5 || undefined);
    const [pid, ...more] = deviceProcesses(editor.dataFolder);
    assert.ok(pid !== undefined && more.length === 0);
    process.kill(pid, 'SIGKILL');
    assert.match(
      await workbench.told('device process ended'),
      /^The device process ended, and with it .*Munich/,
    );
    await workbench.spoken(', crashed').waitFor();
    await workbench.screenshot('simulation crashed');
    await workbench.press('device process ended', 'Resume');
    await workbench.spoken('running, ×5').waitFor();
    await workbench.spoken(', crashed, resumed since').waitFor();
    await until('going on', async () => pointsOf(await run()) > 5 || undefined);
    assert.notEqual(deviceProcesses(editor.dataFolder)[0], pid);
  });

  it('wait while the endpoint is gone, say so, and lose nothing', async () => {
    const { workbench, editor } = suite;
    const endpoint = await editor.sandboxEndpoint();
    await fetch(`${endpoint ?? ''}/_sandbox/shutdown`, { method: 'POST' });
    await workbench.spoken('offline, driving on').waitFor();
    await status('(1 offline)').waitFor();
    await until('messages that wait', async () => / [3-9]\d* waiting/.test(await run()) || undefined);
    await workbench.screenshot('simulation offline');
    await workbench.command('CMS: Start Local Sandbox');
    await workbench.spoken('running, ×5').waitFor();
    await until('nothing that waits', async () => !(await run()).includes('waiting') || undefined);
    assert.match(await run(), /lost 0$/);
    assert.ok(output().some((line) => line.includes('WARN offline, its messages wait')));
    assert.ok(output().some((line) => line.includes('online again')));
    const { missing } = (await received(VIN)).totals.serials;
    assert.equal(missing, 0);
    await workbench.clearNotifications();
  });

  it('are all in the menu of the status bar, by keyboard', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Show Simulations Menu');
    await workbench.question('Simulations');
    await workbench.item('Pause All').waitFor();
    await workbench.screenshot('simulations menu');
    await workbench.pick('Stop All');
    await workbench.spoken(`Simulation ${VIN} · Munich, around the old town, ended, `).waitFor();
    await status('simulation').waitFor({ state: 'hidden' });
    await until('the end', async () => (await run()).includes(', ended, ') || undefined);
    assert.match(await run(), /ended, .* points, \d+\.\d km, \d+ acknowledged, lost 0$/);
    await until('the summary of the trip', async () => {
      const { messages } = await received(VIN);
      return messages.at(-1)?.type === 'trip' || messages.some(({ type }) => type === 'trip') || undefined;
    });
  });

  it('give a vehicle certificates first when it has none, and then drive', async () => {
    const { workbench, folder } = suite;
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, SECOND);
    await workbench.told(`${SECOND} is onboarded`);
    await workbench.clearNotifications();
    await rm(path.join(folder, 'certs', SECOND), { recursive: true });
    await workbench.spoken(`Vehicle ${SECOND}`).waitFor();
    await workbench.contextMenu(new RegExp(`^${SECOND}`), 'Simulate a Drive…');
    await workbench.question('Route to drive');
    await workbench.pick('Tokyo');
    await workbench.question('Enter starts');
    await workbench.pick('Start');
    assert.match(await workbench.told('no certificate'), new RegExp(`^${SECOND} has no certificate`));
    await workbench.screenshot('drive without certificate');
    await workbench.press('no certificate', 'Provision Certificates');
    await workbench.spoken(`Simulation ${SECOND} · Tokyo, around the palace, running`).waitFor();
    await workbench.command('CMS: Stop Simulation');
    await workbench.spoken(`Simulation ${SECOND} · Tokyo, around the palace, ended`).waitFor();
  });

  it('drive several vehicles that are selected together, on a route of the workspace', async () => {
    const { workbench, folder } = suite;
    await writeFile(path.join(folder, 'lanes.geojson'), JSON.stringify(LANES));
    await workbench.row(new RegExp(`^${VIN}`)).click();
    await workbench.row(new RegExp(`^${SECOND}`)).click({ modifiers: ['ControlOrMeta'] });
    await workbench.contextMenu(new RegExp(`^${SECOND}`), 'Simulate a Drive…');
    await workbench.question('Route to drive');
    await workbench.pick('lanes.geojson');
    await workbench.question('The file has several routes');
    await workbench.screenshot('drive several routes');
    await workbench.pick('All of them');
    await workbench.question('Enter starts');
    await workbench.item('Start: 2 vehicles').waitFor();
    await workbench.pick('Start');
    await workbench.spoken('Simulation 2 vehicles · 2 routes, running').waitFor();
    await workbench.spoken(`Simulated vehicle ${VIN}, driving`).waitFor();
    await workbench.spoken(`Simulated vehicle ${SECOND}, driving`).waitFor();
    assert.match(await run(), /2\/2 online, \d+\.\d km, \d+ msg\/s/);
  });

  it('steer one vehicle among several', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(
      new RegExp(`^${SECOND}driving`),
      'Pause Simulation',
      workbench.spoken(`Simulated vehicle ${SECOND}, paused`),
    );
    await workbench.spoken(`Simulated vehicle ${VIN}, driving`).waitFor();
    await workbench.screenshot('simulation of two');
  });

  it('look right in every theme', async () => {
    const { workbench } = suite;
    for (const [theme, kind] of [
      ['Light Modern', 'vs'],
      ['Dark High Contrast', 'hc-black'],
      ['Light High Contrast', 'hc-light'],
      ['Dark Modern', 'vs-dark'],
    ] as const) {
      await workbench.theme(theme, kind);
      await workbench.screenshot(`simulations in ${theme}`);
    }
  });

  it('end the trip of a vehicle first whose certificate is rotated', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(
      new RegExp(`^${VIN}simulating`),
      'Rotate Certificate',
      workbench.dialog().filter({ hasText: 'its trip ends first' }),
    );
    await workbench.choose('Rotate');
    await workbench.told(`${VIN} uses a new certificate now`);
    await workbench.spoken(`Simulated vehicle ${VIN}, ended`).waitFor();
    await workbench.spoken(`Simulated vehicle ${SECOND}, paused`).waitFor();
  });

  it('end their trips with the window, and leave no process behind', async () => {
    const { workbench, editor } = suite;
    const trips = async (): Promise<number> =>
      (await received(SECOND)).messages.filter(({ type }) => type === 'trip').length;
    const before = await trips();
    const [pid] = deviceProcesses(editor.dataFolder);
    await workbench.page.reload();
    await workbench.openView();
    await workbench.spoken(`Vehicle ${SECOND}, Acme DN 2019, owner testCMSUser1, live`).waitFor();
    await until(
      'the end of the device process',
      () => !deviceProcesses(editor.dataFolder).includes(pid ?? 0) || undefined,
    );
    await until('the summary of the trip', async () => (await trips()) > before || undefined);
    assert.equal(await workbench.spoken('Simulation ').isVisible(), false);
    await workbench.told('ended with the window.');
  });

  it('welcome with one button when there is none', async () => {
    const { workbench } = suite;
    await workbench.command('Connected Mobility: Focus on Simulations View');
    const button = workbench.page
      .locator('.welcome-view-content .monaco-button')
      .filter({ hasText: 'Simulate a Drive' });
    await button.waitFor();
    await workbench.screenshot('simulations welcome');
    await actUntil(
      () => button.press('Enter'),
      (timeout) => workbench.question('Vehicles that drive', { timeout }),
    );
    await workbench.leave();
  });

  it('begin with a route file in the Explorer', async () => {
    const { workbench } = suite;
    await workbench.openFile('lanes.geojson');
    await workbench.command('CMS: Simulate This Route…');
    await workbench.question('Vehicles that drive');
    await workbench.screenshot('drive vehicles');
    await workbench.leaving(() => workbench.input().press('Enter'));
    await workbench.question('The file has several routes');
    await workbench.pick('North');
    await workbench.question('Enter starts');
    await workbench.pick('Start');
    await workbench.openView();
    await workbench.spoken('North, running').waitFor();
    await workbench.command('CMS: Stop All Simulations');
    await workbench.spoken('North, ended').waitFor();
  });

  it('are repeated from the palette as they were the last time', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Simulate Again');
    await workbench.spoken('North, running').waitFor();
    await workbench.command('CMS: Stop All Simulations');
    await workbench.spoken('North, running').waitFor({ state: 'hidden' });
  });

  it('begin with the vehicles of a fleet file', async () => {
    const { workbench, folder } = suite;
    await writeFile(path.join(folder, 'two.cms-fleet.csv'), `vin\n${VIN}\n${SECOND}\n`);
    await workbench.command('CMS: Simulate Fleet from File…');
    await workbench.question('CSV or JSON with one vehicle');
    await workbench.pick('two.cms-fleet.csv');
    await workbench.question('Route to drive');
    await workbench.pick('Atlanta');
    await workbench.question('Enter starts');
    await workbench.item('Start: 2 vehicles').waitFor();
    await workbench.leave();
  });

  it('say what is wrong with a route, and ask for another one', async () => {
    const { workbench, folder } = suite;
    await writeFile(
      path.join(folder, 'broken.gpx'),
      '<gpx><trk><trkseg><trkpt lat="48.1" lon="11.5"/></trkseg></trk></gpx>',
    );
    await workbench.contextMenu(new RegExp(`^${VIN}`), 'Simulate a Drive…');
    await workbench.question('Route to drive');
    await workbench.item('broken.gpx').waitFor();
    await workbench.focusItem('broken.gpx');
    await workbench.input().press('Enter');
    assert.match(await workbench.told('broken.gpx'), /broken\.gpx/);
    await workbench.screenshot('drive broken route');
    await workbench.question('Route to drive');
    await workbench.leave();
    await workbench.clearNotifications();
  });

  it('say why a vehicle is refused, once, with what helps', async () => {
    const { workbench, editor, folder } = suite;
    const facts = JSON.parse(
      await readFile(path.join(folder, 'certs', SECOND, 'provisioning.json'), 'utf8'),
    ) as { certificateId: string };
    const iot = new IoTClient({
      endpoint: (await editor.sandboxEndpoint()) ?? '',
      region: 'us-west-2',
      credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    });
    await iot.send(
      new UpdateCertificateCommand({ certificateId: facts.certificateId, newStatus: 'INACTIVE' }),
    );
    iot.destroy();
    await workbench.contextMenu(new RegExp(`^${SECOND}`), 'Simulate Again');
    await workbench.spoken(`Simulation ${SECOND} · North, failed`).waitFor();
    assert.match(
      await workbench.told('is not ACTIVE'),
      new RegExp(`closed the connection of client ${SECOND}.*Likely causes: the production certificate`),
    );
    await workbench.screenshot('drive refused');
    await workbench.press('is not ACTIVE', 'Diagnose Vehicle');
    // Maps are open, too, so it is told by its tab.
    await workbench.page
      .locator('.tab')
      .filter({ hasText: `Diagnosis of ${SECOND}` })
      .first()
      .waitFor();
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
