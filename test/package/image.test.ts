import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const BASE = 'localhost/cms-enablement-test-node';
const IMAGE = 'localhost/cms-enablement-test';

/** Why images cannot be built here; undefined where they can. */
function whyNot(): string | undefined {
  try {
    execFileSync('podman', ['info'], { stdio: 'ignore' });
    execFileSync('runc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    return `podman and runc are needed: ${String(error).split('\n')[0]}`;
  }
}

/** A base image of this machine's Node and its libraries: no registry is asked. */
async function makeBase(folder: string): Promise<void> {
  const { stdout } = await run('ldd', [process.execPath]);
  const libraries = [...stdout.matchAll(/(\/\S+\.so\S*)/g)].map(([, file]) => file!);
  for (const [from, to] of [
    [process.execPath, '/usr/bin/node'],
    ...libraries.map((file) => [file, file] as const),
  ] as const) {
    await mkdir(path.join(folder, path.dirname(to)), { recursive: true });
    await copyFile(from, path.join(folder, to));
  }
  await mkdir(path.join(folder, 'tmp'), { recursive: true, mode: 0o777 });
  await writeFile(path.join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  await run('podman', ['build', '--quiet', '--tag', BASE, folder]);
}

describe('The image of the workers', () => {
  let folder = '';
  before(async function () {
    this.timeout(180_000);
    const reason = whyNot();
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    folder = await mkdtemp(path.join(os.tmpdir(), 'image-test-'));
    await makeBase(folder);
    await run('podman', ['build', '--quiet', '--build-arg', `NODE_IMAGE=${BASE}`, '--tag', IMAGE, root]);
  });
  after(async () => {
    if (folder === '') return;
    await run('podman', ['rmi', '--force', IMAGE, BASE]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  const inImage = (...args: string[]) =>
    run('podman', [
      ...['run', '--rm', '--runtime', 'runc', '--network', 'host', '--read-only', '--tmpfs', '/tmp'],
      ...['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096', ...args],
    ]);

  it('runs the worker, as a user that is not root', async function () {
    this.timeout(60_000);
    const { stdout } = await inImage(IMAGE, 'worker', '--help');
    assert.match(stdout, /drive one shard of a run/);
    const who = await inImage('--entrypoint', 'node', IMAGE, '-p', 'process.getuid()');
    assert.equal(who.stdout.trim(), '10001');
  });

  it('holds the bundles and nothing else of the checkout', async () => {
    const { stdout } = await inImage(
      ...['--entrypoint', 'node', IMAGE, '-p'],
      "fs.readdirSync('/app', { recursive: true }).sort().join()",
    );
    const names = stdout.trim().split(',');
    assert.deepEqual(
      names.filter((name) => !/^dist\/part-[\w-]+\.js$/.test(name)),
      ['dist', 'dist/cli.js', 'dist/commands.js', 'dist/device.js', 'docs', 'docs/errors.md'],
    );
    assert.ok((await readdir(root)).length > 10, 'the checkout has more');
  });
});
