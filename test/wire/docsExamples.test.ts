import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../support/cli.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');

/** What README.md and docs/iam/README.md give to paste (blocks marked `sh`), run as a newcomer would, in order. */
describe('the examples of README.md', function () {
  this.timeout(240_000);
  let folder: string;
  let sandbox: SandboxProcess;
  let readme: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'readme-'));
    // As much of a clone as they need.
    for (const name of ['dist', 'media']) await symlink(path.join(root, name), path.join(folder, name));
    await cp(path.join(root, 'docs'), path.join(folder, 'docs'), { recursive: true });
    sandbox = await startSandbox({ stateFolder: path.join(folder, '.sandbox') });
    readme = await readFile(path.join(root, 'README.md'), 'utf8');
    const profile = ['[profile dev]', `endpoint_url = ${sandbox.endpoint}`, `ca_bundle = ${sandbox.caFile}`];
    await writeFile(path.join(folder, 'config'), [...profile, ''].join('\n'));
    await writeFile(
      path.join(folder, 'credentials'),
      '[dev]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n',
    );
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const blocks = (markdown: string, language: string): string[] =>
    [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
      ([, code = '']) => code,
    );

  async function shell(script: string): Promise<string> {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env: cleanEnvironment({
        HOME: folder,
        AWS_CONFIG_FILE: path.join(folder, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      }),
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  }

  it('start the sandbox where the others look for it', () => {
    const command = 'node dist/cli.js sandbox --http-port 4566 --mqtt-port 8883 --state .sandbox\n';
    assert.ok(blocks(readme, 'console').some((block) => block.includes(command)));
  });

  it('work in a shell, one after another', async () => {
    const [fleet = ''] = blocks(readme, 'csv');
    await writeFile(path.join(folder, 'fleet.csv'), fleet);
    // Nobody is here to type the password of the account.
    const script = blocks(readme, 'sh')
      .join('\n')
      .replace('unset CMS_PASSWORD ', 'unset ')
      .replaceAll('http://127.0.0.1:4566', sandbox.endpoint);
    const stdout = await shell(script);
    for (const shown of [
      /cms-dev1/,
      /LSH14J4C4LA046511/,
      /All checks passed: data from LSH14J4C4LA046511 arrives\./,
      /LSH14J4C4LA046511 is offboarded/,
      /KL4CJHSB2DB198124/,
    ]) {
      assert.match(stdout, shown);
    }
    for (const vin of ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124']) {
      assert.ok(existsSync(path.join(folder, 'certs', vin, 'production-private.pem.key')), vin);
    }
  });

  it('fill in an IAM policy', async () => {
    const script = blocks(await readFile(path.join(root, 'docs/iam/README.md'), 'utf8'), 'sh').join('\n');
    await shell(script);
    const filled = await readFile(path.join(folder, 'cms-onboard.json'), 'utf8');
    assert.ok(filled.includes('arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_Example12'));
    assert.doesNotMatch(filled, /ACCOUNT_ID|REGION|USER_POOL_ID/);
  });
});
