import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Connection } from '../../src/aws/connection.ts';
import type * as Backend from '../../src/editor/backend.ts';
import { networkSettings } from '../../src/editor/connections/networkSettings.ts';
import { createTileLoader } from '../../src/editor/map/tileLoader.ts';
import { systemProxyFor, systemRoots } from '../../src/editor/connections/systemNetwork.ts';
import { sayErrorAndRemedy } from '../../src/editor/base/say.ts';
import { startConnectProxy, type ConnectProxy } from '../support/connectProxy.ts';
import { createTestCa } from '../support/testCertificates.ts';
import { testWork } from '../support/works.ts';

const HOST = 'aws.corp.test';
const TILES = 'tile.openstreetmap.org';
const LOGIN = 'ann:secret-of-ann';

/** An editor gives agents of its own to HTTP requests of extensions: what is trusted and who is asked must be ours. */
describe('the network, in an editor with settings for a proxy', () => {
  const http = () => vscode.workspace.getConfiguration('http');
  const set = (name: string, value: unknown) => http().update(name, value, vscode.ConfigurationTarget.Global);
  let backend: typeof Backend;
  let folder: string;
  let front: Server;
  let proxy: ConnectProxy;
  /** Host, path and program of each request. */
  const asked: string[] = [];

  before(async () => {
    backend = createRequire(__filename)('../../dist/backend.js') as typeof Backend;
    const ca = await createTestCa('Corporate Root');
    folder = mkdtempSync(path.join(tmpdir(), 'editor-network-'));
    writeFileSync(path.join(folder, 'corp.pem'), ca.root);
    front = createServer(await ca.server([HOST, TILES]), ({ headers, url }, response) => {
      asked.push(`${headers.host} ${url} ${headers['user-agent']}`);
      response.end('found');
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    proxy = await startConnectProxy({ auth: LOGIN, to: () => (front.address() as AddressInfo).port });
  });
  afterEach(async () => {
    for (const name of ['proxy', 'proxyAuthorization', 'proxyStrictSSL', 'noProxy'])
      await set(name, undefined);
  });
  after(async () => {
    front.closeAllConnections();
    front.close();
    await proxy.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(more: { caFile?: string } = { caFile: path.join(folder, 'corp.pem') }): Promise<string> {
    const options = {
      endpoint: `https://${HOST}`,
      region: 'us-west-2',
      credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
      ...networkSettings(),
      ...more,
    };
    let connection: Connection | undefined;
    try {
      connection = await backend.createConnection(options, testWork());
      return (await connection.http().send({ method: 'GET', url: `https://${HOST}/` })).text;
    } finally {
      connection?.dispose();
    }
  }
  const failure = async (asking: Promise<string>) =>
    asking.then(
      () => assert.fail('It was answered.'),
      (error: unknown) => sayErrorAndRemedy(error),
    );
  const login = () => set('proxyAuthorization', `Basic ${Buffer.from(LOGIN).toString('base64')}`);

  it('goes through the proxy with its login, and trusts the CA file of the connection', async () => {
    await set('proxy', proxy.url);
    await login();
    assert.equal(await ask(), 'found');
    assert.deepEqual([...new Set(proxy.asked)], [`CONNECT ${HOST}:443`]);
  });

  it('loads street tiles through that proxy, too, and trusts the CA file of the environment', async () => {
    await set('proxy', proxy.url);
    await login();
    const before = process.env.AWS_CA_BUNDLE;
    process.env.AWS_CA_BUNDLE = path.join(folder, 'corp.pem');
    try {
      const nobody = { open: () => assert.fail('OpenStreetMap needs no connection.') };
      const load = createTileLoader(nobody, () => backend, networkSettings);
      const tile = await load({ preset: 'openstreetmap' }, '/3/4/2.png');
      assert.deepEqual([tile.status, Buffer.from(tile.bytes).toString()], [200, 'found']);
      assert.ok(proxy.asked.includes(`CONNECT ${TILES}:443`), proxy.asked.join('\n'));
      assert.match(asked.at(-1) ?? '', /^tile\.openstreetmap\.org \/3\/4\/2\.png CMS-Enablement-VSCode /);
    } finally {
      if (before === undefined) delete process.env.AWS_CA_BUNDLE;
      else process.env.AWS_CA_BUNDLE = before;
    }
  });

  it('says that the proxy wants a login', async () => {
    await set('proxy', proxy.url);
    const said = await failure(ask());
    assert.ok(said.includes(`the proxy ${proxy.url} requires a user name and a password (407)`), said);
    assert.match(said, /http\.proxyAuthorization/);
  });

  it('goes directly where http.noProxy says so', async () => {
    await set('proxy', proxy.url);
    await set('noProxy', ['corp.test']);
    assert.match(await failure(ask()), /host name (not found|cannot be resolved right now)/);
  });

  it('says that http.proxyStrictSSL has no effect when a certificate is not trusted', async () => {
    await set('proxy', proxy.url);
    await login();
    assert.doesNotMatch(await failure(ask({})), /proxyStrictSSL/);
    await set('proxyStrictSSL', false);
    const said = await failure(ask({}));
    assert.match(said, /its TLS certificate is not trusted/);
    assert.match(said, /The setting http\.proxyStrictSSL has no effect here/);
  });

  it('learns from the editor what it would use itself, as for the proxy of the system', async () => {
    await set('proxy', proxy.url);
    const { host } = new URL(proxy.url);
    assert.equal(await systemProxyFor('https://iot.us-west-2.amazonaws.com:8883/'), `PROXY ${host}`);
    assert.equal(await systemProxyFor('https://localhost:8883/'), 'DIRECT');
  });

  it('learns the roots of the system from it', async () => {
    const roots = await systemRoots();
    assert.ok(roots.length > 0);
    assert.ok(roots.every((pem) => pem.includes('BEGIN CERTIFICATE')));
  });
});
