import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { startSandbox, type SandboxProcess, type SandboxStart } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const bundle = path.join(import.meta.dirname, '../../dist/sandbox.js');

/** Runs the sandbox to its end, for starts that fail. */
async function run(args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [bundle, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

describe('the sandbox process', () => {
  let folder: string;
  const running: SandboxProcess[] = [];
  const start = async (options: SandboxStart = {}): Promise<SandboxProcess> => {
    const sandbox = await startSandbox({ stateFolder: path.join(folder, 'state'), ...options });
    running.push(sandbox);
    return sandbox;
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sandbox-wire-'));
  });
  afterEach(async () => {
    for (const sandbox of running.splice(0)) await sandbox.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells in its ready line what a client needs, and serves it @smoke', async () => {
    const readyFile = path.join(folder, 'ready.json');
    const sandbox = await start({ args: ['--ready-file', readyFile] });
    const { ready } = sandbox;
    assert.deepEqual(JSON.parse(readFileSync(readyFile, 'utf8')), ready);
    assert.equal(statSync(readyFile).mode & 0o777, 0o600);
    const { secret, ...line } = ready;
    assert.deepEqual(JSON.parse(sandbox.readyLine), line, 'the line has no secret');
    assert.match(secret, /^[\w-]{43}$/);
    assert.match(ready.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(ready.mqttEndpoint, /^localhost:\d+$/);
    assert.deepEqual(
      { ...line, endpoint: '', mqttEndpoint: '', caFile: '' },
      {
        ready: true,
        endpoint: '',
        mqttEndpoint: '',
        caFile: '',
        region: 'us-west-2',
        accountId: '123456789012',
        installations: [
          {
            id: 'cdf:dev1',
            kind: 'cdf',
            name: 'dev1',
            stacks: { cms: 'cms-dev1', cdf: 'cdf-core-development' },
          },
        ],
        stacks: { cms: ['cms-dev1'], cdf: ['cdf-core-development'] },
      },
    );
    assert.ok(new X509Certificate(readFileSync(ready.caFile)).ca);
    const health = (await sandbox.ask('GET', 'health')) as Record<string, unknown>;
    assert.equal(health.status, 'ok');
    assert.equal(health.mqttEndpoint, ready.mqttEndpoint);
  });

  it('gives its MQTT port a certificate that its CA signed for localhost and 127.0.0.1', async () => {
    const { ready } = await start();
    const ca = readFileSync(ready.caFile);
    for (const host of ['localhost', '127.0.0.1']) {
      const socket = tls.connect({ host, port: Number(ready.mqttEndpoint.split(':')[1]), ca });
      socket.on('error', () => undefined); // it closes without a client certificate
      await once(socket, 'secureConnect');
      assert.ok(socket.authorized, host);
      socket.destroy();
    }
  });

  it('keeps its CA and its state over a SIGTERM, and ends with 0', async () => {
    const first = await start();
    await post(first, 'things/car-1', '{}');
    const ca = readFileSync(first.caFile, 'utf8');
    assert.equal(await first.stop(), 0);
    const second = await start();
    assert.equal(readFileSync(second.caFile, 'utf8'), ca);
    assert.match(await get(second, 'things/car-1'), /car-1/);
  });

  it('ends with 0 on SIGINT and removes its ready file', async () => {
    const readyFile = path.join(folder, 'ready.json');
    const sandbox = await start({ args: ['--ready-file', readyFile] });
    process.kill(sandbox.pid, 'SIGINT');
    assert.equal(await sandbox.exited, 0);
    assert.ok(!existsSync(readyFile));
  });

  it('keeps its CA and loads after a kill at any time', async () => {
    const hashes = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const sandbox = await start();
      hashes.add(createHash('sha256').update(readFileSync(sandbox.caFile)).digest('hex'));
      const calls = Array.from({ length: 20 }, (_, i) =>
        post(sandbox, `things/car-${round}-${i}`, '{}').catch(() => ''),
      );
      await Promise.race(calls);
      await sandbox.kill();
      await Promise.all(calls);
    }
    assert.equal(hashes.size, 1);
    const last = await start();
    assert.match(await get(last, 'endpoint?endpointType=iot:Data-ATS'), /endpointAddress/);
  });

  it('ends a hung call and still snapshots when asked to stop', async () => {
    const sandbox = await start();
    await post(sandbox, 'things/car-1', '{}');
    await sandbox.fault({ operation: 'iot:DescribeThing', action: { kind: 'hang' } });
    const hung = assert.rejects(get(sandbox, 'things/car-1'));
    await until('the hung call', () => sandbox.log().includes('fault hang'));
    assert.equal(await sandbox.stop(), 0);
    await hung;
    assert.match(await get(await start(), 'things/car-1'), /car-1/);
  });

  it('writes its state even when it fails itself, and ends with 1', async () => {
    const fail = 'process.on("SIGUSR2",()=>setImmediate(()=>{throw new Error("boom")}))';
    const sandbox = await start({
      env: { ...process.env, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fail)}` },
    });
    await post(sandbox, 'things/car-1', '{}');
    process.kill(sandbox.pid, 'SIGUSR2');
    assert.equal(await sandbox.exited, 1);
    assert.match(sandbox.log(), /internal failure: Error: boom/);
    assert.match(await get(await start(), 'things/car-1'), /car-1/);
  });

  it('writes secrets where only its owner can read them', async () => {
    const sandbox = await start();
    assert.equal(statSync(sandbox.stateFolder).mode & 0o777, 0o700);
    assert.equal(statSync(path.join(sandbox.stateFolder, 'state.json')).mode & 0o777, 0o600);
    assert.ok(!sandbox.log().includes('PRIVATE KEY'));
  });

  it('removes a temporary state folder at its end', async () => {
    const child = spawn(process.execPath, [bundle, '--http-port', '0', '--mqtt-port', '0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: folder },
    });
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const { caFile } = JSON.parse(line) as { caFile: string };
    assert.ok(caFile.startsWith(folder) && existsSync(caFile));
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.ok(!existsSync(path.dirname(caFile)));
  });

  it('ends when its parent goes away, if told so', async () => {
    const child = spawn(
      process.execPath,
      [
        bundle,
        '--http-port',
        '0',
        '--mqtt-port',
        '0',
        '--state',
        path.join(folder, 's'),
        '--exit-with-parent',
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    await once(child.stdout, 'data');
    child.stdin.end();
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('starts afresh on a reset, with the same CA and seeds', async () => {
    const sandbox = await start();
    const ca = readFileSync(sandbox.caFile, 'utf8');
    await post(sandbox, 'things/car-1', '{}');
    await sandbox.fault({ operation: 'iot:*', count: 5, action: { kind: 'throttle' } });
    await sandbox.advanceClock(3_600_000);
    await sandbox.reset();
    assert.match(await get(sandbox, 'policies/CvraTcuDevicePolicy'), /policyDocument/);
    await assert.rejects(get(sandbox, 'things/car-1'), /404/);
    await sandbox.stop();
    assert.equal(readFileSync((await start()).caFile, 'utf8'), ca);
  });

  describe('does not start', () => {
    async function holdPort(): Promise<{ port: number; close: () => void }> {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { port: (server.address() as net.AddressInfo).port, close: () => server.close() };
    }

    for (const [option, other, name] of [
      ['--http-port', '--mqtt-port', 'HTTP'],
      ['--mqtt-port', '--http-port', 'MQTT'],
    ] as const) {
      it(`when the ${name} port is taken: exit code 3`, async () => {
        const held = await holdPort();
        const state = path.join(folder, 's');
        const { code, out, err } = await run([option, String(held.port), other, '0', '--state', state]);
        held.close();
        assert.equal(code, 3);
        assert.equal(out, '');
        assert.match(err, new RegExp(`${name} port ${held.port} cannot be used`));
        assert.ok(!existsSync(path.join(state, 'lock')));
      });
    }

    it('when the state folder cannot be written: exit code 4', async () => {
      writeFileSync(path.join(folder, 'file'), '');
      const { code, err } = await run([
        '--http-port',
        '0',
        '--mqtt-port',
        '0',
        '--state',
        path.join(folder, 'file', 's'),
      ]);
      assert.equal(code, 4);
      assert.match(err, /The state folder .* cannot be written/);
    });

    it('when another one uses the state folder: exit code 5, and the other goes on', async () => {
      const first = await start();
      const { code, err } = await run(['--http-port', '0', '--mqtt-port', '0', '--state', first.stateFolder]);
      assert.equal(code, 5);
      assert.match(err, new RegExp(`in use by another sandbox \\(process ${first.pid}\\)`));
      assert.equal((await fetch(`${first.endpoint}/_sandbox/health`)).status, 200);
    });

    it('on a damaged state file, which it leaves alone: exit code 6', async () => {
      const file = path.join(folder, 'state.json');
      writeFileSync(file, '{"format":"cms-en');
      const { code, err } = await run(['--http-port', '0', '--mqtt-port', '0', '--state', folder]);
      assert.equal(code, 6);
      assert.match(err, /state\.json is damaged/);
      assert.equal(readFileSync(file, 'utf8'), '{"format":"cms-en');
    });

    it('on a state that holds something else than it should: exit code 6, and leaves it alone', async () => {
      const file = path.join(folder, 'state.json');
      const state =
        '{"format":"cms-enablement-sandbox","version":1,"tables":{"iot/things":[],"authority":[["root",5]]}}';
      writeFileSync(file, state);
      const { code, err } = await run(['--http-port', '0', '--mqtt-port', '0', '--state', folder]);
      assert.equal(code, 6);
      assert.match(err, /state\.json is damaged/);
      assert.equal(readFileSync(file, 'utf8'), state);
    });

    it('on a state of another region or account, which it leaves alone: exit code 2', async () => {
      const first = await start();
      await first.stop();
      const before = readFileSync(path.join(first.stateFolder, 'state.json'), 'utf8');
      for (const args of [
        ['--region', 'eu-west-1'],
        ['--account-id', '999999999999'],
      ]) {
        const { code, err } = await run([
          ...['--http-port', '0', '--mqtt-port', '0', '--state', first.stateFolder, ...args],
        ]);
        assert.equal(code, 2);
        assert.match(err, /^The state was made for region us-west-2 and account 123456789012, not for /);
      }
      assert.equal(readFileSync(path.join(first.stateFolder, 'state.json'), 'utf8'), before);
    });

    it('when something is in the way of a file of the state: exit code 4', async () => {
      mkdirSync(path.join(folder, 'ca.pem'));
      const { code, out, err } = await run(['--http-port', '0', '--mqtt-port', '0', '--state', folder]);
      assert.equal(code, 4);
      assert.equal(out, '');
      assert.match(err, /^The state folder .* cannot be written \(EISDIR\)\.$/m);
      assert.ok(!existsSync(path.join(folder, 'ca.pem.new')));
    });

    for (const [what, place] of [
      ['in a folder that does not exist', ['no', 'such', 'ready.json']],
      ['where a folder is', []],
    ] as const) {
      it(`when its ready file would be ${what}: exit code 2`, async () => {
        const { code, out, err } = await run([
          ...['--http-port', '0', '--mqtt-port', '0', '--ready-file', path.join(folder, ...place)],
        ]);
        assert.equal(code, 2);
        assert.equal(out, '');
        assert.match(
          err,
          /^--ready-file .*(: no file can be written there|is not used: it is not a regular file)\.$/m,
        );
      });
    }

    it('on arguments it does not understand: exit code 2', async () => {
      const { code, err } = await run(['--stack', '../../etc']);
      assert.equal(code, 2);
      assert.match(err, /--stack \.\.\/\.\.\/etc/);
    });
  });

  it('explains itself', async () => {
    const { code, out } = await run(['--help']);
    assert.equal(code, 0);
    assert.match(out, /--http-port/);
  });

  it('listens on loopback only', async () => {
    const sandbox = await start();
    const outside = Object.values(os.networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
    const hosts = outside === undefined ? ['127.0.0.2'] : ['127.0.0.2', outside];
    for (const host of hosts) {
      for (const port of [new URL(sandbox.endpoint).port, sandbox.mqttEndpoint.split(':')[1]!]) {
        const socket = net.connect(Number(port), host);
        const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
        assert.equal(error.code, 'ECONNREFUSED', `${host}:${port}`);
      }
    }
  });

  it('refuses a foreign Host name', async () => {
    const { port } = new URL((await start()).endpoint);
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http
        .get(
          { host: '127.0.0.1', port, path: '/_sandbox/health', headers: { host: 'rebound.example' } },
          resolve,
        )
        .on('error', reject);
    });
    response.resume();
    assert.equal(response.statusCode, 403);
  });

  it('ends with 0 and its state written when it is asked to over HTTP', async () => {
    const sandbox = await startSandbox();
    await sandbox.ask('POST', 'shutdown');
    assert.equal(await sandbox.exited, 0);
    await sandbox.stop();
  });

  it('ends by itself when nobody has used it for as long as it was told', async () => {
    const sandbox = await startSandbox({ args: ['--exit-when-idle-seconds', '1'] });
    assert.equal(await sandbox.exited, 0);
    await sandbox.stop();
  });
});

const signed = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=AKIA/20240501/us-west-2/iot/aws4_request, SignedHeaders=host, Signature=00',
  'content-type': 'application/json',
};

async function get(sandbox: SandboxProcess, at: string): Promise<string> {
  return textOf(await fetch(`${sandbox.endpoint}/${at}`, { headers: signed }));
}

async function post(sandbox: SandboxProcess, at: string, body: string): Promise<string> {
  return textOf(await fetch(`${sandbox.endpoint}/${at}`, { method: 'POST', headers: signed, body }));
}

async function textOf(reply: Response): Promise<string> {
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return reply.text();
}
