import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { noticesOf, notAllowed, packagesOf } from '../../../tools/package/notices.ts';

describe('Notices about the packages in the bundles', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'notices-test-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function install(folder: string, manifest: object, files: Record<string, string> = {}): void {
    const where = path.join(root, 'node_modules', folder);
    mkdirSync(where, { recursive: true });
    writeFileSync(path.join(where, 'package.json'), JSON.stringify(manifest));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(where, name), text);
  }

  it('name every package that a file comes from, once, and no file of this project', () => {
    install('b', { name: 'b', version: '2.0.0', license: 'MIT' }, { LICENSE: 'Text of b' });
    install('@a/c', { name: '@a/c', version: '1.0.0', license: 'ISC' }, { 'LICENSE.md': 'Text of c' });
    const files = [
      'src/cli.ts',
      'node_modules/b/x.js',
      'node_modules/b/y/z.js',
      'node_modules/@a/c/index.js',
    ];
    const packages = packagesOf(root, files);
    assert.deepEqual(
      packages.map(({ name, version, licence }) => [name, version, licence]),
      [
        ['@a/c', '1.0.0', 'ISC'],
        ['b', '2.0.0', 'MIT'],
      ],
    );
    const text = noticesOf(packages);
    assert.match(text, / {2}@a\/c 1\.0\.0 \(ISC\)\n {2}b 2\.0\.0 \(MIT\)/);
    assert.match(text, /Text of b/);
    assert.match(text, /Text of c/);
  });

  it('tell two versions of a package apart', () => {
    install('b', { name: 'b', version: '2.0.0', license: 'MIT' });
    install('a/node_modules/b', { name: 'b', version: '1.0.0', license: 'MIT' });
    const packages = packagesOf(root, ['node_modules/b/x.js', 'node_modules/a/node_modules/b/x.js']);
    assert.deepEqual(packages.map(({ version }) => version).sort(), ['1.0.0', '2.0.0']);
  });

  it('give a text that several packages share once, and a NOTICE with its licence', () => {
    install('a', { name: 'a', version: '1.0.0', license: 'MIT' }, { LICENSE: 'The same\r\ntext' });
    install('b', { name: 'b', version: '1.0.0', license: 'MIT' }, { LICENSE: 'The same\ntext' });
    install(
      'c',
      { name: 'c', version: '1.0.0', license: 'Apache-2.0' },
      { LICENSE: 'Long', NOTICE: 'By us' },
    );
    const text = noticesOf(
      packagesOf(
        root,
        ['a', 'b', 'c'].map((name) => `node_modules/${name}/i.js`),
      ),
    );
    assert.equal(text.split('The same\ntext').length, 2);
    assert.match(text, /Long\n\nBy us/);
  });

  it('say who made a package that brings no text', () => {
    install('a', { name: 'a', version: '1.0.0', license: 'MIT', author: { name: 'Ann' } });
    assert.match(noticesOf(packagesOf(root, ['node_modules/a/i.js'])), /names MIT\. It is the work of Ann\./);
  });

  it('are refused for a licence that is not known to be fine, or none at all', () => {
    const licences = ['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC', 'GPL-3.0', 'MIT AND GPL-3.0', undefined];
    licences.forEach((license, i) =>
      install(`p${i}`, { name: `p${i}`, version: '1.0.0', ...(license === undefined ? {} : { license }) }),
    );
    const packages = packagesOf(
      root,
      licences.map((_, i) => `node_modules/p${i}/i.js`),
    );
    assert.deepEqual(
      notAllowed(packages).map(({ licence }) => licence),
      ['GPL-3.0', 'MIT AND GPL-3.0', 'unknown'],
    );
  });
});
