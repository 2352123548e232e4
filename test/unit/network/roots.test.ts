import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { certificatesIn, collectRoots } from '../../../src/network/roots.ts';
import { createTestCa } from '../../support/testCertificates.ts';

describe('the roots for HTTPS', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-roots-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function fileOf(name: string, text: string): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return file;
  }

  it('are those of every source, each once', async () => {
    const [one, two] = [(await createTestCa('One')).root, (await createTestCa('Two')).root];
    const bundle = await fileOf('bundle.pem', `# a comment\r\n${one.replaceAll('\n', '\r\n')}\r\n${two}`);
    const again = await fileOf('again.pem', two);
    const files = [{ from: 'ca_bundle of profile dev', file: bundle }];
    const { pems, sources } = await collectRoots(files, { env: { AWS_CA_BUNDLE: again, SSL_CERT_FILE: '' } });
    for (const pem of [one, two]) {
      assert.equal(pems.filter((each) => each.replaceAll('\n', '') === pem.replaceAll('\n', '')).length, 1);
    }
    // Amazon's, with which AWS answers, stay among them whatever else is named.
    assert.ok(rootCertificates.every((root) => pems.includes(root.trim())));
    const counts = sources.map(({ from, count }) => [from, count]);
    assert.deepEqual(counts.slice(2), [
      ['ca_bundle of profile dev', 2],
      ['AWS_CA_BUNDLE', 1],
    ]);
    assert.equal(counts[0]?.[0], 'Node.js');
  });

  it('are still those of the others when one cannot be read, which says why', async () => {
    const empty = await fileOf('empty.pem', 'nothing');
    const missing = path.join(folder, 'missing.pem');
    const { pems, sources } = await collectRoots([], {
      env: { AWS_CA_BUNDLE: missing, NODE_EXTRA_CA_CERTS: empty },
    });
    assert.ok(pems.length >= rootCertificates.length);
    assert.deepEqual(
      sources.slice(2).map(({ from, problem }) => [from, problem]),
      [
        ['AWS_CA_BUNDLE', 'ENOENT'],
        ['NODE_EXTRA_CA_CERTS', 'it holds no certificate in PEM'],
      ],
    );
  });

  it('are those that an editor trusts, too, as far as they are any', async () => {
    const { root } = await createTestCa('Of the Editor');
    const { pems, sources } = await collectRoots([], {
      env: {},
      trusted: () => Promise.resolve([root, 'no certificate']),
    });
    assert.ok(pems.includes(root.trim()));
    assert.equal(sources.find(({ from }) => from === 'the editor')?.count, 1);
    const none = await collectRoots([], { env: {}, trusted: () => Promise.reject(new Error('x')) });
    assert.equal(none.sources.find(({ from }) => from === 'the editor')?.count, 0);
  });

  it('are those of every file in a folder, too, whoever names it', async () => {
    const [one, two, three] = await Promise.all(
      ['Folder One', 'Folder Two', 'Folder Three'].map(async (name) => (await createTestCa(name)).root),
    );
    const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
    for (const each of [first, second]) await mkdir(path.join(each, 'deeper.pem'), { recursive: true });
    await writeFile(path.join(first, 'one.pem'), one ?? '');
    await writeFile(path.join(first, 'a1b2c3d4.0'), one ?? '');
    await writeFile(path.join(first, 'key.txt'), three ?? '');
    await writeFile(path.join(second, 'two.crt'), two ?? '');
    const { pems, sources } = await collectRoots([], {
      env: {
        SSL_CERT_DIR: `${first}${path.delimiter}${path.join(folder, 'away')}`,
        REQUESTS_CA_BUNDLE: second,
      },
    });
    assert.deepEqual(
      [one, two, three].map((pem) => pems.includes((pem ?? '').trim())),
      [true, true, false],
    );
    assert.deepEqual(
      sources.slice(2).map(({ from, count, problem }) => [from, count, problem]),
      [
        ['REQUESTS_CA_BUNDLE', 1, undefined],
        ['SSL_CERT_DIR', 1, undefined],
        ['SSL_CERT_DIR', 0, 'ENOENT'],
      ],
    );
  });

  it('are read from between other text, and what is damaged is left out', async () => {
    const { root } = await createTestCa();
    const broken = root.replace(/MII./, 'AAAA');
    assert.equal(certificatesIn(`Subject: x\n${root}\n${broken}\n-----BEGIN CERTIFICATE-----\n`).length, 1);
  });
});
