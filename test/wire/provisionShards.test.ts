import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Connection } from '../../src/aws/connection.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { type Channel, openChannel } from '../../src/scale/channel.ts';
import { type CliRun, runCli } from '../support/cli.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);
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

describe('Certificates of a fleet, made by shards', () => {
  let sandbox: SandboxProcess;
  let connection: Connection;
  let folder: string;
  let channel: Channel;
  const heard: string[] = [];
  before(async () => {
    sandbox = await startSandbox({ args: ['--log-level', 'debug'] });
    connection = await connectTo(sandbox);
    folder = await mkdtemp(path.join(os.tmpdir(), 'provision-shards-'));
    await writeFile(path.join(folder, 'fleet.csv'), `vin\n${VINS.join('\n')}\n`);
    const { signal } = new AbortController();
    channel = await openChannel(
      connection,
      { clientId: 'listener', topics: ['#'] },
      (_, text) => heard.push(text),
      signal,
    );
  });
  after(async () => {
    await channel.close();
    connection.dispose();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What lists of processes say, and what each process of ours is told, while a shard works. */
  const told: string[] = [];
  async function look(pid: number): Promise<void> {
    const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid=,args=', '-ww']);
    told.push(stdout);
    for (const line of stdout.split('\n')) {
      const [own = '', parent = ''] = line.trim().split(/\s+/);
      if (![own, parent].includes(String(pid))) continue;
      told.push(await readFile(`/proc/${own}/environ`, 'utf8').catch(() => ''));
    }
  }
  const looks: Promise<void>[] = [];
  function provision(...args: string[]): Promise<CliRun> {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    return runCli(['provision', '--fleet', 'fleet.csv', ...args, ...to, '--json', '--verbose'], {
      ...{ cwd: folder, env },
      onOutput: ({ pid }) => {
        if (pid !== undefined && looks.length < 4) looks.push(look(pid));
      },
    });
  }
  const outcomesOf = (of: CliRun) =>
    of.objects().flatMap(({ type, vin, status }) => (type === 'vehicle' ? [[vin, status]] : []));

  it('are each made once, and their keys are in the folder and nowhere else', async function () {
    this.timeout(120_000);
    const shards = await Promise.all([provision('--shard', '1/2'), provision('--shard', '2/2')]);
    for (const { code, stdout, stderr } of shards) assert.equal(code, 0, `${stdout}\n${stderr}`);
    const [one = [], two = []] = shards.map(outcomesOf);
    assert.deepEqual([one.length, two.length], [2, 3]);
    assert.deepEqual([...one, ...two].sort(), VINS.map((vin) => [vin, 'created']).sort());
    await Promise.all(looks);

    const store = createCertificateStore(path.join(folder, 'certs'));
    const secrets: string[] = [];
    for (const vin of VINS) {
      const stored = await store.production(vin);
      assert.ok(stored.kind === 'ok', vin);
      const { privateKeyPem } = stored.pair.identity;
      assert.match(privateKeyPem, /BEGIN EC PRIVATE KEY/, 'made here: AWS IoT makes RSA keys');
      assert.equal((await stat(stored.pair.files.privateKey)).mode & 0o777, 0o600);
      // From the middle of a line, as it would stand in JSON, too.
      secrets.push(privateKeyPem.split('\n')[2]!.slice(4, 40));
    }
    assert.ok(secrets.every((secret) => secret.length === 36) && told.length > 2 && heard.length >= 0);
    const places = [...shards.map(({ stdout, stderr }) => stdout + stderr), ...told, ...heard, sandbox.log()];
    for (const file of await readdir(sandbox.stateFolder, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) places.push(await readFile(path.join(file.parentPath, file.name), 'latin1'));
    }
    for (const [i, text] of places.entries()) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `a key in place ${i}`);
    }
    for (const { stdout, stderr } of shards) assert.doesNotMatch(stdout + stderr, /PRIVATE KEY/);
    assert.doesNotMatch([...told, ...heard].join('\n'), /PRIVATE KEY/);
  });

  it('are found by whoever runs it again, whatever the shards', async () => {
    const again = await provision('--shard', '1/1');
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(new Set(outcomesOf(again).map(([, status]) => status)), new Set(['found']));
    const result = again.objects().find(({ type }) => type === 'result');
    assert.deepEqual([result?.created, result?.found], [0, 5]);
  });

  it('come with the onboarding of a fleet, too, of which each shard does a part', async () => {
    const others = ['1HGCM82633A004352', '5YJ3E1EA7KF000316', 'WBA3A5C51CF256987'];
    await writeFile(path.join(folder, 'others.csv'), `vin\n${others.join('\n')}\n`);
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const owner = ['--first-name', 'Eva', '--last-name', 'Ek', '--username', 'eva'];
    const words = ['onboard', '--fleet', 'others.csv', ...owner, '--keys', 'csr-ec', '--json', ...to];
    const start = { cwd: folder, env: { ...env, CMS_PASSWORD: 'Testing1234' } };
    const shards: CliRun[] = [];
    for (const shard of ['1/2', '2/2']) shards.push(await runCli([...words, '--shard', shard], start));
    for (const { code, stdout, stderr } of shards) assert.equal(code, 0, `${stdout}\n${stderr}`);
    // A shard reports its vehicles as they end, which is no order.
    assert.deepEqual(
      shards.map((of) =>
        outcomesOf(of)
          .map(([vin]) => vin)
          .sort(),
      ),
      [[others[0]], [others[1], others[2]]],
    );
    const store = createCertificateStore(path.join(folder, 'certs'));
    for (const vin of others) assert.equal((await store.production(vin)).kind, 'ok', vin);
  });

  it('come by nothing but temporary claims and keys of this machine', async () => {
    for (const [words, problem] of [
      [['--keys', 'keys'], /each key is made here/],
      [['--claim', 'shared'], /temporary claims/],
      [['--vin', VINS[0]!], /one vehicle/],
    ] as const) {
      const { code, stdout, stderr } = await provision(...words);
      assert.equal(code, 2, stdout);
      assert.match(stdout + stderr, problem);
    }
  });
});
