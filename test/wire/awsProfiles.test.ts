import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readProfileFiles } from '../../src/aws/profiles.ts';
import { useAwsFiles, type AwsFiles } from '../support/awsFiles.ts';

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
