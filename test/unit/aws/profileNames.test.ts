import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromIni } from '@aws-sdk/credential-providers';
import { listProfiles, readProfileFiles } from '../../../src/aws/profiles.ts';
import { splitWords } from '../../../src/aws/sectionName.ts';
import { resolveSettings } from '../../../src/aws/settings.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { useAwsFiles, type AwsFiles } from '../../support/awsFiles.ts';

// Each name as `aws configure` writes it: in quotes, where the shell would need them.
const CONFIG = `\uFEFF[profile 'My Corp Dev'] ; comment
region = us-east-1
[profile "two words"]
Region: us-east-2
[profile 'O'"'"'Brien']
region = us-west-1
[profile Zürich]
region = eu-central-2
[profile 開発]
region = ap-northeast-1
[profile a\\ b]
region = eu-west-1
  [profile tabbed\t]
region = eu-west-2
[profile 'br]acket']
region = eu-west-3
[profile three plain words]
region = nowhere
[profile 'unclosed]
region = nowhere
[preview]
region = nowhere
[profile.dotted]
region = nowhere
[sso-session 'My Corp']
sso_region = eu-north-1
[services 'Our Own']
iot =
  endpoint_url = http://127.0.0.1:7777
[profile uses]
region = us-west-2
services = Our Own
`;
const CREDENTIALS = `[My Corp]
AWS_ACCESS_KEY_ID = AKIDTWO
aws_secret_access_key = secret
[profile wrong]
aws_access_key_id = AKIDWRONG
aws_secret_access_key = secret
[Zürich]
aws_access_key_id = AKIDZUERICH
aws_secret_access_key = secret
[My Corp Dev]
aws_access_key_id = AKIDTHREE
aws_secret_access_key = secret
`;

describe('names of profiles', () => {
  let files: AwsFiles;
  beforeEach(() => (files = useAwsFiles({ config: CONFIG, credentials: CREDENTIALS })));
  afterEach(() => files.restore());

  it('are read as the AWS CLI reads them, in both files', async () => {
    const regions = Object.fromEntries((await listProfiles()).map(({ name, region }) => [name, region]));
    assert.deepEqual(regions, {
      'My Corp': undefined,
      'My Corp Dev': 'us-east-1',
      "O'Brien": 'us-west-1',
      Zürich: 'eu-central-2',
      'a b': 'eu-west-1',
      'br]acket': 'eu-west-3',
      'profile wrong': undefined,
      tabbed: 'eu-west-2',
      'two words': 'us-east-2',
      uses: 'us-west-2',
      開発: 'ap-northeast-1',
    });
  });

  it('lead the SDK to the same keys', async () => {
    await readProfileFiles();
    for (const [profile, key] of [
      ['My Corp', 'AKIDTWO'],
      ['My Corp Dev', 'AKIDTHREE'],
      ['Zürich', 'AKIDZUERICH'],
    ] as const)
      assert.equal((await fromIni({ profile })()).accessKeyId, key);
  });

  it('may be those of sessions and services', async () => {
    assert.equal((await readProfileFiles()).session('My Corp')?.sso_region, 'eu-north-1');
    const settings = await resolveSettings({ profile: 'uses' }, {});
    assert.equal(settings.endpointOf('iot'), 'http://127.0.0.1:7777');
    assert.equal(settings.endpointOf('iam'), undefined);
  });

  it('are seen by the SDK as soon as they are written', async () => {
    await readProfileFiles();
    const { AWS_SHARED_CREDENTIALS_FILE: file = '' } = process.env;
    writeFileSync(file, readFileSync(file, 'utf8').replace('AKIDTWO', 'AKIDNEW'));
    await readProfileFiles();
    assert.equal((await fromIni({ profile: 'My Corp' })()).accessKeyId, 'AKIDNEW');
  });

  it('are none while a file cannot be read, and that is said', async () => {
    process.env.AWS_CONFIG_FILE = path.join(files.folder, 'loop');
    symlinkSync('loop', process.env.AWS_CONFIG_FILE);
    await assert.rejects(resolveSettings({ profile: 'dev' }, {}), (error: unknown) => {
      assert.ok(error instanceof CmsError);
      assert.equal(error.code, 'PROFILE_UNKNOWN');
      assert.match(english(error.remedy ?? ''), /loop readable \(ELOOP\)/);
      return true;
    });
  });
});

describe('words of a section', () => {
  // What Python's shlex.split gives for each.
  for (const [text, words] of [
    ["profile 'a b'", ['profile', 'a b']],
    ['profile a\\ b', ['profile', 'a b']],
    ['"a\\b" "a\\"b" "a\\\\b"', ['a\\b', 'a"b', 'a\\b']],
    ["'a\\b'", ['a\\b']],
    ["''", ['']],
    ['a""b\'c\'', ['abc']],
    ['  a\t b ', ['a', 'b']],
    ['x\u00a0y', ['x\u00a0y']],
    ["'open", undefined],
    ['end\\', undefined],
  ] as const)
    it(`are those of a shell: ${text}`, () => assert.deepEqual(splitWords(text), words));
});
