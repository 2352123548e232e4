import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProvisioningFacts } from '../../../src/provisioning/certificates.ts';
import { createCertificateStore } from '../../../src/provisioning/certificateStore.ts';
import { nodeFiles, type FileOperations } from '../../../src/provisioning/fileOperations.ts';
import { usablePair, type Stored } from '../../../src/provisioning/stored.ts';
import { makeAuthority, makePair, type TestPair } from '../../support/pairs.ts';

const VIN = 'LSH14J4C4LA046511';

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

function factsOf(pair: TestPair): ProvisioningFacts {
  return {
    certificateId: pair.certificateId,
    certificateArn: `arn:aws:iot:us-west-2:123456789012:cert/${pair.certificateId}`,
    vin: VIN,
    id: VIN,
    thingName: VIN,
    templateName: undefined,
    stackName: 'cms-dev1',
    accountId: '123456789012',
    region: 'us-west-2',
    provisionedAt: '2026-01-05T10:00:00.000Z',
    claim: { kind: 'temporary', certificateId: undefined, used: true },
  };
}

/** The real disk, except that one kind of operation fails with an error of the system. */
function failing(operation: keyof FileOperations, code: string): FileOperations {
  return {
    ...nodeFiles,
    [operation]: () => Promise.reject(Object.assign(new Error(code), { code })),
  };
}

function refuses(stored: Stored<unknown>, message: RegExp): void {
  assert.equal(stored.kind, 'unusable');
  assert.throws(() => usablePair(stored), { code: 'CERTIFICATE_UNUSABLE', message });
}

