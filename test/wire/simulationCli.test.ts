import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import { readRecording, replayRecording } from '../../src/device/client/recording.ts';
import type { AcknowledgedMessage } from '../../src/protocol/simulation.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { type CliStart, runCli } from '../support/cli.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { received, shortRoute, simulatedThings } from '../support/simulated.ts';
import { systemClock } from '../../src/core/work.ts';

const VINS = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124'];
const [VIN, OTHER] = VINS as [string, string];
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};

describe('Simulations on the command line', () => {
  let sandbox: SandboxProcess;
  let connection: Connection;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox();
    connection = await connectTo(sandbox);
    folder = await mkdtemp(path.join(os.tmpdir(), 'simulate-test-'));
    const store = createCertificateStore(path.join(folder, 'certs'));
    for (const { vin, identity } of await simulatedThings(connection, VINS)) {
      await store.saveProduction(vin, identity);
    }
    const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
    const feature = {
      type: 'Feature',
      properties: { name: 'short' },
      geometry: { type: 'LineString', coordinates },
    };
    await writeFile(path.join(folder, 'short.geojson'), JSON.stringify(feature));
    const far = coordinates.map(([longitude = 0, latitude = 0]) => [longitude + 1, latitude]);
    const other = {
      ...feature,
      properties: { name: 'far' },
      geometry: { type: 'LineString', coordinates: far },
    };
    const both = { type: 'FeatureCollection', features: [feature, other] };
    await writeFile(path.join(folder, 'both.geojson'), JSON.stringify(both));
  });
  after(async () => {
    connection.dispose();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function run(args: string[], start: CliStart = {}) {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    return runCli([...args, ...to], { cwd: folder, env, ...start });
  }
  const drive = ['--route', 'short.geojson', '--speed', '20', '--rate', '5'];

  /** As onboarding leaves it beside the certificate. */
  async function tag(vin: string, tags: string[], fuelType = 'Gas'): Promise<void> {
    const store = createCertificateStore(path.join(folder, 'certs'));
    const { certificateId } = usablePair(await store.production(vin))!;
    await store.saveFacts(vin, {
      certificateId,
      certificateArn: `arn:aws:iot:us-west-2:123456789012:cert/${certificateId}`,
      thingName: vin,
      stackName: 'cms-dev1',
      accountId: '123456789012',
      region: 'us-west-2',
      provisionedAt: '2026-01-05T10:00:00.000Z',
      claim: { kind: 'per-vehicle', used: true },
      tags,
      fuelType,
    });
  }

  it('drives a vehicle to the end of the route and says what arrived @smoke', async () => {
    const before = await received(sandbox, VIN);
    const { code, stdout, stderr } = await run(['simulate', '--vin', VIN, ...drive, '--dtc', '0.5:p0217']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^${VIN} +ended +1\\.\\d km +1 trip`));
    assert.match(stdout, /\d+ messages acknowledged, 0 lost/);
    assert.match(stderr, /\d\/4 points, \d\.\d km, [\d.]+ msgs\/s, unacked \d+, queued 0, lost 0/);
    const { totals, messages } = await received(sandbox, VIN);
    assert.equal(totals.rejected, 0);
    const types = messages.slice(before.messages.length).map(({ type }) => type);
    assert.deepEqual([types.filter((type) => type === 'dtc').length, types.at(-1)], [1, 'trip']);
  });

  it('gives machines every message, each change of a vehicle, and the result', async () => {
    const done = await run([
      'simulate',
      '--all',
      ...drive,
      '--spread',
      '--json',
      '--loop',
      '--duration',
      '4',
    ]);
    assert.equal(done.code, 0, done.stderr);
    const all = done.objects();
    const of = (type: string) => all.filter((it) => it.type === type);
    const result = of('simulation').at(-1)!;
    const totals = result.totals as { acknowledged: number; lost: number };
    assert.deepEqual([of('message').length, totals.lost], [totals.acknowledged, 0]);
    assert.ok(of('totals').length >= 2);
    const vehicles = result.vehicles as { vin: string; phase: string }[];
    assert.deepEqual(
      vehicles.map(({ vin, phase }) => [vin, phase]),
      [...VINS].sort().map((vin) => [vin, 'ended']),
    );
  });

  it('records what was acknowledged, and the recording can be read and replayed', async () => {
    const file = path.join(folder, 'run.jsonl');
    const { code, stdout, stderr } = await run(['simulate', '--vin', VIN, ...drive, '--record', 'run.jsonl']);
    assert.equal(code, 0, stderr);
    const recorded: AcknowledgedMessage[] = [];
    for await (const message of readRecording(file)) recorded.push(message);
    assert.match(stdout, new RegExp(`${recorded.length} messages are recorded in .*run\\.jsonl`));
    assert.deepEqual(
      recorded.map(({ serial }) => serial),
      recorded.map((_, i) => i + 1),
    );
    const { messages } = await received(sandbox, VIN);
    assert.deepEqual(JSON.parse(recorded.at(-1)!.payload!), messages.at(-1)!.payload);

    const told: number[] = [];
    const started = Date.now();
    const options = { speed: 1000, clock: systemClock, signal: new AbortController().signal };
    await replayRecording(file, options, ({ serial }) => told.push(serial));
    assert.equal(told.length, recorded.length);
    assert.ok(Date.now() - started < 5000);
  });

  it('leaves a test report and the samples where it is asked to', async () => {
    const files = ['--junit', 'report.xml', '--export', 'drive.csv'];
    const { code, stderr } = await run(['simulate', '--vin', VIN, ...drive, ...files]);
    assert.equal(code, 0, stderr);
    const report = await readFile(path.join(folder, 'report.xml'), 'utf8');
    assert.match(report, new RegExp(`<testcase classname="[^"]+" name="${VIN}"`));
    assert.match(report, /<testsuites tests="1" failures="0"/);
    const [head, ...rows] = (await readFile(path.join(folder, 'drive.csv'), 'utf8')).trimEnd().split('\r\n');
    assert.match(head!, /^time,vin,id,latitude,longitude,/);
    assert.ok(rows.length > 1);
    assert.ok(rows.every((row) => row.split(',')[1] === VIN));
    const refused = await run(['simulate', '--vin', VIN, ...drive, '--export', 'drive.txt']);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /must end with \.csv/);
  });

  it('replays a recording, of all vehicles or of some, and sends nothing', async () => {
    const record = ['--record', 'two.jsonl', '--duration', '2'];
    const driven = await run(['simulate', '--all', ...drive, ...record, '--json']);
    assert.equal(driven.code, 0, driven.stderr);
    const before = await received(sandbox, VIN);
    const replay = (...args: string[]) =>
      runCli(['replay', '--file', 'two.jsonl', ...args], { cwd: folder, env });

    const all = await replay('--speed', '20', '--json');
    assert.equal(all.code, 0, all.stderr);
    const messages = (objects: Record<string, unknown>[]) => objects.filter(({ type }) => type === 'message');
    assert.deepEqual(messages(all.objects()), messages(driven.objects()));
    assert.ok(messages(all.objects()).every(({ payload }) => typeof payload === 'string'));
    const one = await replay('--speed', '20', '--vin', OTHER);
    assert.match(one.stdout, new RegExp(`^[\\d:.]+ +${OTHER} +dt/cvra/${OTHER}/cardata +#1 `));
    assert.ok(!one.stdout.includes(VIN));
    assert.match(one.stdout, /\n\d+ messages of 1 vehicle\.\n$/);
    assert.equal((await received(sandbox, VIN)).totals.received, before.totals.received);
  });

  it('refuses to replay what is no recording, and names the line', async () => {
    await writeFile(path.join(folder, 'odd.jsonl'), 'no recording\n');
    const { code, stderr } = await runCli(['replay', '--file', 'odd.jsonl'], { cwd: folder, env });
    assert.equal(code, 1);
    assert.match(stderr, /odd\.jsonl, line 1 is not a line of a recording/);
  });

  it('chooses vehicles by tag: of the folder, or of a fleet', async () => {
    const driven = async (...args: string[]) => {
      const done = await run(['simulate', ...args, ...drive, '--duration', '1', '--json']);
      const result = done.objects().find(({ type }) => type === 'simulation');
      const states = (result?.vehicles ?? []) as { vin: string }[];
      return { ...done, vins: states.map(({ vin }) => vin) };
    };
    await tag(OTHER, ['night', 'van']);
    assert.deepEqual((await driven('--tag', 'night', 'other')).vins, [OTHER]);
    const rows = ['vin,tags', `${VIN},day;van`, `${OTHER},`];
    await writeFile(path.join(folder, 'tagged.csv'), `${rows.join('\n')}\n`);
    assert.deepEqual((await driven('--fleet', 'tagged.csv', '--tag', 'van')).vins, [VIN]);
    const none = await driven('--all', '--tag', 'day');
    assert.equal(none.code, 2);
    assert.match(none.stdout, /No vehicle has the tag day.*Existing tags: night, van/s);
  });

  it('drives on a battery those that the onboarding said have one, with the events that were asked for', async () => {
    await tag(OTHER, ['electric'], 'EV');
    const before = (await received(sandbox, OTHER)).messages.length;
    const events = ['--event', '0.2:braking', '--event', '0.4:C1234', '--event-rate', 'dtc:0'];
    const { code, stderr } = await run(['simulate', '--all', ...drive, ...events]);
    assert.equal(code, 0, stderr);
    const own = (await received(sandbox, OTHER)).messages.slice(before);
    assert.deepEqual(
      own.filter(({ type }) => type !== 'cardata').map(({ type, accepted }) => [type, accepted]),
      [
        ['event', true],
        ['dtc', true],
        ['trip', true],
      ],
    );
    const charge = own.flatMap(({ payload }) => (payload as { StateOfCharge?: number }).StateOfCharge ?? []);
    assert.equal(charge.length, own.length - 3);
    assert.ok(charge.every((share) => share > 79 && share <= 80));
    const others = (await received(sandbox, VIN)).messages;
    assert.ok(!('StateOfCharge' in (others.at(-2)!.payload as object)));
  });

  it('goes on driving when the disk of the recording is full, and says what is missing', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const { code, stdout, stderr } = await run(['simulate', '--vin', VIN, ...drive, '--record', '/dev/full']);
    assert.equal(code, 3, stderr);
    assert.match(stdout, /0 lost/);
    assert.match(stdout, /recording lacks \d+ messages: .*the disk is full/);
  });

  it('refuses a recording that cannot be begun, before anything drives', async () => {
    const { code, stderr } = await run([
      'simulate',
      '--vin',
      VIN,
      ...drive,
      '--record',
      'no/such/folder/run.jsonl',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /no such file or folder.*RECORDING_FAILED/s);
  });

  it('offers to provision a vehicle without a certificate', async () => {
    const { code, stderr } = await run(['simulate', '--vin', VIN, 'NOBODY', ...drive]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /no production certificate of NOBODY.*cms-enablement provision --vin NOBODY.*CERTIFICATE_MISSING/s,
    );
  });

  it('drives the vehicles of a fleet manifest', async () => {
    await writeFile(path.join(folder, 'fleet.csv'), `vin\n${VIN}\n${OTHER}\n`);
    const { code, stdout, stderr } = await run(['simulate', '--fleet', 'fleet.csv', ...drive]);
    assert.equal(code, 0, stderr);
    for (const vin of VINS) assert.match(stdout, new RegExp(`^${vin} +ended`, 'm'));
  });

  it('takes the route that is picked of several, and asks for it when one vehicle has a choice', async () => {
    const several = [
      'simulate',
      '--vin',
      VIN,
      '--route',
      'both.geojson',
      '--speed',
      '20',
      '--rate',
      '5',
      '--json',
    ];
    const asked = await run(several);
    assert.equal(asked.code, 2);
    assert.match(asked.stdout, /2 routes.*--pick.*1\. short, 2\. far/s);
    for (const pick of ['far', '2']) {
      const done = await run([...several, '--pick', pick, '--duration', '1']);
      const message = done.objects().find(({ type }) => type === 'message') as {
        place?: { longitude: number };
      };
      assert.equal(Math.floor(message.place!.longitude), 12);
    }
  });

  for (const [what, args, expected] of [
    ['no vehicle', [], /--vin, --fleet, --all or --tag/],
    ['two ways of naming vehicles', ['--vin', VIN, '--all'], /exactly one/],
    ['a speed that is too high', ['--vin', VIN, '--speed', '21'], /0\.1 to 20/],
    ['a rate of nothing', ['--vin', VIN, '--rate', '0'], /0\.01 to 80/],
    ['a trouble code that is none', ['--vin', VIN, '--dtc', '3:X9999'], /such as 3:P0217/],
    ['a trouble code without a place', ['--vin', VIN, '--dtc', 'P0217'], /colon/],
    ['a route that is missing', ['--vin', VIN, '--route', 'none.gpx'], /none\.gpx.*ROUTE_INVALID/s],
  ] as [string, string[], RegExp][]) {
    it(`refuses ${what} with exit code 2`, async () => {
      const { code, stderr, stdout } = await run(['simulate', '--route', 'short.geojson', ...args]);
      assert.equal(code, 2, stderr + stdout);
      assert.match(stderr, expected);
    });
  }

  it('Ctrl-C ends the trip with its summary, waits for the acknowledgement, and exits with 130', async () => {
    let asked = false;
    const { code, stdout, stderr } = await run(
      ['simulate', '--vin', VIN, '--route', 'short.geojson', '--loop', '--rate', '5', '--json'],
      {
        onOutput(child, text) {
          if (asked || (text.match(/"type":"message"/g) ?? []).length < 5) return;
          asked = true;
          child.kill('SIGINT');
        },
      },
    );
    assert.equal(code, 130, stderr);
    assert.match(stdout, /"type":"simulation"/);
    const { messages } = await received(sandbox, VIN);
    assert.equal(messages.at(-1)!.type, 'trip');
  });

  it('says that the device process died, and how to go on', async () => {
    let killed = false;
    const { code, stderr } = await run(
      ['simulate', '--vin', VIN, '--route', 'short.geojson', '--rate', '5', '--speed', '3'],
      {
        onOutput(child, text) {
          if (killed || !/[2-4]\/4 points/.test(text)) return;
          killed = true;
          void readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').then((list) => {
            for (const pid of list.trim().split(' ')) process.kill(Number(pid), 'SIGKILL');
          });
        },
      },
    );
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /device process ended: signal SIGKILL.*--from 0\.\d+ it continues.*DEVICE_PROCESS_FAILED/s,
    );
  });

  it('reports a trouble code by hand', async () => {
    const { code, stdout, stderr } = await run(['dtc', '--vin', OTHER, '--code', 'p1734']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`${OTHER} has reported P1734`));
    const { messages } = await received(sandbox, OTHER);
    const last = messages.at(-1)!;
    assert.deepEqual([last.type, last.accepted], ['dtc', true]);
    assert.match(JSON.stringify(last.payload), /"P1734"/);
    assert.equal((await run(['dtc', '--vin', OTHER, '--code', 'oops'])).code, 2);
  });
});
