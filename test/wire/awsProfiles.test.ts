import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readProfileFiles } from '../../src/aws/profiles.ts';
import { useAwsFiles, type AwsFiles } from '../support/awsFiles.ts';
import { runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const run = promisify(execFile);

/** What botocore, the loader of the AWS CLI, makes of the files: the region and key of each profile, and each session. */
const BOTOCORE = `
import json, botocore.session
config = botocore.session.Session().full_config
pick = lambda section: [section.get(key) for key in ('region', 'aws_access_key_id')]
print(json.dumps({
    'profiles': {name: pick(section) for name, section in config['profiles'].items()},
    'sessions': {name: section.get('sso_region') for name, section in config['sso_sessions'].items()},
}))`;

const NAMES = [
  'plain', "'My Corp'", "'My Corp Dev'", '"double quotes"', 'Zürich', '開発', '😀', `'O'"'"'Brien'`, 'a\\ b',
  "'semi;colon'", "'slash\\back'", '"slash\\\\back2"', "''", 'three plain words', "'unclosed", 'trailing\\',
  'a.b/c:d@e+f%g', "'sso-session x'", "  'blanks before'", "\t'tab before'", "'ends with blank '", 'x"y"z',
  "'with = sign'", "'[bracket'", 'profile', 'default',
]; // prettier-ignore

const CONFIG = [
  '[default]\nregion = d-1\n[preview]\nregion = no\n[profile.dotted]\nregion = no\n[profileglued]\nregion = no',
  ...NAMES.flatMap((name, at) => [
    `[profile ${name}]\nregion = r-${at}`,
    `[sso-session ${name}]\nsso_region = s-${at}`,
  ]),
  '[profile capitals]\nREGION = big-1\n[profile colon]\nregion: colon-1\n[profile comment] # a comment\nregion = c-1',
].join('\n');
const CREDENTIALS = [
  'plain', 'two words', 'three plain words', 'Zürich', '開発', 'profile plain', "'quoted name'", 'sso-session x',
]
  .map((name, at) => `[${name}]\nAWS_Access_Key_Id = AKID${at}`)
  .join('\n'); // prettier-ignore

describe('a profile on the command line', () => {
  let sandbox: SandboxProcess;
  let home: string;
  before(async () => {
    sandbox = await startSandbox();
    home = await mkdtemp(path.join(os.tmpdir(), 'profiles-'));
    await mkdir(path.join(home, '.aws'));
    const here = `region = us-west-2\nendpoint_url = ${sandbox.endpoint}\nca_bundle = ${sandbox.caFile}`;
    await writeFile(
      path.join(home, '.aws/config'),
      `[profile 'My Corp']\n${here}\n[profile 開発]\n${here}\nsso_session = Our Corp\nsso_account_id = 1\nsso_role_name = r
[sso-session 'Our Corp']\nsso_region = eu-central-1\nsso_start_url = https://corp.awsapps.com/start
[profile role]\n${here}\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = 開発
[profile gone]\n${here}\nsso_session = Gone Corp\nsso_account_id = 1\nsso_role_name = r\n`,
    );
    await writeFile(
      path.join(home, '.aws/credentials'),
      `[My Corp]\naws_access_key_id = ${testCredentials.accessKeyId}\naws_secret_access_key = sandbox\n`,
    );
  });
  after(async () => {
    await sandbox.stop();
    await rm(home, { recursive: true, force: true });
  });

  const stacks = (profile: string) => {
    const env = { HOME: home, AWS_CONFIG_FILE: undefined, AWS_SHARED_CREDENTIALS_FILE: undefined };
    return runCli(['stacks', '--profile', profile], { env });
  };

  it('may have blanks in its name, in both files', async () => {
    const { code, stdout, stderr } = await stacks('My Corp');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /cms-dev1/);
  });

  it('names the command that signs in', async () => {
    const { code, stderr } = await stacks('role');
    assert.equal(code, 1);
    assert.match(stderr, /Profile role uses profile 開発, which is not signed in to AWS SSO\./);
    assert.match(stderr, /Run "aws sso login --profile 開発" in a terminal.*\(CREDENTIALS_EXPIRED/s);
  });

  it('that names a session which is not there is told so', async () => {
    const { code, stderr } = await stacks('gone');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /Profile gone names \[sso-session Gone Corp\], which is not in the AWS config file\./,
    );
    assert.match(stderr, /\(PROFILE_INVALID/);
  });

  it('that does not exist is told which do', async () => {
    const { stderr } = await stacks('Our Corp');
    assert.match(stderr, /Use one of: My Corp, gone, role, 開発\./);
  });
});

describe('the AWS config files', () => {
  let files: AwsFiles;
  before(() => (files = useAwsFiles({ config: CONFIG, credentials: CREDENTIALS })));
  after(() => files.restore());

  it('say the same to us as to the AWS CLI', async () => {
    const { stdout } = await run('/usr/bin/python3', ['-c', BOTOCORE], { env: process.env });
    const theirs = JSON.parse(stdout) as {
      profiles: Record<string, (string | null)[]>;
      sessions: Record<string, string>;
    };
    const ours = await readProfileFiles();
    assert.deepEqual(ours.names, Object.keys(theirs.profiles).sort());
    for (const name of ours.names) {
      const { region = null, aws_access_key_id: key = null } = ours.profile(name) ?? {};
      assert.deepEqual([region, key], theirs.profiles[name], name);
    }
    for (const [name, region] of Object.entries(theirs.sessions))
      assert.equal(ours.session(name)?.sso_region, region, name);
  });
});
