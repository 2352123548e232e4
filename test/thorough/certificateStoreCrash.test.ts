import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { CertificateStore } from '../../src/provisioning/certificates.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { nodeFiles, type FileOperations } from '../../src/provisioning/fileOperations.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { makePair, type TestPair } from '../support/pairs.ts';

const VIN = 'LSH14J4C4LA046511';

class Crash extends Error {}

/** The disk of a process that dies at its operation number `at`: half-way through it if it writes content. */
function dyingAt(at: number): { files: FileOperations; operations: () => number } {
  let count = 0;
  const dying =
    <A extends unknown[], R>(
      operation: (...args: A) => Promise<R>,
      halfWay?: (...args: A) => Promise<void>,
    ) =>
    async (...args: A): Promise<R> => {
      count += 1;
      if (count === at) await halfWay?.(...args);
      if (count >= at) throw new Crash();
      return operation(...args);
    };
  return {
    operations: () => count,
    files: {
      kind: dying(nodeFiles.kind),
      list: dying(nodeFiles.list),
      read: dying(nodeFiles.read),
      makeFolder: dying(nodeFiles.makeFolder),
      create: dying(nodeFiles.create, (path, content, mode) =>
        writeFile(path, content.slice(0, content.length / 2), { mode, flag: 'wx' }),
      ),
      rename: dying(nodeFiles.rename),
      removeFile: dying(nodeFiles.removeFile),
      removeFolder: dying(nodeFiles.removeFolder),
      syncFolder: dying(nodeFiles.syncFolder),
    },
  };
}

/** Every private key found anywhere below the folder. */
async function keysIn(folder: string): Promise<Set<string>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const keys = new Set<string>();
  for (const name of names) {
    if (name.endsWith('production-private.pem.key')) keys.add(await readFile(join(folder, name), 'utf8'));
  }
  return keys;
}

