import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openRecording } from '../../src/device/client/recording.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { withVehicleLock } from '../../src/provisioning/vehicleLock.ts';
import { makePair, type TestPair } from '../support/pairs.ts';
import { startSandbox } from '../support/sandbox.ts';
import { testWork } from '../support/works.ts';

const VIN = 'LSH14J4C4LA046511';
const sandboxBundle = path.join(import.meta.dirname, '../../dist/sandbox.js');
const refused = (message: RegExp, code = 'CERTIFICATE_STORE_FAILED') => ({ code, message });

describe('Inside means inside', function () {
  let workspace: string;
  let outside: string;
  let pair: TestPair;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    pair = await makePair();
  });
  beforeEach(async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'links-'));
    [workspace, outside] = [path.join(root, 'workspace'), path.join(root, 'outside')];
    await mkdir(workspace);
    await mkdir(outside, { mode: 0o700 });
    await writeFile(path.join(outside, 'precious'), 'precious');
  });
  afterEach(() => rm(path.dirname(workspace), { recursive: true, force: true }));

  const inside = (...names: string[]) => path.join(workspace, ...names);
  const storeAt = (...names: string[]) => createCertificateStore(inside(...names), { root: workspace });
  async function outsideIsUntouched(): Promise<void> {
    assert.deepEqual(await readdir(outside), ['precious']);
    assert.equal(await readFile(path.join(outside, 'precious'), 'utf8'), 'precious');
  }
  /** All that the store does, one after the other. */
  function everything(store: ReturnType<typeof storeAt>): Record<string, () => Promise<unknown>> {
    return {
      ready: () => store.ready(),
      saveProduction: () => store.saveProduction(VIN, pair),
      saveBootstrap: () => store.saveBootstrap(VIN, pair),
      saveCandidate: () => store.saveCandidate(VIN, pair),
      saveRootCa: () => store.saveRootCa('root'),
      setAside: () => store.setAside(VIN),
      remove: () => store.remove(VIN),
      finish: () => store.finish(VIN),
      production: () => store.production(VIN),
      bootstrap: () => store.bootstrap(VIN),
      facts: () => store.facts(VIN),
      rootCa: () => store.rootCa(),
      ids: () => store.ids(),
    };
  }

  it('a certificate folder that is a link out of the workspace is neither written nor read', async () => {
    await symlink(outside, inside('certs'));
    for (const [name, call] of Object.entries(everything(storeAt('certs')))) {
      await assert.rejects(call(), refused(/certs is a link/), name);
    }
    await outsideIsUntouched();
  });

  it('neither is one below a folder that is a link, and no store makes a folder through one', async () => {
    await symlink(outside, inside('keys'));
    for (const [name, call] of Object.entries(everything(storeAt('keys', 'of', 'vehicles')))) {
      await assert.rejects(call(), refused(/keys is a link/), name);
    }
    await outsideIsUntouched();
  });

  it('a link to a folder inside, and one that leads nowhere, are refused as well', async () => {
    await mkdir(inside('real'), { mode: 0o700 });
    await symlink('real', inside('certs'));
    await assert.rejects(storeAt('certs').ready(), refused(/is a link/));
    await symlink('nowhere', inside('dangling'));
    await assert.rejects(storeAt('dangling').ready(), refused(/is a link/));
    assert.deepEqual(await readdir(inside('real')), []);
  });

  it('a workspace that is reached through a link itself is used', async () => {
    const alias = path.join(outside, '..', 'alias');
    await symlink(workspace, alias);
    const store = createCertificateStore(path.join(alias, 'certs'), { root: alias });
    await store.ready();
    await store.saveProduction(VIN, pair);
    assert.equal((await store.production(VIN)).kind, 'ok');
    const byFlag = createCertificateStore(path.join(alias, 'certs'));
    assert.equal((await byFlag.production(VIN)).kind, 'ok');
  });

  it('no folder of a vehicle that is a link is written, read or emptied', async () => {
    const store = storeAt('certs');
    await store.ready();
    await symlink(outside, inside('certs', VIN));
    const ofAll = ['ready', 'saveRootCa', 'rootCa', 'ids'];
    for (const [name, call] of Object.entries(everything(store))) {
      if (ofAll.includes(name)) await assert.doesNotReject(call(), name);
      else await assert.rejects(call(), refused(/is a link/), name);
    }
    await outsideIsUntouched();
  });

  for (const name of ['next', 'previous', '.commit-production', '.commit-bootstrap']) {
    it(`${name} that is a link is not followed`, async () => {
      const store = storeAt('certs');
      await store.saveProduction(VIN, pair);
      await symlink(outside, inside('certs', VIN, name));
      for (const call of [
        () => store.saveCandidate(VIN, pair),
        () => store.setAside(VIN),
        () => store.saveBootstrap(VIN, pair),
        () => store.promoteCandidate(VIN),
        () => store.dropCandidate(VIN),
      ]) {
        await call().catch(() => undefined);
      }
      await outsideIsUntouched();
    });
  }

  it('files that are links are neither read nor written through', async () => {
    const store = storeAt('certs');
    await mkdir(inside('certs'), { mode: 0o700 });
    await symlink(path.join(outside, 'precious'), inside('certs', '.gitignore'));
    await symlink(path.join(outside, 'precious'), inside('certs', 'root.ca.pem'));
    for (const call of [() => store.ready(), () => store.saveRootCa('root'), () => store.rootCa()]) {
      await assert.rejects(call(), refused(/is a link/));
    }
    await outsideIsUntouched();
  });

  it('a pipe is said, and nobody waits for its other end', async () => {
    const store = storeAt('certs');
    await store.saveProduction(VIN, pair);
    const key = inside('certs', VIN, 'production-private.pem.key');
    await rm(key);
    execFileSync('mkfifo', [key]);
    await assert.rejects(store.production(VIN), refused(/production-private\.pem\.key/));
    for (const name of ['root.ca.pem', '.gitignore']) {
      await rm(inside('certs', name), { force: true });
      execFileSync('mkfifo', [inside('certs', name)]);
    }
    await assert.rejects(store.rootCa(), refused(/root\.ca\.pem is not a regular file/));
    await assert.rejects(store.ready(), refused(/\.gitignore is not a regular file/));
    execFileSync('mkfifo', [inside('certs', `.lock-${VIN}`)]);
    const locking = withVehicleLock(inside('certs'), VIN, testWork(), () => Promise.resolve());
    await assert.rejects(locking, refused(/\.lock-.* is not a regular file/));
  });

  it('a key that others can read is said, not used', async () => {
    const store = storeAt('certs');
    await store.saveProduction(VIN, pair);
    await store.saveBootstrap(VIN, pair);
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(inside('certs', VIN, 'production-private.pem.key'), mode);
      await chmod(inside('certs', VIN, 'bootstrap-private.pem.key'), mode);
      for (const stored of [await store.production(VIN), await store.bootstrap(VIN)]) {
        assert.ok(stored.kind === 'unusable');
        assert.match(stored.why.message, /others can read its private key/);
      }
    }
  });

  it('a folder that others may write to is said, not used', async () => {
    for (const name of ['certs', path.join('certs', VIN)]) {
      const store = storeAt('certs');
      await store.ready();
      await mkdir(inside('certs', VIN), { recursive: true, mode: 0o700 });
      await chmod(inside(name), 0o777);
      await assert.rejects(store.production(VIN), refused(/Others can write to the folder/));
      await assert.rejects(store.saveProduction(VIN, pair), refused(/Others can write to the folder/));
      assert.deepEqual(await readdir(inside('certs', VIN)), []);
      await chmod(inside(name), 0o700);
    }
    await chmod(inside('certs'), 0o777);
    await assert.rejects(storeAt('certs').ready(), refused(/Others can write to the folder/));
  });

  it('a folder that umask 002 left open to its group is closed by an action, not by a look', async () => {
    await mkdir(inside('certs', VIN), { recursive: true, mode: 0o755 });
    await chmod(workspace, 0o775);
    await chmod(inside('certs'), 0o775);
    const store = storeAt('certs');
    await assert.rejects(store.production(VIN), refused(/Others can write to the folder/));
    assert.equal((await stat(inside('certs'))).mode & 0o777, 0o775);
    const told: unknown[] = [];
    await store.ready((message) => told.push(message));
    assert.equal(told.length, 1);
    assert.equal((await stat(inside('certs'))).mode & 0o777, 0o700);
    await chmod(inside('certs', VIN), 0o775);
    await assert.rejects(store.production(VIN), refused(/Others can write to the folder/));
    await assert.doesNotReject(store.saveProduction(VIN, pair));
    assert.equal((await stat(inside('certs', VIN))).mode & 0o777, 0o700);
  });

  it('what belongs to the owner of the workspace is used by root, as in a container', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const store = storeAt('certs');
    await store.saveProduction(VIN, pair);
    for (const name of ['production-private.pem.key', 'production-certificate.pem.crt', '.', '..', '../..'])
      await chown(inside('certs', VIN, name), 54_322, 54_322);
    assert.equal((await store.production(VIN)).kind, 'ok');
    await assert.doesNotReject(store.setAside(VIN));
  });

  it('what belongs to another user is said, not used', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const store = storeAt('certs');
    await store.saveProduction(VIN, pair);
    for (const name of ['production-private.pem.key', 'production-certificate.pem.crt', '.', '..']) {
      await chown(inside('certs', VIN, name), 54_321, 54_321);
      await assert.rejects(store.production(VIN), refused(/belongs to another user/), name);
      await chown(inside('certs', VIN, name), 0, 0);
    }
    assert.equal((await store.production(VIN)).kind, 'ok');
  });

  describe('a recording', () => {
    const OF = { generation: 'cdf' };
    const failed = (message: RegExp) => refused(message, 'RECORDING_FAILED');

    it('is not written through a link, nor below a folder that is one', async () => {
      await symlink(path.join(outside, 'precious'), inside('run.jsonl'));
      await assert.rejects(openRecording(inside('run.jsonl'), OF), failed(/run\.jsonl is a link/));
      await symlink(outside, inside('recordings'));
      const below = openRecording(inside('recordings', 'run.jsonl'), { ...OF, below: workspace });
      await assert.rejects(below, failed(/recordings is a link/));
      await outsideIsUntouched();
    });

    it('leaves another name of the file it replaces alone', async () => {
      await link(path.join(outside, 'precious'), inside('run.jsonl'));
      const recording = await openRecording(inside('run.jsonl'), OF);
      await recording.close();
      assert.equal((await lstat(inside('run.jsonl'))).size, 0);
      await outsideIsUntouched();
    });

    it('does not wait at a pipe, and is no socket or folder', async () => {
      execFileSync('mkfifo', [inside('run.jsonl')]);
      await assert.rejects(openRecording(inside('run.jsonl'), OF), failed(/not a regular file/));
      await mkdir(inside('folder.jsonl'));
      await assert.rejects(openRecording(inside('folder.jsonl'), OF), failed(/is a folder/));
    });
  });

  describe('the sandbox', () => {
    /** Ends by itself, because it refuses to start. */
    function start(...args: string[]) {
      const ports = ['--http-port', '0', '--mqtt-port', '0'];
      return spawnSync(process.execPath, [sandboxBundle, ...ports, ...args], {
        encoding: 'utf8',
        timeout: 30_000,
      });
    }

    it('keeps its state in no folder that is a link or open to everybody', async () => {
      await symlink(outside, inside('state'));
      const linked = start('--state', inside('state'));
      assert.equal(linked.status, 4, linked.stderr);
      assert.match(linked.stderr, /state is not used: it is a link/);
      // A group of one's own is oneself; that of root is not.
      const [uid, gid] = [process.getuid?.(), process.getgid?.()];
      const isOwnGroup = uid !== 0 && uid === gid;
      for (const mode of isOwnGroup ? [0o777] : [0o777, 0o770]) {
        await mkdir(inside('open'));
        await chmod(inside('open'), mode);
        const open = start('--state', inside('open'));
        assert.equal(open.status, 4, open.stderr);
        assert.match(open.stderr, /others may write to it/);
        await rm(inside('open'), { recursive: true });
      }
      await outsideIsUntouched();
    });

    it('keeps neither state nor secret where others could put another folder in the place of it', async () => {
      await mkdir(inside('open'));
      await chmod(inside('open'), 0o777);
      await mkdir(inside('open', 'state'), { mode: 0o700 });
      const below = start('--state', inside('open', 'state'));
      assert.equal(below.status, 4, below.stderr);
      assert.match(below.stderr, /everybody may write to .*open above it/);
      const ready = start('--ready-file', inside('open', 'ready.json'));
      assert.equal(ready.status, 2, ready.stderr);
      assert.match(ready.stderr, /ready\.json is not used: its folder is not safe: others may write to it/);
    });

    it('keeps nothing in a folder of another user, also where it is sticky', async function () {
      if (process.getuid?.() !== 0) this.skip();
      for (const mode of [0o1777, 0o755]) {
        await mkdir(inside('theirs', 'ours'), { recursive: true });
        await chown(inside('theirs'), 12_345, 12_345);
        await chmod(inside('theirs'), mode);
        for (const args of [
          ['--state', inside('theirs')],
          ['--state', inside('theirs', 'ours')],
          ['--ready-file', inside('theirs', 'ready.json')],
        ]) {
          const run = start(...args);
          assert.ok(run.status === 4 || run.status === 2, `${args.join(' ')}: ${run.status} ${run.stderr}`);
          assert.match(run.stderr, /belongs to another user/);
        }
        await rm(inside('theirs'), { recursive: true });
      }
    });

    it('reads no state through a link or from a pipe, and waits at no lock that is a pipe', async () => {
      await mkdir(inside('state'), { mode: 0o700 });
      await symlink(path.join(outside, 'precious'), inside('state', 'state.json'));
      const linked = start('--state', inside('state'));
      assert.equal(linked.status, 6, linked.stderr);
      assert.match(linked.stderr, /it is a link/);
      await rm(inside('state'), { recursive: true });
      for (const [name, status] of [
        ['state.json', 6],
        ['lock', 5],
      ] as const) {
        await mkdir(inside('state'), { mode: 0o700 });
        execFileSync('mkfifo', [inside('state', name)]);
        const piped = start('--state', inside('state'));
        assert.equal(piped.status, status, piped.stderr);
        assert.match(piped.stderr, /it is not a regular file/);
        await rm(inside('state'), { recursive: true });
      }
      await outsideIsUntouched();
    });

    it('tells no place that a link names where it listens', async () => {
      await symlink(path.join(outside, 'precious'), inside('ready.json'));
      const linked = start('--ready-file', inside('ready.json'));
      assert.equal(linked.status, 2, linked.stderr);
      assert.match(linked.stderr, /ready\.json is not used: it is a link/);
      await outsideIsUntouched();
    });

    it('starts as ever in a folder of its own', async () => {
      const sandbox = await startSandbox({ args: ['--ready-file', inside('ready.json')] });
      assert.equal((await stat(inside('ready.json'))).mode & 0o777, 0o600);
      assert.equal(await sandbox.stop(), 0);
    });
  });
});