describe('certificate store', () => {
  let folder: string;
  let pair: TestPair;
  let other: TestPair;

  before(async () => {
    [pair, other] = [await makePair(), await makePair()];
  });
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'certs-')), 'certs');
  });
  afterEach(async () => {
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  it('completes what an older provisioning.json does not say by the name of the folder', async () => {
    const store = createCertificateStore(folder);
    await store.ready();
    await store.saveProduction(VIN, other);
    const older = factsOf(other);
    delete (older as { vin?: string }).vin;
    delete (older as { id?: string }).id;
    await store.saveFacts(VIN, older);
    const facts = await store.facts(VIN);
    assert.deepEqual([facts?.vin, facts?.id, facts?.generation], [VIN, VIN, undefined]);
    await store.saveFacts(VIN, { ...older, vin: 'OTHER', id: VIN, generation: 'cdf' });
    assert.equal((await store.facts(VIN))?.vin, 'OTHER');
  });

  it('has the file names and modes of the documented layout', async () => {
    const store = createCertificateStore(folder);
    await store.ready();
    const files = [
      ...(await store.saveBootstrap(VIN, pair)),
      ...(await store.saveProduction(VIN, other)),
      await store.saveRootCa('root'),
    ];
    await store.saveFacts(VIN, factsOf(other));
    assert.deepEqual(files, [
      join(folder, VIN, 'bootstrap-certificate.pem.crt'),
      join(folder, VIN, 'bootstrap-private.pem.key'),
      join(folder, VIN, 'bootstrap-public.pem.key'),
      join(folder, VIN, 'production-certificate.pem.crt'),
      join(folder, VIN, 'production-private.pem.key'),
      join(folder, 'root.ca.pem'),
    ]);
    assert.deepEqual((await readdir(join(folder, VIN))).sort(), [
      'bootstrap-certificate.pem.crt',
      'bootstrap-private.pem.key',
      'bootstrap-public.pem.key',
      'production-certificate.pem.crt',
      'production-private.pem.key',
      'provisioning.json',
    ]);
    assert.equal(await mode(folder), '700');
    assert.equal(await mode(join(folder, VIN)), '700');
    for (const name of await readdir(join(folder, VIN)))
      assert.equal(await mode(join(folder, VIN, name)), '600');
    assert.equal(
      await readFile(join(folder, VIN, 'production-private.pem.key'), 'utf8'),
      other.privateKeyPem,
    );
  });

  it('makes a .gitignore beside the vehicles that ignores keys and certificates, keeping what stood there', async () => {
    const store = createCertificateStore(folder);
    await store.ready();
    assert.match(await readFile(join(folder, '.gitignore'), 'utf8'), /^\*\.key$/m);
    await writeFile(join(folder, '.gitignore'), 'mine');
    await store.ready();
    const rules = (await readFile(join(folder, '.gitignore'), 'utf8')).trim().split('\n');
    assert.deepEqual(rules, ['mine', '*.key', '*.crt', '*.pem', '.lock-*']);
  });

  it('reads back a checked pair with its id, dates and facts', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await store.saveFacts(VIN, factsOf(pair));
    const stored = usablePair(await createCertificateStore(folder).production(VIN));
    assert.equal(stored?.certificateId, pair.certificateId);
    assert.deepEqual(stored.identity, {
      certificatePem: pair.certificatePem,
      privateKeyPem: pair.privateKeyPem,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(stored.facts)), JSON.parse(JSON.stringify(factsOf(pair))));
  });

  it('does not take the facts of another certificate for this one', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await store.saveFacts(VIN, factsOf(other));
    assert.equal(usablePair(await store.production(VIN))?.facts, undefined);
  });

  it('damaged facts do not make a good pair useless', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await writeFile(join(folder, VIN, 'provisioning.json'), '{"certificateId":');
    assert.equal(usablePair(await store.production(VIN))?.certificateId, pair.certificateId);
  });

  it('says nothing of a vehicle it never saw, and makes no folder for the question', async () => {
    const store = createCertificateStore(folder);
    assert.deepEqual(await store.production(VIN), { kind: 'none' });
    assert.deepEqual(await store.bootstrap(VIN), { kind: 'none' });
    assert.deepEqual(await store.ids(), []);
    await assert.rejects(lstat(folder), { code: 'ENOENT' });
  });

  it('gives a vehicle its folder in one step, and removes what a run left that ended before it', async () => {
    const store = createCertificateStore(folder);
    await store.ready();
    const lost = createCertificateStore(folder, { files: failing('rename', 'EIO') });
    await assert.rejects(lost.saveProduction(VIN, pair), { code: 'CERTIFICATE_STORE_FAILED' });
    assert.deepEqual(await store.production(VIN), { kind: 'none' });
    // A killed process removes nothing; and the number of this one may have been another's.
    for (const run of [`${2 ** 22 + 1}-abcdef01-1`, `${process.pid}-abcdef01-1`, '4194305-1']) {
      await mkdir(join(folder, `.incoming-${run}`), { mode: 0o700 });
      await writeFile(join(folder, `.incoming-${run}`, 'production-private.pem.key'), 'never used');
    }
    await mkdir(join(folder, `.incoming-${process.ppid}-abcdef01-1`), { mode: 0o700 });
    // No process here has this number, but this is not where it runs.
    const elsewhere = '.incoming-4194303-abcdef01-1-00000000';
    await mkdir(join(folder, elsewhere), { mode: 0o700 });
    await store.ready();
    const left = (await readdir(folder)).filter((name) => name.startsWith('.incoming-'));
    assert.deepEqual(
      left.sort(),
      [elsewhere, `.incoming-${process.ppid}-abcdef01-1`].sort(),
      'they may be alive',
    );
    await store.saveProduction(VIN, pair);
    assert.equal(usablePair(await store.production(VIN))?.certificateId, pair.certificateId);
    assert.deepEqual(await store.ids(), [VIN]);
  });

  it('two runs that make the files of one vehicle at the same time leave one whole pair', async () => {
    const stores = [createCertificateStore(folder), createCertificateStore(folder)];
    await stores[0]!.ready();
    const saved = await Promise.allSettled(
      [pair, other].map((each, index) => stores[index]!.saveProduction(VIN, each)),
    );
    const [first] = saved.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    assert.equal(saved.filter(({ status }) => status === 'rejected').length, 1);
    const kept = usablePair(await createCertificateStore(folder).production(VIN));
    assert.equal(kept?.certificateId, [pair, other][first ?? 2]?.certificateId);
  });

  it('never overwrites a production key', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await assert.rejects(store.saveProduction(VIN, other), { code: 'CERTIFICATE_EXISTS' });
    assert.equal(usablePair(await store.production(VIN))?.certificateId, pair.certificateId);
  });

  it('never overwrites a lone production key either', async () => {
    const store = createCertificateStore(folder);
    await mkdir(join(folder, VIN), { recursive: true });
    await writeFile(join(folder, VIN, 'production-private.pem.key'), 'precious');
    await assert.rejects(store.saveProduction(VIN, other), { code: 'CERTIFICATE_EXISTS' });
    refuses(await store.production(VIN), /key is kept/);
    const aside = await store.setAside(VIN);
    assert.equal(await readFile(join(aside!, 'production-private.pem.key'), 'utf8'), 'precious');
    assert.deepEqual(await store.production(VIN), { kind: 'none' });
  });

  it('sets a pair aside under its certificate id, twice if need be, losing neither', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await store.saveFacts(VIN, factsOf(pair));
    const first = await store.setAside(VIN);
    assert.equal(first, join(folder, VIN, 'previous', pair.certificateId));
    assert.deepEqual((await readdir(first)).sort(), [
      'production-certificate.pem.crt',
      'production-private.pem.key',
      'provisioning.json',
    ]);
    await store.saveProduction(VIN, pair);
    const second = await store.setAside(VIN);
    assert.equal(second, `${first}.1`);
    assert.equal(await store.setAside(VIN), undefined);
  });

  it('knows the certificates that were set aside with their keys, and no others', async () => {
    const store = createCertificateStore(folder);
    assert.deepEqual(await store.previousIds(VIN), []);
    await store.saveProduction(VIN, pair);
    await store.setAside(VIN);
    await store.saveProduction(VIN, other);
    const aside = (await store.setAside(VIN)) ?? '';
    assert.deepEqual((await store.previousIds(VIN)).sort(), [pair.certificateId, other.certificateId].sort());
    await writeFile(join(aside, 'production-private.pem.key'), pair.privateKeyPem);
    assert.deepEqual(await store.previousIds(VIN), [pair.certificateId]);
  });

  it('a pair that does not belong together is never written', async () => {
    const store = createCertificateStore(folder);
    const mixed = { ...pair, privateKeyPem: other.privateKeyPem };
    await assert.rejects(store.saveProduction(VIN, mixed), { code: 'CERTIFICATE_UNUSABLE' });
    await assert.rejects(store.saveBootstrap(VIN, mixed), { code: 'CERTIFICATE_UNUSABLE' });
    await assert.rejects(store.saveCandidate(VIN, mixed), { code: 'CERTIFICATE_UNUSABLE' });
    await assert.rejects(lstat(folder), { code: 'ENOENT' });
  });

  it('a damaged or foreign key, a missing or an expired certificate on disk is reported, not trusted', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    const key = join(folder, VIN, 'production-private.pem.key');
    await writeFile(key, other.privateKeyPem);
    refuses(await store.production(VIN), /another certificate/);
    await writeFile(key, 'garbage');
    refuses(await store.production(VIN), /cannot be read/);
    await rm(key);
    refuses(await store.production(VIN), /no private key/);
    await writeFile(key, pair.privateKeyPem);
    const later = createCertificateStore(folder, { now: () => Date.now() + 7_200_000 });
    refuses(await later.production(VIN), /expired/);
  });

  it('a certificate that names our root but was not signed by it is not trusted', async () => {
    const [authority, impostor] = [await makeAuthority(), await makeAuthority()];
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, await impostor.client(VIN));
    await store.saveRootCa(authority.rootPem);
    const stored = await store.production(VIN);
    refuses(stored, /not signed by it/);
    assert.ok(stored.kind === 'unusable' && stored.foreignIssuer);
  });

  it('no VIN leads out of the folder', async () => {
    const store = createCertificateStore(folder);
    for (const vin of ['..', '.', '', '../x', 'a/b', 'a\\b', 'a\0b', 'previous/..', 'x'.repeat(129), 'Ä']) {
      await assert.rejects(store.saveProduction(vin, pair), { code: 'VIN_INVALID' }, vin);
      await assert.rejects(store.remove(vin), { code: 'VIN_INVALID' }, vin);
      await assert.rejects(store.production(vin), { code: 'VIN_INVALID' }, vin);
    }
    await assert.rejects(lstat(folder), { code: 'ENOENT' });
  });

  it('links are refused: neither a key nor a folder is reached through one', async () => {
    const store = createCertificateStore(folder);
    await store.ready();
    const outside = join(folder, '..', 'outside');
    await mkdir(outside);
    await symlink(outside, join(folder, VIN));
    await assert.rejects(store.saveProduction(VIN, pair), { code: 'CERTIFICATE_STORE_FAILED' });
    assert.deepEqual(await readdir(outside), []);

    await store.saveProduction('OTHER', pair);
    const key = join(folder, 'OTHER', 'production-private.pem.key');
    await rm(key);
    await writeFile(join(outside, 'key'), pair.privateKeyPem);
    await symlink(join(outside, 'key'), key);
    await assert.rejects(store.production('OTHER'), { code: 'CERTIFICATE_STORE_FAILED' });
  });

  it('removing a vehicle removes a link in its folder, never what the link points to', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    const outside = join(folder, '..', 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'precious'), 'x');
    await symlink(outside, join(folder, VIN, 'link'));
    await store.remove(VIN);
    assert.deepEqual(await readdir(outside), ['precious']);
    assert.deepEqual(await store.ids(), []);
  });

  for (const [operation, code, words] of [
    ['create', 'ENOSPC', /disk is full/],
    ['create', 'EROFS', /read-only/],
    ['makeFolder', 'EACCES', /permission is denied/],
    ['rename', 'ENOSPC', /disk is full/],
  ] as const) {
    it(`${code} on ${operation} is one clear error that changes nothing`, async () => {
      await createCertificateStore(folder).saveBootstrap(VIN, pair);
      const tree = async () => (await readdir(folder, { recursive: true })).sort();
      const before = await tree();
      const store = createCertificateStore(folder, { files: failing(operation, code) });
      for (const attempt of [
        () => store.saveProduction(VIN, other),
        () => store.saveProduction('NEWVEHICLE', other),
        () => store.saveCandidate(VIN, other),
        () => store.saveBootstrap(VIN, other),
      ]) {
        await assert.rejects(attempt(), (error: { code: string; message: string; remedy: string }) => {
          assert.equal(error.code, 'CERTIFICATE_STORE_FAILED');
          assert.match(error.message, words);
          assert.ok(error.remedy);
          return true;
        });
      }
      assert.deepEqual(await tree(), before);
      assert.equal(
        usablePair(await createCertificateStore(folder).bootstrap(VIN))?.certificateId,
        pair.certificateId,
      );
    });
  }

  it('ready() can be asked by many at the same time', async () => {
    const store = createCertificateStore(folder);
    await assert.doesNotReject(Promise.all(Array.from({ length: 20 }, () => store.ready())));
    await assert.doesNotReject(store.ready());
  });

  it('ready() finds out before anything is asked of the cloud that nothing can be written', async () => {
    for (const operation of ['create', 'makeFolder'] as const) {
      const store = createCertificateStore(folder, { files: failing(operation, 'EROFS') });
      await assert.rejects(store.ready(), { code: 'CERTIFICATE_STORE_FAILED', message: /read-only/ });
    }
    await writeFile(join(folder, '..', 'file'), '');
    await assert.rejects(createCertificateStore(join(folder, '..', 'file', 'certs')).ready(), {
      code: 'CERTIFICATE_STORE_FAILED',
      message: /part of its path is a file/,
    });
  });

  it('a real folder without write permission is reported too', async function () {
    if (process.getuid?.() === 0) this.skip();
    await mkdir(folder, { mode: 0o500 });
    await assert.rejects(createCertificateStore(folder).ready(), { code: 'CERTIFICATE_STORE_FAILED' });
    await chmod(folder, 0o700);
  });

  it('a candidate waits beside the pair in use until it is promoted @slow', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await store.saveCandidate(VIN, other);
    assert.equal(usablePair(await store.production(VIN))?.certificateId, pair.certificateId);
    assert.equal(usablePair(await store.candidate(VIN))?.certificateId, other.certificateId);
    await store.promoteCandidate(VIN);
    assert.equal(usablePair(await store.production(VIN))?.certificateId, other.certificateId);
    assert.deepEqual(await store.candidate(VIN), { kind: 'none' });
    assert.deepEqual(await readdir(join(folder, VIN, 'previous')), [pair.certificateId]);
  });

  it('a dropped candidate is kept under previous and leaves the pair in use alone', async () => {
    const store = createCertificateStore(folder);
    await store.saveProduction(VIN, pair);
    await store.saveCandidate(VIN, other);
    await store.dropCandidate(VIN);
    assert.deepEqual(await store.candidate(VIN), { kind: 'none' });
    assert.equal(usablePair(await store.production(VIN))?.certificateId, pair.certificateId);
    assert.deepEqual(await readdir(join(folder, VIN, 'previous')), [other.certificateId]);
  });

  it('calls for one vehicle at the same time do not mix their files', async () => {
    const store = createCertificateStore(folder);
    const results = await Promise.allSettled([
      store.saveProduction(VIN, pair),
      store.saveProduction(VIN, other),
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected'],
    );
    assert.equal(usablePair(await store.production(VIN))?.certificateId, pair.certificateId);
  });

  it('lists the vehicles it holds, and nothing else', async () => {
    const store = createCertificateStore(folder);
    await store.ready();
    await store.saveRootCa('root');
    await store.saveProduction('VIN2', pair);
    await store.saveProduction('VIN1', pair);
    assert.deepEqual(await store.ids(), ['VIN1', 'VIN2']);
  });
});
