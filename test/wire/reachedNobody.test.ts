import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { shortRoute, simulatedThings } from '../support/simulated.ts';

const VIN = 'LSH14J4C4LA046511';
const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};

/** What a script has to go by is the exit code. */
describe('a run that reached nobody', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(path.join(os.tmpdir(), 'nobody-'));
    const connection = await connectTo(sandbox);
    const store = createCertificateStore(path.join(folder, 'certs'));
    for (const { vin, identity } of await simulatedThings(connection, [VIN]))
      await store.saveProduction(vin, identity);
    connection.dispose();
    const rows = shortRoute.points.map(({ latitude, longitude }) => `${latitude},${longitude}`);
    await writeFile(path.join(folder, 'route.csv'), ['latitude,longitude', ...rows].join('\n'));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (args: string[], endpoint = sandbox.endpoint) =>
    runCli([...args, '--json', '--endpoint', endpoint, '--region', 'us-west-2', '--ca', sandbox.caFile], {
      cwd: folder,
      env,
    });
  const errorOf = (done: CliRun) =>
    done.objects().find(({ type }) => type === 'error') as
      { code: string; message: string; remedy: string; details?: Record<string, unknown> } | undefined;
  const portOf = (server: Server) => (server.address() as AddressInfo).port;

  it('fails, for a watch, and names whom it asked', async () => {
    const done = await run(['watch', '--duration', '30'], 'http://127.0.0.1:9');
    assert.equal(done.code, 1);
    const error = errorOf(done);
    assert.equal(error?.code, 'ENDPOINT_UNREACHABLE');
    assert.match(error.message, /^Cannot reach 127\.0\.0\.1:9 while .*: nothing is listening there\.$/);
  });

  it('fails, for a watch whose time was over first', async () => {
    // The account answers; the WebSocket of AWS IoT does not.
    const front = createServer((incoming, response) => {
      const { method = 'GET', url = '/', headers } = incoming;
      const onward = request(new URL(url, sandbox.endpoint), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      incoming.pipe(onward);
    });
    front.on('upgrade', (_incoming, socket) => void socket.on('error', () => undefined).resume());
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    try {
      const done = await run(['watch', '--duration', '1'], `http://127.0.0.1:${portOf(front)}`);
      assert.equal(done.code, 1);
      assert.match(errorOf(done)?.message ?? '', /did not answer in time/);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });

  it('fails, for a call, and names the host', async () => {
    const done = await run(['stacks'], 'http://127.0.0.1:9');
    assert.equal(done.code, 1);
    assert.match(
      errorOf(done)?.message ?? '',
      /^Cannot reach 127\.0\.0\.1:9 while .*: nothing is listening there\.$/,
    );
    assert.equal(errorOf(done)?.details?.host, '127.0.0.1:9');
  });

  it('fails, for a drive, and so does the replay of its recording', async () => {
    const drive = ['simulate', '--vin', VIN, '--route', 'route.csv', '--record', 'run.jsonl'];
    const done = await run([...drive, '--duration', '2', '--mqtt-port', '9']);
    assert.equal(done.code, 1);
    assert.equal(errorOf(done)?.code, 'ENDPOINT_UNREACHABLE');
    const replay = await runCli(['replay', '--file', 'run.jsonl', '--json'], { cwd: folder });
    assert.equal(replay.code, 1);
    assert.equal(errorOf(replay)?.code, 'RECORDING_FAILED');
    assert.match(errorOf(replay)?.message ?? '', /holds no messages/);
  });

  it('fails, for calls that AWS throttles to the end, with what to do less of', async () => {
    const action = { kind: 'error', code: 'Throttling', message: 'Rate exceeded', status: 400 };
    await sandbox.fault({ operation: 'cloudformation:DescribeStacks', count: 50, action });
    const done = await run(['stacks']);
    await sandbox.reset();
    assert.equal(done.code, 1);
    const error = errorOf(done);
    assert.equal(error?.code, 'AWS_THROTTLED');
    assert.match(error.message, / failed: AWS is throttling requests \(Rate exceeded\)\.$/);
    assert.match(error.remedy, /^Wait a minute and run it again.*--concurrency/);
  });
});
