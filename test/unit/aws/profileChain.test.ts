import assert from 'node:assert/strict';
import { profileChain } from '../../../src/aws/profileChain.ts';
import { readProfileFiles } from '../../../src/aws/profiles.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { useAwsFiles, type AwsFiles } from '../../support/awsFiles.ts';

const ROLE = 'role_arn = arn:aws:iam::123456789012:role/r';
const CONFIG = `
[profile keys]
aws_access_key_id = A
aws_secret_access_key = B
[profile half]
aws_access_key_id = A
[profile role]
${ROLE}
source_profile = second
mfa_serial = m
[profile second]
${ROLE}
source_profile = My Corp
[profile 'My Corp']
sso_session = Corp One
sso_account_id = 123456789012
sso_role_name = Fleet
[sso-session 'Corp One']
sso_region = eu-central-1
sso_start_url = https://corp.awsapps.com/start
[profile legacy]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 123456789012
sso_role_name = Fleet
[profile own]
${ROLE}
source_profile = own
aws_access_key_id = A
aws_secret_access_key = B
[profile web]
${ROLE}
web_identity_token_file = /token
[profile over-web]
${ROLE}
source_profile = web
[profile process]
credential_process = /bin/creds
[profile login]
login_session = arn:aws:iam::123456789012:user/me
[profile environment]
${ROLE}
credential_source = Environment
[profile machine]
${ROLE}
credential_source = Ec2InstanceMetadata
[profile over-machine]
${ROLE}
source_profile = bare-machine
[profile bare-machine]
credential_source = EcsContainer
[profile bare]
region = us-west-2
[profile no-source]
${ROLE}
source_profile = gone
[profile both]
${ROLE}
source_profile = keys
credential_source = Environment
[profile neither]
${ROLE}
[profile odd]
${ROLE}
credential_source = Moon
[profile round]
${ROLE}
source_profile = around
[profile around]
${ROLE}
source_profile = round
[profile self]
${ROLE}
source_profile = self
[profile no-session]
sso_session = Corp Two
sso_account_id = 1
sso_role_name = r
[profile unfinished]
sso_session = Corp One
`;

describe('the chain of a profile', () => {
  let files: AwsFiles;
  before(() => (files = useAwsFiles({ config: CONFIG })));
  after(() => files.restore());

  const chainOf = async (name: string) => profileChain(await readProfileFiles(), name);

  it('leads over roles to the profile that signs in', async () => {
    assert.deepEqual(await chainOf('role'), {
      profiles: ['role', 'second', 'My Corp'],
      last: 'My Corp',
      source: {
        kind: 'sso',
        region: 'eu-central-1',
        account: '123456789012',
        role: 'Fleet',
        session: 'Corp One',
        startUrl: 'https://corp.awsapps.com/start',
        scopes: ['sso:account:access'],
      },
      mfa: 'role',
    });
  });

  for (const [name, kind, last] of [
    ['keys', 'keys', 'keys'],
    ['legacy', 'sso', 'legacy'],
    ['own', 'keys', 'own'],
    ['web', 'web-identity', 'web'],
    ['over-web', 'web-identity', 'web'],
    ['process', 'process', 'process'],
    ['login', 'login', 'login'],
    ['environment', 'environment', 'environment'],
    ['machine', 'metadata', 'machine'],
    ['over-machine', 'metadata', 'bare-machine'],
    ['bare', 'none', 'bare'],
    // Of a file that is empty, or was never made.
    ['default', 'none', 'default'],
  ] as const)
    it(`of ${name} ends with ${kind}`, async () => {
      const chain = await chainOf(name);
      assert.equal(chain.source.kind, kind);
      assert.equal(chain.last, last);
    });

  for (const [name, sentence] of [
    ['no-source', 'Profile no-source names the source_profile gone, which does not exist.'],
    ['both', 'Profile both has both source_profile and credential_source.'],
    [
      'neither',
      'Profile neither has a role_arn, but no source_profile or credential_source to assume it with.',
    ],
    ['odd', 'Profile odd has the credential_source "Moon", which AWS does not recognize.'],
    ['round', 'Profile round refers back to itself: round → around → round.'],
    ['self', 'Profile self refers back to itself: self → self.'],
    ['no-session', 'Profile no-session names [sso-session Corp Two], which is not in the AWS config file.'],
    ['unfinished', 'Profile unfinished is missing sso_account_id and sso_role_name.'],
    ['half', 'Profile half is missing aws_secret_access_key.'],
  ] as const)
    it(`of ${name} leads nowhere, and what is missing is named`, async () => {
      await assert.rejects(chainOf(name), (error: unknown) => {
        assert.ok(error instanceof CmsError);
        assert.equal(error.code, 'PROFILE_INVALID');
        assert.equal(error.message, sentence);
        return true;
      });
    });
});
