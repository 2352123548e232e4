import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CreateThingCommand, IoTClient, UpdateThingCommand } from '@aws-sdk/client-iot';
import { defined } from '../../src/core/defined.ts';
import { runCli } from '../support/cli.ts';
import { buildWithMadeUp } from '../support/madeUp/build.ts';
import { KEEPERS_PASSWORD, PAINTERS_TOKEN } from '../support/madeUp/generation.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { shortRoute } from '../support/simulated.ts';

const CAR = 'WDB-7';
const PLACE = ['--deployment', 'made-up-1'];
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};

/**
 * A generation that is unlike the others in all they have in common, added with the two lines that
 * docs/architecture.md names. Each test goes on where the one before ended.
 */
describe('A CMS generation that only its own folder and two lists know', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(path.join(os.tmpdir(), 'generation-'));
    await buildWithMadeUp(path.join(folder, 'dist'));
    const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
    await writeFile(path.join(folder, 'short.geojson'), JSON.stringify({ type: 'LineString', coordinates }));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(
    args: string[],
    code = 0,
    onOutput?: NonNullable<Parameters<typeof runCli>[1]>['onOutput'],
    more: Record<string, string> = {},
  ) {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const bundle = path.join(folder, 'dist/cli.js');
    const done = await runCli([...args, ...to], {
      bundle,
      cwd: folder,
      env: { ...env, ...more },
      ...defined({ onOutput }),
    });
    assert.equal(done.code, code, `${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done;
  }

  it('is found beside the others, with what it cannot do and why', async () => {
    const found = (await run(['deployments', '--json'])).objects();
    assert.deepEqual(
      found.map(({ name, generation, region, state }) => [name, generation, region, state]),
      [
        ['made-up-1', 'made-up', 'us-west-2', { kind: 'ready' }],
        ['cms-dev1', 'cdf', 'us-west-2', { kind: 'ready' }],
      ],
    );
    const cannot = (found[0]!.capabilities as { id: string; works: boolean }[]).filter(({ works }) => !works);
    assert.deepEqual(cannot, [{ id: 'live', needs: 'iam', works: false, reason: 'it has no eyes' }]);
    const { stderr } = await run(['vehicles'], 2);
    assert.match(stderr, /There are several CMS stacks: cdf-core-development, cms-dev1\./);
  });

  it('has its fields and lists in the help', async () => {
    assert.match((await run(['--help'])).stdout, /^ {2}depots \[options\] +list depots$/m);
    const { stdout } = await run(['onboard', '--help']);
    assert.match(stdout, /^Car:\n {2}--vin <value> /m);
    assert.match(stdout, /--paint <value> +its paint; one of red, blue \(default:\s+"red"\) \(Made Up\)/);
  });

  it('says which fields its vehicles have', async () => {
    await writeFile(path.join(folder, 'fleet.csv'), 'vin;depot;colour\nWDB-8;South;red\n');
    const { stderr } = await run(['onboard', ...PLACE, '--fleet', 'fleet.csv'], 2);
    assert.match(stderr, /There is no field for "colour".* The fields are: vin, depot, paint\./);
    const one = await run(['onboard', ...PLACE, '--vin', CAR], 2);
    assert.match(one.stderr, /depot: is missing\..*REQUEST_INVALID/s);
  });

  it('onboards a vehicle whose VIN, id and thing are called differently', async () => {
    const { stdout } = await run(['onboard', ...PLACE, '--vin', CAR, '--depot', 'North', '--paint', 'blue']);
    for (const line of [/Enter the car +created/, /Get the certificate +created/, /^Depot +North$/m])
      assert.match(stdout, line);
    assert.match(stdout, /^Thing +car-1001$/m);
    assert.match(stdout, /certs\/veh-1001\/production-certificate\.pem\.crt$/m);
    assert.match(
      (await run(['onboard', ...PLACE, '--vin', CAR, '--depot', 'North'])).stdout,
      /Enter the car +found/,
    );
  });

  it('has its own options, and only where they belong', async () => {
    const bundle = path.join(folder, 'dist/cli.js');
    const { stdout: help } = await runCli(['vehicles', '--help'], { bundle, cwd: folder });
    assert.match(help, /--tower <name> +stack of the tower that looks over the cars/);
    const named = ['--stack', 'cdf-core-development', '--tower'];
    assert.match((await run(['vehicles', ...named, 'cms-dev1'])).stdout, new RegExp(CAR));
    const { stderr } = await run(['vehicles', ...named, 'nowhere'], 1);
    assert.match(stderr, /There is no stack "nowhere" .*\n.*Towers: .*cms-dev1/);
  });

  it('lists what it has', async () => {
    assert.match((await run(['vehicles', ...PLACE])).stderr, /^VIN +VEHICLE +PAINT +CERTIFICATE/m);
    const [vehicle] = (await run(['vehicles', ...PLACE, '--json'])).objects();
    const { vin, id, thingName } = vehicle!.vehicle as Record<string, unknown>;
    assert.deepEqual([vin, id, thingName, vehicle!.paint], [CAR, 'veh-1001', 'car-1001', { paint: 'blue' }]);
  });

  it('asks for each list what that list needs, and for nothing where the connection is enough', async () => {
    const keeper = { CMS_PASSWORD: KEEPERS_PASSWORD };
    const unnamed = await run(['depots', ...PLACE], 2, undefined, keeper);
    assert.match(unnamed.stderr, /Use --username: Keeper of the depots\./);
    const depots = ['depots', ...PLACE, '--username', 'k', '--json'];
    assert.deepEqual((await run(depots, 0, undefined, keeper)).objects(), [
      { type: 'depot', depot: 'North' },
    ]);
    const paints = ['paints', ...PLACE, '--username', 'k', '--json'];
    const refused = await run(paints, 2, undefined, keeper);
    assert.match(refused.stdout, /The token is missing: Token of the paint shop\./);
    assert.deepEqual((await run(paints, 0, undefined, { CMS_TOKEN: PAINTERS_TOKEN })).objects(), [
      { type: 'paint', paint: 'red' },
    ]);
  });

  it('renews a certificate in its own way', async () => {
    assert.match(
      (await run(['provision', ...PLACE, '--vin', CAR])).stdout,
      /^WDB-7: certificate \w+ \(found\)$/m,
    );
    const { stdout, stderr } = await run(['rotate', ...PLACE, '--vin', CAR]);
    assert.match(stderr, /Both certificates stay in service\./);
    assert.match(stdout, /is in use\.\nThe old one, \w+, is active\.$/m);
    const refused = await run(['rotate', ...PLACE, '--vin', CAR, '--delete-old'], 2);
    assert.match(refused.stderr, /Both certificates stay in service\.\sLeave --delete-old out: /);
  });

  it('says what a new certificate does where the key of the old one is not, and makes none unasked', async () => {
    const elsewhere = ['provision', ...PLACE, '--vin', CAR, '--certs', 'elsewhere'];
    const { stderr } = await run(elsewhere, 2);
    const words =
      /WDB-7 has 2 certificates in service that this machine cannot use\. Both certificates stay in service\./;
    assert.match(stderr, words);
    assert.match(stderr, /use --yes/);
    assert.match((await run([...elsewhere, '--yes'])).stdout, /^WDB-7: certificate \w+ \(created\)$/m);
  });

  it('sends telemetry that is no text', async () => {
    const drive = ['--route', 'short.geojson', '--speed', '20', '--rate', '5', '--record', 'run.jsonl'];
    const { stdout } = await run(['simulate', ...PLACE, '--vin', CAR, ...drive]);
    assert.match(stdout, /^WDB-7 +ended .* 1 trip .* 0 lost$/m);
    const text = await readFile(path.join(folder, 'run.jsonl'), 'utf8');
    const [first] = text.split('\n').map((line) => JSON.parse(line || '{}') as Record<string, string>);
    const { vin, id, generation, type, encoding, payload = '' } = first!;
    assert.deepEqual([vin, id, generation, type, encoding], [CAR, 'veh-1001', 'made-up', 'sample', 'base64']);
    const said = JSON.parse(gunzipSync(Buffer.from(payload, 'base64')).toString('utf8')) as object;
    assert.deepEqual(
      { ...said, time: 0 },
      { ...said, type: 'sample', vehicle: 'veh-1001', serial: 1, time: 0 },
    );
    const bundle = path.join(folder, 'dist/cli.js');
    const replayed = await runCli(['replay', '--file', 'run.jsonl', '--speed', '20'], {
      bundle,
      cwd: folder,
    });
    assert.match(replayed.stdout, /\d+ messages of 1 vehicle\./);
  });

  it('is watched on its own topics, and no others', async () => {
    let sent: ReturnType<typeof run> | undefined;
    let isSeen = false;
    const { stdout, stderr } = await run(['watch', ...PLACE, '--vin', CAR], 130, (child, text) => {
      if (text.includes('Watching')) sent ??= run(['dtc', ...PLACE, '--vin', CAR, '--code', 'P0420']);
      // A second one would end it at once.
      if (!isSeen && text.includes('veh-1001')) isSeen = child.kill('SIGINT');
    });
    await sent;
    assert.match(stderr, /Watching dt\/cvra\/car-1001\/blob$/m);
    assert.match(stdout, /veh-1001 {2}dt\/cvra\/car-1001\/blob/);
  });

  it('is mended where its own checks say that it can be', async () => {
    const { endpoint } = sandbox;
    const iot = new IoTClient({ endpoint, region: 'us-west-2', credentials: testCredentials });
    const attributePayload = { attributes: { paint: 'rust' }, merge: true };
    await iot.send(new UpdateThingCommand({ thingName: 'car-1001', attributePayload }));
    iot.destroy();
    const { stdout } = await run(['doctor', ...PLACE, '--vin', CAR, '--no-publish', '--fix', '--yes'], 1);
    assert.match(stdout, /^✗ Paint: veh-1001 rusts\. → Paint it\.$/m);
    assert.match(stdout, /One thing was fixed: run it again\.$/m);
  });

  it('is diagnosed with its own checks among the common ones', async () => {
    const { stdout } = await run(['doctor', ...PLACE, '--vin', CAR]);
    assert.match(stdout, /^✓ Paint: veh-1001 is painted\.$/m);
    assert.match(stdout, /^✓ MQTT connection as the vehicle: /m);
    assert.match(stdout, /All checks passed: data from WDB-7 arrives\./);
  });

  it('refuses a job, since its vehicles take none', async () => {
    for (const what of [
      ['--update-to', '2.0'],
      ['--document', '{"operation":"openDoors"}'],
    ]) {
      const { stderr } = await run(['job', ...PLACE, '--vin', CAR, ...what], 2);
      assert.match(stderr, /It is not known here which jobs vehicles of cdf-core-development understand\./);
    }
  });

  it('onboards the vehicles of a file', async () => {
    await writeFile(path.join(folder, 'good.csv'), 'vin;depot;paint\nWDB-8;South;red\nWDB-9;West;blue\n');
    const { stdout } = await run(['onboard', ...PLACE, '--fleet', 'good.csv', '--concurrency', '1']);
    assert.match(stdout, /WDB-8/);
    const listed = (await run(['vehicles', ...PLACE, '--json'])).objects();
    assert.deepEqual(
      listed.map(({ vehicle, paint }) => [(vehicle as { vin: string }).vin, paint]),
      [
        [CAR, { paint: 'red' }],
        ['WDB-8', { paint: 'red' }],
        ['WDB-9', { paint: 'blue' }],
      ],
    );
    for (const vin of ['WDB-8', 'WDB-9']) await run(['offboard', ...PLACE, '--vin', vin, '--yes']);
  });

  it('says which vehicles a VIN may mean, and acts on the one whose id is named', async () => {
    const two = [
      ['car-2001', 'WDB-10'],
      ['car-2002', 'WDB-10'],
    ] as const;
    const { endpoint } = sandbox;
    const iot = new IoTClient({ endpoint, region: 'us-west-2', credentials: testCredentials });
    for (const [thingName, vin] of two)
      await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { vin } } }));
    const { stderr } = await run(['offboard', ...PLACE, '--vin', 'WDB-10', '--yes'], 2);
    assert.match(stderr, /2 vehicles have the VIN WDB-10: veh-2001, veh-2002\.\sUse the id of the vehicle./);
    for (const id of ['veh-2001', 'veh-2002']) await run(['offboard', ...PLACE, '--vin', id, '--yes']);
    iot.destroy();
  });

  it('is offboarded', async () => {
    const { stdout } = await run(['offboard', ...PLACE, '--vin', CAR, '--yes']);
    assert.match(stdout, /- thing car-1001$/m);
    assert.match(stdout, /^Its paint stays\.$/m);
    assert.match(stdout, /^WDB-7 is offboarded: 5 things were removed\.$/m);
    assert.match((await run(['vehicles', ...PLACE])).stderr, /There are no vehicles\./);
  });
});
