import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { useWorld } from '../support/editor/hostWorld.ts';

const run = promisify(execFile);
const cli = path.resolve(__dirname, '../../dist/cli.js');

describe('The environment of the sandbox', function () {
  const world = useWorld(this, 'sandbox');
  const { person } = world;
  const home = mkdtempSync(path.join(os.tmpdir(), 'cms-env-'));
  const config = path.join(home, '.aws/config');
  const before = process.env.AWS_CONFIG_FILE;
  /** Of somebody who works with an account, too. */
  const own = { PATH: process.env.PATH, HOME: home, AWS_PROFILE: 'production', NODE: process.execPath };
  beforeEach(() => {
    process.env.AWS_CONFIG_FILE = config;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.AWS_CONFIG_FILE;
    else process.env.AWS_CONFIG_FILE = before;
    for (const terminal of vscode.window.terminals) terminal.dispose();
    await rm(path.dirname(config), { recursive: true, force: true });
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('pasted into bash, leads the command line to it, over HTTP and MQTT', async () => {
    void world.run('copyCliEnvironment');
    await person.pick('Shell', 'bash');
    await world.row('Local Sandbox, running');
    const pasted = await vscode.env.clipboard.readText();
    const script = `${pasted}exec "$NODE" ${cli} doctor --network --json`;
    const { stdout } = await run('bash', ['-ec', script], { env: own });
    assert.match(stdout, /"failed":0/);
    assert.match(stdout, /MQTT/);
  });

  it('is given in the words of PowerShell, too', async () => {
    void world.run('copyCliEnvironment');
    await person.pick('Shell', 'PowerShell');
    await world.row('Local Sandbox, running');
    const lines = (await vscode.env.clipboard.readText()).trimEnd().split('\n');
    const endpoint = await world.sandbox.endpoint();
    assert.ok(lines.includes(`$env:AWS_ENDPOINT_URL = '${endpoint}'`), lines.join('\n'));
    assert.ok(
      lines.some((line) => /^\$env:AWS_CA_BUNDLE = '.+ca\.pem'$/.test(line)),
      lines.join('\n'),
    );
  });

  it('is that of a terminal', async () => {
    await world.run('openSandboxTerminal');
    const [terminal] = vscode.window.terminals.slice(-1);
    assert.ok(terminal !== undefined && 'env' in terminal.creationOptions);
    const { env = {} } = terminal.creationOptions;
    assert.equal(env.AWS_ENDPOINT_URL, await world.sandbox.endpoint());
    assert.match(String(env.AWS_CA_BUNDLE), /ca\.pem$/);
    assert.equal(env.AWS_PROFILE, null);
  });

  it('is written into a profile once the person has seen the lines', async () => {
    void world.run('writeSandboxProfile');
    const question = await person.notice('Add the profile cms-sandbox');
    assert.match(question.detail, /endpoint_url = http/);
    await person.press('Add the profile cms-sandbox');
    await assert.rejects(readFile(config), { code: 'ENOENT' });

    void world.run('writeSandboxProfile');
    await person.press('Add the profile cms-sandbox', 'Write Profile');
    await person.told('The profile cms-sandbox points to the local sandbox');
    const env = { ...own, AWS_PROFILE: undefined, AWS_CONFIG_FILE: config };
    const { stdout } = await run(process.execPath, [cli, 'deployments', '--profile', 'cms-sandbox'], { env });
    assert.match(stdout, /cms-dev1/);
  });

  it('is renewed in the profile when the sandbox listens elsewhere, and nothing else is changed', async () => {
    const others = '[profile a]\nregion = x\n\n[profile cms-sandbox]\nendpoint_url = http://127.0.0.1:1\n';
    await vscode.workspace.fs.createDirectory(vscode.Uri.file(path.dirname(config)));
    await writeFile(config, others);
    void world.run('writeSandboxProfile');
    await person.press('Change the profile cms-sandbox', 'Write Profile');
    await person.told('The profile cms-sandbox points to the local sandbox');
    const text = await readFile(config, 'utf8');
    assert.ok(text.startsWith('[profile a]\nregion = x\n\n[profile cms-sandbox]\nendpoint_url = http'), text);
    assert.ok(text.includes(`endpoint_url = ${await world.sandbox.endpoint()}`), text);
  });
});
