import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);
const file = path.join(import.meta.dirname, '../../docs/sandbox.md');

/** What docs/sandbox.md gives to paste, run against a real process in the order of the document. */
describe('the examples of docs/sandbox.md', function () {
  this.timeout(180_000);
  let folder: string;
  let sandbox: SandboxProcess;
  let blocks: { language: string; code: string }[];
  let env: NodeJS.ProcessEnv;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sandbox-docs-'));
    sandbox = await startSandbox({ stateFolder: path.join(folder, '.sandbox') });
    const text = await readFile(file, 'utf8');
    const examples = text.slice(text.indexOf('## Point a client at it'), text.indexOf('## What is covered'));
    blocks = [...examples.matchAll(/^```(sh|python)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
      language,
      code: withPorts(code),
    }));
    // The distribution's programs, whatever else stands in the path.
    env = { HOME: folder, PATH: `/usr/bin:${process.env.PATH}`, AWS_EC2_METADATA_DISABLED: 'true' };
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const withPorts = (code: string): string =>
    code
      .replaceAll('http://127.0.0.1:4566', sandbox.endpoint)
      .replaceAll('localhost:8883', sandbox.mqttEndpoint)
      .replaceAll('-p 8883', `-p ${sandbox.mqttEndpoint.split(':')[1]}`);

  it('are there', () => {
    assert.ok(blocks.filter(({ language }) => language === 'sh').length >= 10);
    assert.ok(blocks.some(({ language }) => language === 'python'));
  });

  it('work in a shell, one after another', async () => {
    const script = blocks.flatMap(({ language, code }) => (language === 'sh' ? [code] : [])).join('\n');
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env,
      maxBuffer: 16 * 1024 * 1024,
    });
    for (const shown of [
      'arn:aws:iam::123456789012:user/sandbox',
      'FacadeApiGatewayUrl',
      '"reason":"sendtimestamp: missing"',
      '{"open":true}',
      'Verify return code: 0 (ok)',
      'device.pem: OK',
      '"groupPath":"/auto/vehicles"',
      '"kty":"RSA"',
      '"connections":0',
      'iot:CreateThing',
      '"offsetMs":3600000',
    ]) {
      assert.ok(stdout.includes(shown), `${shown} is not in\n${stdout}`);
    }
    assert.equal(stdout.match(/"kind":"twice"/g)?.length, 2, 'every fault is added');
  });

  it('leave the sandbox as new', async () => {
    const health = (await sandbox.ask('GET', 'health')) as Record<string, unknown>;
    assert.equal(health.faults, 0);
    assert.equal((health.clock as { offsetMs: number }).offsetMs, 0);
  });

  it('work in Python', async () => {
    for (const { language, code } of blocks) {
      if (language !== 'python') continue;
      const { stdout } = await run('/usr/bin/python3', ['-c', code], { cwd: folder, env });
      assert.match(stdout, /'cms-dev1'/);
      assert.ok(stdout.includes(sandbox.mqttEndpoint));
    }
  });
});
