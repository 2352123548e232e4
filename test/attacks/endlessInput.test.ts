import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from '../../src/aws/createConnection.ts';
import { findThing } from '../../src/aws/iot/things.ts';
import { systemClock } from '../../src/core/work.ts';
import { replayRecording } from '../../src/device/client/recording.ts';
import { cleanEnvironment, type CliRun, runCli } from '../support/cli.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'x'.repeat(40),
  AWS_REGION: 'us-west-2',
};
const ENV = { ...KEYS, CMS_PASSWORD: 'Testing1234', NODE_OPTIONS: '--max-old-space-size=256' };

/** It ended with a sentence of ours. */
function assertEnded(run: CliRun, sentence: RegExp): void {
  const text = run.stdout + run.stderr;
  assert.ok(run.code === 1 || run.code === 2, `code ${run.code}: ${text}`);
  assert.match(text, sentence);
  assert.doesNotMatch(text, /INTERNAL|heap|at .*\.js:\d/);
}

describe('Input without an end ends with a sentence', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'endless-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A gigabyte on no disk. */
  async function huge(name: string, start = ''): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, start);
    await truncate(file, 2 ** 30);
    return file;
  }

  const readers: Readonly<
    Record<string, { args: (file: string) => string[]; env?: (file: string) => object }>
  > = {
    'a recording': { args: (file) => ['replay', '--file', file] },
    'a fleet file': { args: (file) => ['onboard', '--fleet', file, '--username', 'u'] },
    'a route': {
      args: (file) => ['simulate', '--vin', 'LSH14J4C4LA046511', '--route', file],
    },
    'a CA file': { args: (file) => ['stacks', '--ca', file] },
    'the config of AWS': { args: () => ['stacks'], env: (file) => ({ AWS_CONFIG_FILE: file }) },
    'the credentials of AWS': {
      args: () => ['stacks'],
      env: (file) => ({ AWS_SHARED_CREDENTIALS_FILE: file }),
    },
    'a job document': {
      args: (file) => ['job', '--vin', 'LSH14J4C4LA046511', '--document', file],
    },
  };
  const sentence = /larger than|longer than|not a regular file|cannot be used|is not a line/;

  for (const [name, { args, env }] of Object.entries(readers)) {
    it(`when ${name} is a gigabyte`, async () => {
      const file = await huge('huge.csv');
      assertEnded(await runCli(args(file), { env: { ...ENV, ...env?.(file) } }), sentence);
    });

    if (process.platform === 'win32') continue;
    it(`when ${name} is a device`, async () => {
      assertEnded(await runCli(args('/dev/zero'), { env: { ...ENV, ...env?.('/dev/zero') } }), sentence);
    });
  }

  it('when a recording is one line, also in the editor', async () => {
    const file = await huge('run.jsonl', '{"vin":"');
    const before = process.memoryUsage().rss;
    await assert.rejects(
      replayRecording(
        file,
        { speed: 1, clock: systemClock, signal: new AbortController().signal },
        () => undefined,
      ),
      { code: 'RECORDING_FAILED', message: /line 1 is not a line of a recording: it is longer than 512 KB/ },
    );
    assert.ok(process.memoryUsage().rss - before < 200 * 2 ** 20);
  });

  it('when standard input is one line', async () => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../dist/cli.js'), 'vehicles', '--username', 'u', '--password-stdin'],
      { env: cleanEnvironment(KEYS), stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdin.on('error', () => undefined);
    const more = (): void => {
      while (child.stdin.writable && child.stdin.write('x'.repeat(65_536)));
    };
    child.stdin.on('drain', more);
    more();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 2, said);
    assert.match(said, /There is no password on standard input: line 1 is longer than 4 KB/);
  });

  it('when a pipe is given that gives all there is', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', 'exec cat /dev/zero > "$0"', pipe], { stdio: 'ignore' });
    assertEnded(await runCli(['replay', '--file', pipe], { env: ENV }), /line 1 .* longer than/);
    if (writer.exitCode === null && writer.signalCode === null) {
      writer.kill('SIGKILL');
      await once(writer, 'exit');
    }
  });
});

describe('An endpoint without an end', () => {
  let answer: (response: ServerResponse, index: number) => void;
  let asked = 0;
  let url: string;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(response, asked++));
    response.on('error', () => undefined);
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => (asked = 0));
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const stacks = (token: string, member = ''): string =>
    `<DescribeStacksResponse><DescribeStacksResult><Stacks>${member}</Stacks><NextToken>${token}</NextToken></DescribeStacksResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>`;
  const xml = (make: (index: number) => string) => (response: ServerResponse, index: number) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(make(index));
  };
  const stackNamed = (name: string): string =>
    `<member><StackName>${name}</StackName><StackId>arn:${name}</StackId><StackStatus>CREATE_COMPLETE</StackStatus></member>`;
  const ask = (): Promise<CliRun> => runCli(['stacks', '--endpoint', url], { env: ENV });

  it('that names the same next page again and again', async () => {
    answer = xml(() => stacks('again'));
    assertEnded(await ask(), /did not come to an end: a page was returned twice/);
    assert.ok(asked < 5);
  });

  it('that always has another next page, empty', async () => {
    answer = xml((i) => stacks(`t${i}`));
    assertEnded(await ask(), /did not come to an end: one page after another is empty/);
  });

  it('that always has another next page, with the same in it', async () => {
    answer = xml((i) => stacks(`t${i}`, stackNamed('a')));
    assertEnded(await ask(), /did not come to an end: a page was returned twice/);
  });

  it('that always has another next page, with another stack in it', async () => {
    answer = xml((i) => stacks(`t${i}`, stackNamed(`s${i}`)));
    assertEnded(await ask(), /did not come to an end: there are more than/);
  });

  it('whose answer does not end', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/xml' });
      const more = (): void => {
        while (!response.destroyed && response.write('<a>'.repeat(50_000)));
      };
      response.on('drain', more);
      more();
    };
    assertEnded(await ask(), /the response cannot be read: it is larger than 16 MB/);
  });

  it('whose error does not end', async () => {
    answer = (response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(150_000)));
      };
      response.on('drain', more);
      more();
    };
    const connection = await createConnection(
      {
        endpoint: url,
        region: 'us-west-2',
        credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x'.repeat(40) },
      },
      { clock: systemClock, random: Math.random },
    );
    await assert.rejects(findThing(connection, 'x', new AbortController().signal), {
      code: 'AWS_ANSWER_UNEXPECTED',
      message: /larger than 16 MB/,
    });
    connection.dispose();
  });

  it('that sends one to the next by redirects', async () => {
    answer = (response, i) => {
      response.writeHead(302, { location: `${url}/${i}` });
      response.end();
    };
    const run = await ask();
    assert.equal(run.code, 1);
    assert.ok(asked < 10);
  });
});
