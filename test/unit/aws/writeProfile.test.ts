import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { readProfileFiles } from '../../../src/aws/profiles.ts';
import { planProfile, withProfile, writeProfile } from '../../../src/aws/writeProfile.ts';

const KEYS = { region: 'us-west-2', endpoint_url: 'http://127.0.0.1:4566' };

describe('A profile that is written into the AWS config file', () => {
  it('is added at the end of what is there', () => {
    const before = '[default]\nregion = eu-west-1';
    const { text, exists, lines } = withProfile(before, 'cms-sandbox', KEYS);
    assert.equal(
      text,
      '[default]\nregion = eu-west-1\n\n[profile cms-sandbox]\nregion = us-west-2\nendpoint_url = http://127.0.0.1:4566\n',
    );
    assert.deepEqual([exists, lines.length], [false, 3]);
  });

  it('changes its own lines only, and keeps comments, other keys and the ends of lines', () => {
    const before =
      '[profile a]\r\nregion = x\r\n\r\n[profile  "cms-sandbox"] # mine\r\n# a note\r\nRegion=y\r\noutput = json\r\n\r\n[profile b]\r\nregion = z\r\n';
    const { text, exists, lines } = withProfile(before, 'cms-sandbox', KEYS);
    assert.equal(
      text,
      '[profile a]\r\nregion = x\r\n\r\n[profile  "cms-sandbox"] # mine\r\n# a note\r\nRegion = us-west-2\r\noutput = json\r\nendpoint_url = http://127.0.0.1:4566\r\n\r\n[profile b]\r\nregion = z\r\n',
    );
    assert.deepEqual([exists, lines], [true, ['Region = us-west-2', 'endpoint_url = http://127.0.0.1:4566']]);
  });

  it('keeps the end of each line, where a file has both', () => {
    const before = '[profile a]\r\nregion = x\n[profile cms-sandbox]\nregion = y\r\n';
    const { text } = withProfile(before, 'cms-sandbox', { region: 'z' });
    assert.equal(text, '[profile a]\r\nregion = x\n[profile cms-sandbox]\nregion = z\r\n');
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('[default]', '[profile cms-sandbox]', 'region = q', '', '# c', '[profile o]'),
        ),
        (given) => {
          const once = withProfile(given.join('\n'), 'cms-sandbox', KEYS);
          const again = withProfile(once.text, 'cms-sandbox', KEYS);
          assert.deepEqual([again.text, again.lines], [once.text, []]);
        },
      ),
    );
  });

  describe('on the disk', () => {
    let home: string;
    const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
    beforeEach(async () => {
      home = await mkdtemp(path.join(os.tmpdir(), 'aws-'));
      process.env.AWS_CONFIG_FILE = path.join(home, '.aws/config');
      process.env.AWS_SHARED_CREDENTIALS_FILE = path.join(home, '.aws/credentials');
    });
    afterEach(async () => {
      Object.assign(process.env, { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE });
      if (AWS_CONFIG_FILE === undefined) delete process.env.AWS_CONFIG_FILE;
      if (AWS_SHARED_CREDENTIALS_FILE === undefined) delete process.env.AWS_SHARED_CREDENTIALS_FILE;
      await rm(home, { recursive: true, force: true });
    });

    it('is what the AWS tools read then, in a file for its owner alone', async () => {
      await writeProfile(await planProfile('my sandbox', KEYS));
      const files = await readProfileFiles();
      assert.deepEqual(files.profile('my sandbox'), KEYS);
      assert.equal((await stat(path.join(home, '.aws/config'))).mode & 0o777, 0o600);
    });

    it('leaves alone what was changed meanwhile, and what is not in UTF-8', async () => {
      await writeProfile(await planProfile('a', KEYS));
      const change = await planProfile('b', KEYS);
      const file = path.join(home, '.aws/config');
      await writeFile(file, '[profile other]\nregion = x\n');
      await assert.rejects(writeProfile(change), {
        code: 'REQUEST_INVALID',
        message: /was changed meanwhile/,
      });
      assert.equal(await readFile(file, 'utf8'), '[profile other]\nregion = x\n');
      await writeFile(file, Buffer.from('[profile M\xfcller]\n', 'latin1'));
      await assert.rejects(planProfile('b', KEYS), { code: 'REQUEST_INVALID', message: /is not in UTF-8/ });
    });

    it('does not follow a link', async () => {
      const real = path.join(home, 'dotfiles');
      await writeFile(real, '[default]\n');
      process.env.AWS_CONFIG_FILE = path.join(home, 'config');
      await symlink(real, process.env.AWS_CONFIG_FILE);
      await assert.rejects(writeProfile(await planProfile('a', KEYS)), { code: 'PATH_UNSAFE' });
      assert.equal(await readFile(real, 'utf8'), '[default]\n');
    });
  });
});
