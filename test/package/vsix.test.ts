import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { libraryFile, libraryFolder, targets } from '../../tools/package/targets.ts';
import { readZip } from '../support/readZip.ts';

const root = path.resolve(__dirname, '../..');

/** All that may be in a package, below `extension/`, and each of it must be there. */
const ALLOWED = [
  /^package\.json$/,
  /^package\.nls\.json$/,
  /^package\.nls\.de\.json$/,
  /^l10n\/bundle\.l10n(\.de)?\.json$/,
  /^readme\.md$/,
  /^changelog\.md$/,
  /^LICENSE\.txt$/,
  /^THIRD_PARTY_NOTICES\.txt$/,
  /^docs\/[a-z-]+\.md$/,
  /^docs\/images\/[a-z-]+\.svg$/,
  /^docs\/iam\/(([a-z-]+\/)?[a-z-]+\.json|README\.md)$/,
  /^media\/icon\.png$/,
  /^media\/icons\/[a-z-]+\.svg$/,
  /^media\/walkthrough\/[a-z-]+\.svg$/,
  /^media\/routes\/(README\.md|[a-z]+\.(csv|gpx|kml|geojson))$/,
  /^dist\/(extension|later|backend|device|sandbox|cli|commands|lambda|mcp|registrations)\.js$/,
  /^dist\/part-[\w-]+\.js$/,
  /^dist\/fleet\.schema\.json$/,
  /^dist\/map\/map\.(js|css)$/,
  /^dist\/chart\/chart\.(js|css)$/,
  /^dist\/map\/maplibre-gl-worker\.mjs$/,
  /^dist\/map\/basemap\.json$/,
  /^dist\/bin\/[a-z0-9-]+\/aws-crt-nodejs\.node$/,
];

describe('npm run package -- --target all', () => {
  let folder: string;

  before(async function () {
    this.timeout(600_000);
    // The tests of the installed package use what is made here.
    const given = process.env.CMS_PACKAGE_FOLDER;
    folder = given ?? (await mkdtemp(path.join(os.tmpdir(), 'cms-package-test-')));
    const program = path.join(root, 'tools/package/main.ts');
    execFileSync(process.execPath, ['--import', 'tsx', program, '--target', 'all', '--out', folder], {
      cwd: root,
      stdio: 'inherit',
    });
  });
  after(async () => {
    if (process.env.CMS_PACKAGE_FOLDER === undefined) await rm(folder, { recursive: true, force: true });
  });

  async function vsixOf(target: string): Promise<string> {
    const name = (await readdir(folder)).find((file) => file.endsWith(`-${target}.vsix`));
    assert.ok(name, `no package for ${target}`);
    return path.join(folder, name);
  }

  it('makes one package for each platform, and nothing else', async () => {
    const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    const expected = Object.keys(targets).map((target) => `${name}-${version}-${target}.vsix`);
    assert.deepEqual((await readdir(folder)).sort(), expected.sort());
  });

  for (const [target, library] of Object.entries(targets)) {
    describe(`for ${target}`, () => {
      let files: Map<string, Buffer>;
      let names: string[];

      before(async () => {
        files = await readZip(await vsixOf(target));
        names = [...files.keys()]
          .filter((name) => name.startsWith('extension/'))
          .map((name) => name.slice('extension/'.length));
      });

      it('is smaller than 6.4 MB', async () => {
        const { size } = await stat(await vsixOf(target));
        assert.ok(size < 6.4e6, `${size} bytes`);
      });

      it('holds what is allowed, all of it and nothing else', () => {
        assert.deepEqual(
          names.filter((name) => !ALLOWED.some((form) => form.test(name))),
          [],
        );
        assert.deepEqual(
          ALLOWED.filter((form) => !names.some((name) => form.test(name))),
          [],
        );
      });

      it('holds its own native library and no other', async () => {
        const wanted = `dist/bin/${library}/${libraryFile}`;
        assert.deepEqual(
          names.filter((name) => name.endsWith('.node')),
          [wanted],
        );
        const original = await readFile(path.join(libraryFolder(root), library, libraryFile));
        assert.equal(hash(files.get(`extension/${wanted}`)), hash(original));
      });

      it('shows the pictures of its README without a repository on the web', function () {
        if (process.env.GITHUB_REPOSITORY !== undefined) this.skip();
        const readme = String(files.get('extension/readme.md'));
        const images = [...readme.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, from]) => from!);
        assert.ok(images.length > 0);
        for (const image of images) {
          const [kind, png = ''] = image.split(',');
          assert.equal(kind, 'data:image/png;base64');
          assert.equal(Buffer.from(png, 'base64').subarray(1, 4).toString(), 'PNG');
        }
      });

      it('says for which platform it is', () => {
        const manifest = String(files.get('extension.vsixmanifest'));
        assert.match(manifest, new RegExp(`TargetPlatform="${target}"`));
      });

      it('tells nothing of development', () => {
        const manifest = JSON.parse(String(files.get('extension/package.json'))) as Record<string, unknown>;
        for (const name of ['scripts', 'devDependencies', 'dependencies', 'private'])
          assert.equal(manifest[name], undefined, name);
        for (const name of names.filter((one) => one.endsWith('.js')))
          assert.doesNotMatch(String(files.get(`extension/${name}`)), /sourceMappingURL=[\w./-]+\.map/, name);
      });

      it('brings the licences of what is bundled', () => {
        const notices = String(files.get('extension/THIRD_PARTY_NOTICES.txt'));
        for (const name of ['aws-crt', '@aws-sdk/client-iot', 'maplibre-gl', 'mqtt-packet', 'zod'])
          assert.match(notices, new RegExp(`^  ${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
        assert.match(notices, /Apache License/);
      });
    });
  }
});

describe('the bundles', () => {
  it('are ASCII, which Node reads and compiles in half the time of UTF-16', async () => {
    const folder = path.join(root, 'dist');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    assert.ok(names.includes('cli.js'));
    for (const name of names) {
      const beyond = /\P{ASCII}.{0,40}/su.exec(await readFile(path.join(folder, name), 'utf8'));
      assert.equal(beyond?.[0], undefined, name);
    }
  });

  it('leave out the languages of zod: it is imported as a namespace, of which bundlers drop what is unused', async () => {
    const folder = path.join(root, 'dist');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    assert.ok(names.some((name) => name.startsWith('part-')));
    for (const name of names)
      assert.doesNotMatch(await readFile(path.join(folder, name), 'utf8'), /Entrada inv/, name);
  });
});

function hash(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}
