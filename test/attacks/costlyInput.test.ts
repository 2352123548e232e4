import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { firstLineOf } from '../../src/core/bounded.ts';
import { ProxyAgent } from '../../src/network/proxyAgent.ts';
import { isProxyFailure } from '../../src/network/proxyFailure.ts';
import { readProxySettings } from '../../src/network/proxySettings.ts';
import { certificatesIn } from '../../src/network/roots.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { runCli } from '../support/cli.ts';
import { startHttpServer } from '../support/httpServer.ts';
import { makePair } from '../support/pairs.ts';
import { until } from '../support/until.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'x'.repeat(40),
  AWS_REGION: 'us-west-2',
};
const ENV = { ...KEYS, CMS_PASSWORD: 'Testing1234' };
/** An honest file of the same size takes a hundredth of it, and these took minutes. */
const MOST_MS = 15_000;

/** Input that is short enough, and made so that looking at it would take for ever. */
describe('Input that is costly to read', () => {
  let folder: string;
  let begun: number;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'costly-'));
    begun = performance.now();
  });
  afterEach('ends soon', async () => {
    await rm(folder, { recursive: true, force: true });
    assert.ok(performance.now() - begun < MOST_MS, `${Math.round(performance.now() - begun)} ms`);
  });
  const fileOf = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };

  it('as a CA file with the beginnings of many certificates', async () => {
    const { certificatePem } = await makePair();
    assert.deepEqual(certificatesIn('-----BEGIN CERTIFICATE-----\n'.repeat(30_000)), []);
    const file = await fileOf('ca.pem', certificatePem + '-----BEGIN CERTIFICATE-----\n'.repeat(30_000));
    const run = await runCli(['stacks', '--ca', file, '--endpoint', 'https://127.0.0.1:9'], { env: ENV });
    assert.match(run.stderr, /Cannot reach 127\.0\.0\.1:9/);
  });

  it('as a planted key with many beginnings', async () => {
    const vehicle = path.join(folder, 'certs', 'LSH14J4C4LA046511');
    await mkdir(vehicle, { recursive: true, mode: 0o700 });
    const beginnings = '-----BEGIN PRIVATE KEY-----\n'.repeat(37_000);
    for (const name of ['production-private.pem.key', 'production-certificate.pem.crt'])
      await writeFile(path.join(vehicle, name), beginnings, { mode: 0o600 });
    const store = createCertificateStore(path.join(folder, 'certs'), { root: folder });
    assert.equal((await store.production('LSH14J4C4LA046511')).kind, 'unusable');
  });

  it('as an endpoint whose error is made of blanks', async () => {
    const server = await startHttpServer(() => ({
      status: 400,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse><Error><Code>Odd</Code><Message>a${' '.repeat(60_000)}x</Message></Error></ErrorResponse>`,
    }));
    try {
      const run = await runCli(['stacks', '--endpoint', server.url], { env: ENV });
      assert.equal(run.code, 1, run.stderr);
    } finally {
      await server.close();
    }
  });

  it('as a shape with blanks where its brackets should be', async () => {
    const file = await fileOf('route.csv', `WKT,name\n"POINT${' '.repeat(200_000)}x",a\n`);
    const run = await runCli(['simulate', '--vin', 'X', '--route', file], { env: ENV });
    assert.match(run.stderr, /is not a point, line or area/);
  });

  it('as an endpoint whose stack has an address of slashes', async () => {
    const url = `https://127.0.0.1:9/${'/'.repeat(200_000)}x`;
    const output = (key: string): string =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${url}</OutputValue></member>`;
    const server = await startHttpServer(() => ({
      headers: { 'content-type': 'text/xml' },
      body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>cms-dev1</StackName><StackId>arn:x</StackId><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${['FleetManagerUrl', 'ApiUrl', 'apigatewayUrl'].map(output).join('')}</Outputs></member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>`,
    }));
    try {
      const run = await runCli(['vehicles', '--endpoint', server.url, '--username', 'u'], { env: ENV });
      assert.notEqual(run.code, 0);
    } finally {
      await server.close();
    }
  });

  it('as a proxy that never ends its answer', async () => {
    let open = 0;
    const proxy = createServer((socket) => {
      open += 1;
      socket.on('close', () => (open -= 1)).on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\nX: ');
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
      };
      socket.on('drain', more);
      more();
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const agent = new ProxyAgent({
      proxies: readProxySettings({ HTTPS_PROXY: `http://127.0.0.1:${port}` }),
      roots: () => Promise.resolve([]),
      keepAlive: false,
      tunnelWithinMs: 500,
    });
    try {
      const asked = get({ host: 'example.com', port: 443, agent });
      const [error] = (await once(asked, 'error')) as [Error];
      assert.ok(isProxyFailure(error), String(error));
      await until('the end of the connection to the proxy', () => open === 0);
    } finally {
      agent.close();
      proxy.close();
    }
  });

  it('as a token of a profile that is a pipe', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = path.join(folder, 'token');
    execFileSync('mkfifo', [pipe]);
    const config = await fileOf(
      'config',
      `[profile p]\nregion = us-west-2\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = ${pipe}\n`,
    );
    const run = await runCli(['stacks', '--profile', 'p'], { env: { AWS_CONFIG_FILE: config } });
    assert.match(run.stderr, /it is not a regular file/);
  });

  it('as standard input that trickles', async () => {
    const stream = new PassThrough();
    const trickle = setInterval(() => stream.write('x'), 20);
    try {
      await assert.rejects(firstLineOf(stream, { mostBytes: 4096, timeoutMs: 1000, totalMs: 300 }), {
        name: 'LimitError',
      });
    } finally {
      clearInterval(trickle);
    }
  });
});
