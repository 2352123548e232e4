import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const VIN = 'LSH14J4C4LA046511';

interface Pattern {
  regexp: string;
  code: number;
  severity: number;
  message: number;
  file: number;
}

describe('the problem matcher of doctor --json', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox();
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'doctor-problems-')));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('reads every finding that is wrong and no other line', async () => {
    const manifest = JSON.parse(
      await readFile(path.join(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as {
      contributes: { problemMatchers: { pattern: Pattern }[] };
    };
    const pattern = manifest.contributes.problemMatchers[0]?.pattern;
    assert.ok(pattern);
    const connection = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const run = await runCli(['doctor', '--vin', VIN, '--json', ...connection], {
      cwd: folder,
      env: {
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
      },
    });
    assert.equal(run.code, 1);
    const form = new RegExp(pattern.regexp);
    const read = run.stdout.split('\n').flatMap((line) => {
      const match = form.exec(line);
      if (match === null) return [];
      const [id, status, message, file] = (['code', 'severity', 'message', 'file'] as const).map(
        (name) => match[pattern[name]],
      );
      return [{ id, status, message: JSON.parse(`"${message ?? ''}"`) as string, file }];
    });
    const wrong = run
      .objects()
      .filter(({ type, status }) => type === 'finding' && /warn|fail/.test(String(status)));
    assert.ok(wrong.length > 0);
    assert.deepEqual(
      read,
      wrong.map(({ id, status, message }) => ({
        ...{ id, status, message },
        file: path.posix.join(folder, 'certs', VIN, 'provisioning.json'),
      })),
    );
  });
});
