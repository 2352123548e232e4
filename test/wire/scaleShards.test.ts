import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import { readRecording } from '../../src/device/client/recording.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { runCli } from '../support/cli.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { shortRoute, simulatedThings } from '../support/simulated.ts';

const VINS = [
  'LSH14J4C4LA046511',
  'KL4CJHSB2DB198124',
  '1FTYE2CM3HKA65536',
  'WVWZZZ1JZXW000001',
  'JH4KA8260MC000000',
];
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};

describe('Shards of a simulation on the command line', () => {
  let sandbox: SandboxProcess;
  let connection: Connection;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox();
    connection = await connectTo(sandbox);
    folder = await mkdtemp(path.join(os.tmpdir(), 'shards-test-'));
    const store = createCertificateStore(path.join(folder, 'certs'));
    for (const { vin, identity } of await simulatedThings(connection, VINS)) {
      await store.saveProduction(vin, identity);
    }
    const coordinates = shortRoute.points.map(({ latitude, longitude }) => [longitude, latitude]);
    const route = { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates } };
    await writeFile(path.join(folder, 'short.geojson'), JSON.stringify(route));
  });
  after(async () => {
    connection.dispose();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function run(...args: string[]) {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const drive = ['--route', 'short.geojson', '--speed', '20', '--rate', '2', '--spread', '--seed', '9'];
    return runCli(['simulate', '--all', ...drive, ...args, ...to], { cwd: folder, env });
  }
  /** What was acknowledged, by vehicle and serial, without what each run and each moment has of its own. */
  async function recorded(...files: string[]): Promise<Map<string, string>> {
    const all = new Map<string, string>();
    for (const file of files) {
      for await (const { vin, serial, topic, place, code } of readRecording(path.join(folder, file))) {
        assert.ok(!all.has(`${vin} ${serial}`), 'no message of two shards');
        all.set(`${vin} ${serial}`, JSON.stringify({ topic, place, code }));
      }
    }
    return all;
  }

  it('drive together what one process drives, and their results add up to its result', async () => {
    const whole = await run('--record', 'whole.jsonl', '--results', 'whole.json');
    assert.equal(whole.code, 0, whole.stderr);
    const shards = await Promise.all(
      [1, 2, 3].map((i) => run('--shard', `${i}/3`, '--record', `${i}.jsonl`, '--results', `part-${i}.json`)),
    );
    for (const { code, stderr } of shards) assert.equal(code, 0, stderr);
    const one = await recorded('whole.jsonl');
    assert.ok(one.size > VINS.length * 3);
    assert.deepEqual(await recorded('1.jsonl', '2.jsonl', '3.jsonl'), one);

    const merge = async (...files: string[]) => {
      const done = await runCli(['results', 'merge', ...files, '--json'], { cwd: folder, env });
      assert.equal(done.code, 0, done.stderr);
      return done.objects().find(({ type }) => type === 'results') as unknown as {
        totals: Record<string, number>;
        vehicles: { vin: string; metres: number; serial: number }[];
        drive: Record<string, number>;
      };
    };
    const parts = await merge('part-1.json', 'part-2.json', 'part-3.json');
    const all = await merge('whole.json');
    assert.equal(parts.totals.acknowledged, one.size);
    const figuresOf = ({ vehicles }: typeof all) =>
      new Map(vehicles.map(({ vin, metres, serial }) => [vin, [metres, serial]]));
    assert.deepEqual(figuresOf(parts), figuresOf(all));
    for (const figure of ['topSpeed', 'metres'] as const)
      assert.ok(Math.abs(parts.drive[figure]! / all.drive[figure]! - 1) < 1e-9);
  });

  it('say when one is missing, and end with 3', async () => {
    for (const shard of ['1/2', '2/2']) {
      const { code, stderr } = await run(
        '--shard',
        shard,
        '--duration',
        '2',
        '--results',
        `half-${shard[0]}.json`,
      );
      assert.equal(code, 0, stderr);
    }
    const { code, stdout } = await runCli(['results', 'merge', 'half-2.json'], { cwd: folder, env });
    assert.equal(code, 3);
    assert.match(stdout, /No result of shard 1\./);
  });

  it('without vehicles end well, with a result of their own', async () => {
    const { code, stdout } = await run('--shard', '1/9', '--results', 'none.json');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Shard 1\/9 has no vehicles/);
    const merged = await runCli(['results', 'merge', 'none.json'], { cwd: folder, env });
    assert.equal(merged.code, 3, merged.stderr);
    assert.match(merged.stdout, /No result of shards 2, 3/);
  });

  it('refuse a file that holds no results, by its name', async () => {
    const { code, stderr } = await runCli(['results', 'merge', 'short.geojson'], { cwd: folder, env });
    assert.equal(code, 2);
    assert.match(stderr, /short\.geojson does not hold the results of a simulation/);
  });
});
