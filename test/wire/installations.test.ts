import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { secretOf, startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const DEV1 = {
  id: 'cdf:dev1',
  kind: 'cdf',
  name: 'dev1',
  stacks: { cms: 'cms-dev1', cdf: 'cdf-core-development' },
};
const DEV2 = { id: 'cdf:dev2', kind: 'cdf', name: 'dev2', stacks: { cms: 'cms-dev2', cdf: 'cdf-core-dev2' } };
const DEV3 = {
  id: 'cdf:dev3',
  kind: 'cdf',
  name: 'dev3',
  stacks: { cms: 'cms-dev3', cdf: 'cdf-core-development' },
};

describe('installations of the sandbox', () => {
  let folder: string;
  let readyFile: string;
  let sandbox: SandboxProcess;

  const start = async (...args: string[]): Promise<void> => {
    sandbox = await startSandbox({ stateFolder: path.join(folder, 'state'), args });
  };
  const installed = async (): Promise<unknown> => {
    const { installations } = (await sandbox.ask('GET', 'health')) as { installations: unknown };
    return installations;
  };
  const outputsOf = async (StackName: string): Promise<Record<string, string>> => {
    const client = new CloudFormationClient({
      endpoint: sandbox.endpoint,
      region: 'us-west-2',
      credentials: testCredentials,
    });
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    return Object.fromEntries(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  };

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'installations-'));
    readyFile = path.join(folder, 'ready.json');
    await start('--install', 'cdf:dev1', 'cdf:dev2,core=cdf-core-dev2', '--ready-file', readyFile);
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are said by the ready line, the ready file and the health', async () => {
    const line = JSON.parse(sandbox.readyLine) as Record<string, unknown>;
    assert.deepEqual(line.installations, [DEV1, DEV2]);
    assert.deepEqual(line.stacks, {
      cms: ['cms-dev1', 'cms-dev2'],
      cdf: ['cdf-core-development', 'cdf-core-dev2'],
    });
    assert.deepEqual(sandbox.ready.installations, [DEV1, DEV2]);
    assert.deepEqual(await installed(), [DEV1, DEV2]);
  });

  it('have pools and APIs of their own', async () => {
    const [one, two] = [await outputsOf('cms-dev1'), await outputsOf('cms-dev2')];
    for (const key of [
      'UserPoolId',
      'UserPoolClientId',
      'FacadeApiGatewayUrl',
      'FleetmanagerApiGatewayUrl',
    ]) {
      assert.ok(one[key] !== undefined && one[key] !== two[key], key);
    }
  });

  it('can be added while it runs: everything of it works, and the ready files say it', async () => {
    await assert.rejects(outputsOf('cms-dev3'), /Stack with id cms-dev3 does not exist/);
    const answer = await sandbox.ask('POST', 'installations', { install: 'cdf:dev3' });
    assert.deepEqual(answer, { installations: [DEV1, DEV2, DEV3] });
    assert.deepEqual(await installed(), [DEV1, DEV2, DEV3]);
    const outputs = await outputsOf('cms-dev3');
    const jwks = await fetch(`${sandbox.endpoint}/${outputs.UserPoolId}/.well-known/jwks.json`);
    assert.equal(jwks.status, 200);
    // There, and wants a token.
    assert.equal((await fetch(`${outputs.FleetmanagerApiGatewayUrl}/ota`)).status, 401);
    for (const file of [readyFile, path.join(sandbox.stateFolder, 'ready.json')]) {
      const ready = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      assert.deepEqual(ready.installations, [DEV1, DEV2, DEV3], file);
      assert.equal(ready.secret, sandbox.ready.secret);
    }
  });

  it('stay as they are when they are added again, and are refused with a reason', async () => {
    assert.deepEqual(await sandbox.ask('POST', 'installations', { install: 'cdf:dev3' }), {
      installations: [DEV1, DEV2, DEV3],
    });
    for (const [install, message] of [
      ['cdf:dev3,core=cdf-core-other', 'The stack cms-dev3: each CMS stack can be given once.'],
      ['dev4', '"dev4" is not of the form KIND:NAME[,KEY=VALUE…], such as cdf:dev1.'],
    ]) {
      const refused = await fetch(`${sandbox.endpoint}/_sandbox/installations`, {
        method: 'POST',
        headers: secretOf(sandbox.ready),
        body: JSON.stringify({ install }),
      });
      assert.equal(refused.status, 400);
      assert.deepEqual(await refused.json(), { code: 'NotInstallable', message });
    }
    const stranger = await fetch(`${sandbox.endpoint}/_sandbox/installations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ install: 'cdf:dev4' }),
    });
    assert.equal(stranger.status, 403);
    assert.deepEqual(await installed(), [DEV1, DEV2, DEV3]);
  });

  it('are there again after a reset', async () => {
    const before = await outputsOf('cms-dev3');
    await sandbox.reset();
    assert.deepEqual(await installed(), [DEV1, DEV2, DEV3]);
    const { UserPoolId } = await outputsOf('cms-dev3');
    assert.equal(UserPoolId, before.UserPoolId);
  });

  it('are those of the arguments after a restart; what was added comes back as it was', async () => {
    const before = await outputsOf('cms-dev3');
    await sandbox.stop();
    await start('--stack', 'cms-dev1');
    assert.deepEqual(await installed(), [DEV1]);
    await assert.rejects(outputsOf('cms-dev3'), /does not exist/);
    await sandbox.ask('POST', 'installations', { install: 'cdf:dev3' });
    assert.equal((await outputsOf('cms-dev3')).UserPoolId, before.UserPoolId);
  });

  it('end the start when they cannot be', async () => {
    await assert.rejects(
      startSandbox({ args: ['--install', 'cdf:dev1', 'lego:x'] }),
      /the sandbox ended with 2:\n--install lego:x: There is no kind of CMS named "lego"\. Known: cdf, cms-on-aws, cm-guidance\./,
    );
  });
});