describe('certificate store after a crash', () => {
  let folder: string;
  let older: TestPair;
  let newer: TestPair;

  before(async () => {
    [older, newer] = [await makePair(), await makePair()];
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certs-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  interface Scenario {
    name: string;
    prepare: (store: CertificateStore) => Promise<unknown>;
    change: (store: CertificateStore) => Promise<unknown>;
    /** Given the reopened store; `old` and `new` are what may be there. */
    check: (store: CertificateStore) => Promise<'old' | 'new'>;
  }

  async function oldOrNew(actual: string | undefined, old: string | undefined): Promise<'old' | 'new'> {
    if (actual === old) return 'old';
    assert.equal(actual, newer.certificateId);
    return Promise.resolve('new');
  }

  const scenarios: Scenario[] = [
    {
      name: 'saving the first production pair leaves none or the whole pair',
      prepare: (store) => store.ready(),
      change: (store) => store.saveProduction(VIN, newer),
      check: async (store) => oldOrNew(usablePair(await store.production(VIN))?.certificateId, undefined),
    },
    {
      name: 'replacing a bootstrap set leaves the old or the new one',
      prepare: (store) => store.saveBootstrap(VIN, older),
      change: (store) => store.saveBootstrap(VIN, newer),
      check: async (store) => {
        const found = await oldOrNew(
          usablePair(await store.bootstrap(VIN))?.certificateId,
          older.certificateId,
        );
        const expected = found === 'old' ? older : newer;
        const publicKey = await readFile(join(folder, VIN, 'bootstrap-public.pem.key'), 'utf8');
        assert.equal(publicKey, expected.publicKeyPem);
        return found;
      },
    },
    {
      name: 'setting a pair aside leaves it in use or whole under previous',
      prepare: (store) => store.saveProduction(VIN, newer),
      change: (store) => store.setAside(VIN),
      check: async (store) => {
        if (usablePair(await store.production(VIN)) !== undefined) return 'old';
        const aside = join(folder, VIN, 'previous', newer.certificateId);
        assert.equal(await readFile(join(aside, 'production-private.pem.key'), 'utf8'), newer.privateKeyPem);
        assert.equal(
          await readFile(join(aside, 'production-certificate.pem.crt'), 'utf8'),
          newer.certificatePem,
        );
        return 'new';
      },
    },
    {
      name: 'staging a candidate leaves the pair in use alone',
      prepare: (store) => store.saveProduction(VIN, older),
      change: (store) => store.saveCandidate(VIN, newer),
      check: async (store) => {
        assert.equal(usablePair(await store.production(VIN))?.certificateId, older.certificateId);
        return oldOrNew(usablePair(await store.candidate(VIN))?.certificateId, undefined);
      },
    },
    {
      name: 'promoting a candidate leaves the old pair in use or the new one with the old whole under previous',
      prepare: async (store) => {
        await store.saveProduction(VIN, older);
        await store.saveCandidate(VIN, newer);
      },
      change: (store) => store.promoteCandidate(VIN),
      check: async (store) => {
        const found = await oldOrNew(
          usablePair(await store.production(VIN))?.certificateId,
          older.certificateId,
        );
        if (found === 'old') {
          assert.equal(usablePair(await store.candidate(VIN))?.certificateId, newer.certificateId);
        } else {
          const aside = join(folder, VIN, 'previous', older.certificateId);
          assert.equal(
            await readFile(join(aside, 'production-private.pem.key'), 'utf8'),
            older.privateKeyPem,
          );
          assert.equal(
            await readFile(join(aside, 'production-certificate.pem.crt'), 'utf8'),
            older.certificatePem,
          );
        }
        return found;
      },
    },
    {
      name: 'saving the root certificate leaves the old or the new one',
      prepare: (store) => store.saveRootCa('old root'),
      change: (store) => store.saveRootCa('new root'),
      check: async (store) => {
        const root = await store.rootCa();
        assert.ok(root === 'old root' || root === 'new root');
        return root === 'old root' ? 'old' : 'new';
      },
    },
  ];

  for (const scenario of scenarios) {
    it(`${scenario.name}, at every point`, async () => {
      const seen: ('old' | 'new')[] = [];
      for (let at = 1; ; at++) {
        await rm(folder, { recursive: true, force: true });
        await scenario.prepare(createCertificateStore(folder));
        const disk = dyingAt(at);
        const finished = await scenario.change(createCertificateStore(folder, { files: disk.files })).then(
          () => true,
          () => false,
        );
        const store = createCertificateStore(folder);
        const looked = usablePair(await store.production(VIN))?.certificateId;
        await store.finish(VIN);
        assert.equal(
          usablePair(await store.production(VIN))?.certificateId,
          looked,
          'a look sees what will be',
        );
        seen.push(await scenario.check(store));
        if (finished && disk.operations() < at) break;
        assert.ok(at < 200, 'the change ends');
      }
      assert.equal(seen[0], 'old');
      assert.equal(seen.at(-1), 'new');
      assert.deepEqual(seen, [...seen].sort().reverse(), 'once decided, it stays decided');
    });

    it(`${scenario.name}, also when the recovery crashes`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 45 }),
          fc.integer({ min: 1, max: 25 }),
          async (first, second) => {
            await rm(folder, { recursive: true, force: true });
            await scenario.prepare(createCertificateStore(folder));
            const run = async (at: number, work: (store: CertificateStore) => Promise<unknown>) => {
              await work(createCertificateStore(folder, { files: dyingAt(at).files })).catch(() => undefined);
            };
            await run(first, scenario.change);
            await run(second, (store) => store.finish(VIN));
            const store = createCertificateStore(folder);
            await store.finish(VIN);
            await scenario.check(store);
          },
        ),
        { numRuns: 40 },
      );
    });
  }

  it('no sequence of calls and crashes loses a key that was saved, mixes a pair, or blocks the next call', async () => {
    const pairs = await Promise.all(Array.from({ length: 4 }, () => makePair()));
    const step = fc.record({
      call: fc.constantFrom('save', 'aside', 'candidate', 'promote', 'drop'),
      pair: fc.nat(3),
      crashAt: fc.option(fc.integer({ min: 1, max: 40 }), { nil: Infinity }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        await rm(folder, { recursive: true, force: true });
        const saved = new Set<string>();
        for (const { call, pair: index, crashAt } of steps) {
          const pair = pairs[index]!;
          const store = createCertificateStore(folder, { files: dyingAt(crashAt).files });
          const calls = {
            save: async () => {
              await store.saveProduction(VIN, pair);
              saved.add(pair.privateKeyPem);
            },
            aside: () => store.setAside(VIN),
            candidate: async () => {
              await store.saveCandidate(VIN, pair);
              saved.add(pair.privateKeyPem);
            },
            promote: () => store.promoteCandidate(VIN),
            drop: () => store.dropCandidate(VIN),
          };
          await calls[call]().catch((error: unknown) => {
            const code = (error as { code?: string }).code;
            // Refusals and a promotion of nothing are proper answers; so is dying.
            if (!(error instanceof Crash)) {
              assert.ok(code === 'CERTIFICATE_EXISTS' || code === 'CERTIFICATE_STORE_FAILED', String(error));
            }
          });
          const reopened = createCertificateStore(folder);
          usablePair(await reopened.production(VIN)); // Throws if it is half a pair or a mixed one.
          usablePair(await reopened.candidate(VIN));
          const kept = await keysIn(folder);
          for (const key of saved) assert.ok(kept.has(key), 'a saved key is still somewhere');
        }
        const last = createCertificateStore(folder);
        await last.setAside(VIN);
        await last.saveProduction(VIN, pairs[0]!);
        assert.equal(usablePair(await last.production(VIN))?.certificateId, pairs[0]!.certificateId);
        const left = await readdir(join(folder, VIN));
        assert.deepEqual(
          left.filter((name) => name.startsWith('.')),
          [],
          'no half-written file stays behind',
        );
      }),
      { numRuns: 60 },
    );
  });

  it('a key is on the disk before its name counts: content is synced before the deciding rename', async () => {
    const order: string[] = [];
    const recording: FileOperations = {
      ...nodeFiles,
      create: async (path, content, mode) => {
        await nodeFiles.create(path, content, mode);
        order.push('file');
      },
      rename: async (from, to) => {
        await nodeFiles.rename(from, to);
        order.push('rename');
      },
      syncFolder: async (path) => {
        await nodeFiles.syncFolder(path);
        order.push('sync');
      },
    };
    await createCertificateStore(folder).ready();
    await createCertificateStore(folder, { files: recording }).saveProduction(VIN, newer);
    const deciding = order.indexOf('rename');
    assert.deepEqual(order.slice(0, deciding).filter((step) => step === 'file').length, 2);
    assert.equal(order[deciding - 1], 'sync');
    assert.equal(order[deciding + 1], 'sync');
    assert.equal(order.at(-1), 'sync');
  });
});
