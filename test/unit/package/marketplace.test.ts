import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageManifest } from '../../../tools/package/manifest.ts';

const root = path.resolve(__dirname, '../../..');
const manifest = packageManifest(root, {}) as Record<string, unknown> & {
  name: string;
  publisher: string;
  version: string;
  icon: string;
  categories: string[];
  keywords: string[];
  engines: { vscode: string };
  galleryBanner: { color: string; theme: string };
};
const texts = JSON.parse(readFileSync(path.join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;

/** As the Marketplace lists them for publishers. */
const CATEGORIES =
  'AI, Azure, Chat, Data Science, Debuggers, Education, Extension Packs, Formatters, Keymaps, Language Packs, ' +
  'Linters, Machine Learning, Notebooks, Other, Programming Languages, SCM Providers, Snippets, Testing, Themes, Visualization';

describe('The manifest, by the rules of the Marketplace,', () => {
  it('has a name and a publisher of letters, digits and hyphens', () => {
    assert.match(manifest.name, /^[a-z0-9][a-z0-9-]*$/);
    assert.match(manifest.publisher, /^[a-z0-9][a-z0-9-]*$/i);
  });

  it('has a version of three numbers and nothing behind them', () => {
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
  });

  it('has a display name and a description of one line', () => {
    assert.ok((texts.displayName ?? '').length > 0);
    assert.match(texts.description ?? '', /^.{20,200}$/);
  });

  it('has an icon that is a PNG of at least 128 by 128 pixels, on a banner that fits', () => {
    const png = readFileSync(path.join(root, manifest.icon));
    assert.equal(png.toString('latin1', 1, 4), 'PNG');
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    assert.ok(width === height && width >= 128, `${width} × ${height}`);
    assert.match(manifest.galleryBanner.color, /^#[0-9a-f]{6}$/i);
    assert.ok(['dark', 'light'].includes(manifest.galleryBanner.theme));
  });

  it('has known categories, and keywords few and different', () => {
    const known = CATEGORIES.split(', ');
    assert.ok(manifest.categories.length > 0);
    assert.deepEqual(
      manifest.categories.filter((category) => !known.includes(category)),
      [],
    );
    // The packager adds some of its own, such as file types; thirty in all are taken.
    assert.ok(manifest.keywords.length > 0 && manifest.keywords.length <= 20);
    assert.equal(new Set(manifest.keywords.map((word) => word.toLowerCase())).size, manifest.keywords.length);
  });

  it('says that it costs nothing, and that it is not finished', () => {
    assert.equal(manifest.pricing, 'Free');
    assert.equal(manifest.preview, manifest.version.startsWith('0.'));
  });

  it('sends questions to the repository, and shows no badges that watch who looks', () => {
    assert.equal(manifest.qna, false);
    assert.equal(manifest.badges, undefined);
  });

  it('has a licence whose text is there', () => {
    assert.equal(manifest.license, 'Apache-2.0');
    assert.match(readFileSync(path.join(root, 'LICENSE'), 'utf8'), /Apache License\s+Version 2\.0/);
  });

  it('starts at what is done, not with the editor', () => {
    assert.ok(!(manifest.activationEvents as string[]).includes('*'));
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('uses no API that is newer than the lowest editor it promises to run in', () => {
    const types = JSON.parse(
      readFileSync(path.join(root, 'node_modules/@types/vscode/package.json'), 'utf8'),
    ) as { version: string };
    assert.equal(manifest.engines.vscode, `^${types.version}`);
  });

  it('has every text that it names', () => {
    const named = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? '');
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((key) => !(key in texts)),
      [],
    );
    assert.deepEqual(
      Object.keys(texts).filter((key) => !named.includes(key)),
      [],
    );
  });

  it('names only files that there are', () => {
    const files = [...JSON.stringify(manifest).matchAll(/"(?:\.\/)?(media\/[^"]+)"/g)].map(
      ([, file]) => file ?? '',
    );
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.filter((file) => !existsSync(path.join(root, file))),
      [],
    );
  });

  it('leaves addresses out where nobody knows them, and takes them from the workflow that publishes', () => {
    for (const name of ['repository', 'bugs', 'homepage']) assert.equal(manifest[name], undefined, name);
    const published = packageManifest(root, {
      GITHUB_SERVER_URL: 'https://git.example',
      GITHUB_REPOSITORY: 'fleet/cms',
    });
    assert.deepEqual(published.repository, { type: 'git', url: 'https://git.example/fleet/cms.git' });
    assert.deepEqual(published.bugs, { url: 'https://git.example/fleet/cms/issues' });
    assert.equal(published.homepage, 'https://git.example/fleet/cms#readme');
  });
});

describe('README.md, which the Marketplace shows,', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const images = [
    ...[...readme.matchAll(/!\[[^\]]*\]\(([^)\s]+)/g)].map(([, source]) => source ?? ''),
    ...[...readme.matchAll(/<img[^>]+src="([^"]+)"/g)].map(([, source]) => source ?? ''),
  ];

  it('shows pictures over https or of the repository, and no SVG', () => {
    for (const image of images) {
      assert.doesNotMatch(image, /^http:|\.svg(\?|$)/i, image);
      if (!image.startsWith('https:')) assert.ok(existsSync(path.join(root, image)), image);
    }
  });
});
