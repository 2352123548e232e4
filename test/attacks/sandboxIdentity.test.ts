import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import { createConnection } from '../../src/aws/createConnection.ts';
import { watchTopics } from '../../src/aws/watchTopics.ts';
import { openProven } from '../../src/core/provenSocket.ts';
import { readSecretFile } from '../../src/core/safeFiles.ts';
import { systemClock } from '../../src/core/work.ts';
import type { SandboxReady } from '../../src/protocol/sandboxReady.ts';
import { cleanEnvironment, runCli } from '../support/cli.ts';
import { startSandbox, type SandboxProcess, testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const TIME = { clock: systemClock, random: Math.random };

/** A program that has taken a port, and keeps what it hears. */
interface Impostor {
  endpoint: string;
  heard(): string;
  close(): Promise<void>;
}

async function startImpostor(answer: (request: string, socket: net.Socket) => void): Promise<Impostor> {
  let heard = '';
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard += data.toString('latin1');
      answer(data.toString('latin1'), socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const ok = (body: string, length = body.length): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;

function connectTo(ready: { endpoint: string; secret: string; caFile: string }): Promise<Connection> {
  return createConnection(
    {
      region: 'us-west-2',
      endpoint: ready.endpoint,
      endpointSecret: ready.secret,
      caFile: ready.caFile,
      credentials: testCredentials,
    },
    TIME,
  );
}

/** Everything a connection can send something through. */
const ways: [name: string, use: (connection: Connection, endpoint: string) => Promise<unknown>][] = [
  [
    'a sign-in',
    async (connection) => {
      const { SignUpCommand } = await import('@aws-sdk/client-cognito-identity-provider');
      const client = await connection.cognito();
      return client.send(new SignUpCommand({ ClientId: 'c', Username: 'u', Password: 'Secret-Password-1' }));
    },
  ],
  [
    'a call with a token',
    (connection, endpoint) =>
      connection.http().send({
        method: 'GET',
        url: `${endpoint}/execute-api/x/Prod/y`,
        headers: { authorization: 'Secret-Token' },
      }),
  ],
  ['a call of AWS', (connection) => connection.identity()],
  [
    'a watch',
    (connection) =>
      watchTopics(
        connection,
        ['#'],
        { message: () => undefined },
        { signal: AbortSignal.timeout(20_000), ...TIME },
      ),
  ],
];

describe('whoever has taken the port of the sandbox', function () {
  let sandbox: SandboxProcess;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  const lies: [what: string, (request: string, socket: net.Socket) => void][] = [
    ['says yes to everything', (_request, socket) => socket.write(ok('{}'))],
    ['guesses', (_request, socket) => socket.write(ok(`{"proof":"${'A'.repeat(43)}"}`))],
    ['sends without end', (_request, socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`)],
    ['announces little and sends more', (_request, socket) => socket.write(ok('{"proof":""}', 1))],
    [
      'sends elsewhere',
      (_r, socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'),
    ],
    ['speaks another protocol', (_request, socket) => socket.write('220 mail.example ESMTP\r\n\r\n')],
    [
      'asks the real one for the proof',
      (request, socket) => {
        const [, target = ''] = request.split(' ');
        fetch(`${sandbox.endpoint}${target}`)
          .then((answer) => answer.text())
          .then((text) => socket.write(ok(text)))
          .catch(() => socket.destroy());
      },
    ],
  ];
  for (const [what, lie] of lies) {
    it(`gets neither password nor token: one that ${what}`, async () => {
      const impostor = await startImpostor(lie);
      const connection = await connectTo({ ...sandbox.ready, endpoint: impostor.endpoint });
      try {
        for (const [name, use] of ways) {
          await assert.rejects(use(connection, impostor.endpoint), { code: 'SANDBOX_NOT_OURS' }, name);
        }
        // Nothing but questions for the proof.
        const asked = impostor.heard().match(/^[A-Z]+ \S+/gm) ?? [];
        assert.ok(asked.length >= ways.length);
        for (const line of asked) assert.match(line, /^GET \/_sandbox\/proof\?nonce=[\w-]{43}$/);
        assert.doesNotMatch(impostor.heard(), /Secret|AWS4|X-Amz|authorization/i);
        assert.ok(!impostor.heard().includes(sandbox.ready.secret));
      } finally {
        connection.dispose();
        await impostor.close();
      }
    });
  }

  it('gets nothing of a connection that was good a moment ago', async () => {
    const first = await startSandbox();
    const connection = await connectTo(first.ready);
    await connection.identity();
    await first.kill();
    const heard: string[] = [];
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        heard.push(data.toString());
        socket.write(ok('{}'));
      });
    });
    server.listen(Number(new URL(first.endpoint).port), '127.0.0.1');
    await once(server, 'listening');
    try {
      for (const [name, use] of ways) {
        if (name !== 'a call of AWS') await assert.rejects(use(connection, first.endpoint), Error, name);
      }
      assert.ok(heard.length > 0);
      assert.doesNotMatch(heard.join(''), /Secret|AWS4|X-Amz|authorization/i);
    } finally {
      connection.dispose();
      server.close();
    }
  });

  it('is not asked when it is at another address than the sandbox', async () => {
    const impostor = await startImpostor((_request, socket) => socket.write(ok('{}')));
    const connection = await connectTo(sandbox.ready);
    try {
      const url = `${impostor.endpoint}/execute-api/x/Prod/y`;
      await assert.rejects(connection.http().send({ method: 'GET', url }), { code: 'SANDBOX_NOT_OURS' });
      assert.equal(impostor.heard(), '');
    } finally {
      connection.dispose();
      await impostor.close();
    }
  });

  it('is not the sandbox, which is served as ever', async () => {
    const connection = await connectTo(sandbox.ready);
    try {
      const { accountId } = await connection.identity();
      assert.equal(accountId, sandbox.ready.accountId);
      const { ListThingsCommand } = await import('@aws-sdk/client-iot');
      const iot = await connection.iot();
      for (let i = 0; i < 3; i++) assert.deepEqual((await iot.send(new ListThingsCommand())).things, []);
      const url = `${sandbox.endpoint}/_sandbox/health`;
      for (let i = 0; i < 3; i++) {
        assert.equal((await connection.http().send({ method: 'GET', url })).text, '{"status":"ok"}');
      }
      const stop = new AbortController();
      const seen: string[] = [];
      const watch = watchTopics(
        connection,
        ['a/b'],
        { message: (topic) => seen.push(topic), state: (state) => seen.push(state) },
        { signal: stop.signal, ...TIME },
      );
      await until('the watch', () => seen.includes('online'));
      stop.abort();
      await assert.rejects(watch, { code: 'CANCELLED' });
    } finally {
      connection.dispose();
    }
  });
});

describe('the secret of the sandbox', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'identity-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null) continue;
      child.kill();
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('is new at each start, and in a file of its user alone, which goes with the process', async () => {
    const stateFolder = path.join(folder, 'state');
    const secrets: string[] = [];
    for (let i = 0; i < 2; i++) {
      const sandbox = await startSandbox({ stateFolder });
      const file = path.join(stateFolder, 'ready.json');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      secrets.push(sandbox.ready.secret);
      assert.ok(!sandbox.readyLine.includes(sandbox.ready.secret));
      assert.ok(!sandbox.log().includes(sandbox.ready.secret));
      assert.ok(!readFileSync(`/proc/${sandbox.pid}/cmdline`, 'utf8').includes(sandbox.ready.secret));
      await sandbox.stop();
      assert.ok(!existsSync(file));
    }
    assert.notEqual(secrets[0], secrets[1]);
    assert.ok(!readFileSync(path.join(stateFolder, 'state.json'), 'utf8').includes(secrets[0] ?? ''));
  });

  it('of a killed sandbox proves nothing', async () => {
    const stateFolder = path.join(folder, 'state');
    const first = await startSandbox({ stateFolder });
    await first.kill();
    const port = new URL(first.endpoint).port;
    const second = await startSandbox({ stateFolder, args: ['--http-port', port] });
    await assert.rejects(openProven(first.ready), { code: 'SANDBOX_NOT_OURS' });
    (await openProven(second.ready)).destroy();
    await second.stop();
  });

  it('is not taken from a file that others could have written or read', async () => {
    const sandbox = await startSandbox({ stateFolder: path.join(folder, 'state') });
    const file = path.join(sandbox.stateFolder, 'ready.json');
    assert.match((await readSecretFile(file)) ?? '', /"secret"/);
    const link = path.join(folder, 'link.json');
    symlinkSync(file, link);
    await assert.rejects(readSecretFile(link), { code: 'PATH_UNSAFE' });
    await assert.rejects(readSecretFile(sandbox.stateFolder), { code: 'PATH_UNSAFE' });
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(file, mode);
      await assert.rejects(readSecretFile(file), { code: 'PATH_UNSAFE' });
    }
    chmodSync(file, 0o600);
    chmodSync(sandbox.stateFolder, 0o777);
    await assert.rejects(readSecretFile(file), { code: 'PATH_UNSAFE' });
    assert.equal(await readSecretFile(path.join(folder, 'nothing.json')), undefined);
    await sandbox.stop();
  });

  it('is demanded by a command line that its terminal points at it', async () => {
    const sandbox = await startSandbox({ stateFolder: path.join(folder, 'state') });
    const impostor = await startImpostor((_request, socket) => socket.write(ok('{"proof":""}')));
    const ready = path.join(sandbox.stateFolder, 'ready.json');
    const stale = path.join(folder, 'stale.json');
    writeFileSync(stale, JSON.stringify({ ...sandbox.ready, endpoint: impostor.endpoint }), { mode: 0o600 });
    const environment = {
      ...{ AWS_REGION: 'us-west-2', AWS_CA_BUNDLE: sandbox.caFile, CMS_PASSWORD: 'Secret-Password-1' },
      ...{ AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' },
    };
    const vehicles = (endpoint: string, file: string, args: string[] = []) =>
      runCli(['vehicles', '--username', 'u', ...args], {
        env: { ...environment, AWS_ENDPOINT_URL: endpoint, CMS_SANDBOX_READY: file },
      });
    try {
      // It took the port of the sandbox; the sandbox came back at another; the sandbox is gone.
      for (const file of [stale, ready, path.join(folder, 'nothing.json')]) {
        const run = await vehicles(impostor.endpoint, file);
        assert.match(run.stderr, /SANDBOX_NOT_OURS/);
      }
      for (const [line] of impostor.heard().matchAll(/^[A-Z]+ \S+/gm))
        assert.match(line, /^GET \/_sandbox\/proof\?nonce=/);
      assert.match(impostor.heard(), /proof/);
      // Another endpoint that is given by itself is not meant to be the sandbox.
      const other = await vehicles(sandbox.endpoint, ready, ['--endpoint', impostor.endpoint]);
      assert.doesNotMatch(other.stderr, /SANDBOX_NOT_OURS/);
      const own = await runCli(['deployments'], {
        env: { ...environment, AWS_ENDPOINT_URL: sandbox.endpoint, CMS_SANDBOX_READY: ready },
      });
      assert.equal(own.code, 0, own.stderr);
      assert.match(own.stdout, /cms-dev1/);
    } finally {
      await impostor.close();
      await sandbox.stop();
    }
  });

  it('is not in what the demo prints, and the demo ends well', async function () {
    this.timeout(120_000);
    const { code, stdout, stderr } = await runCli(['demo', '--json', '--verbose']);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /"secret"/);
  });

  it('starts with nothing of the environment but what it needs', async () => {
    const secrets = {
      AWS_SECRET_ACCESS_KEY: 'inherited-1',
      AWS_SESSION_TOKEN: 'inherited-2',
      CMS_PASSWORD: 'inherited-3',
      GITHUB_PAT: 'inherited-4',
      HTTPS_PROXY: 'http://user:inherited-5@proxy.example',
      NODE_OPTIONS: '--title=inherited-6',
      DATABASE_URL: 'postgres://u:inherited-7@db.example/x',
    };
    const state = path.join(folder, 'state');
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, '../../dist/cli.js'), 'sandbox', '--http-port', '0', '--mqtt-port', '0', '--state', state],
      { env: cleanEnvironment({ LC_ALL: 'C.UTF-8', TMPDIR: folder, ...secrets }), stdio: ['pipe', 'pipe', 'ignore'] },
    ); // prettier-ignore
    children.push(child);
    await once(child.stdout, 'data');
    const ready = JSON.parse(readFileSync(path.join(state, 'ready.json'), 'utf8')) as SandboxReady;
    (await openProven(ready)).destroy();
    const { pid } = JSON.parse(readFileSync(path.join(state, 'lock'), 'utf8')) as { pid: number };
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    assert.doesNotMatch(environment, /inherited/);
    for (const kept of ['PATH=', 'HOME=', 'LC_ALL=C.UTF-8', `TMPDIR=${folder}`]) {
      assert.ok(environment.includes(kept), kept);
    }
  });
});
