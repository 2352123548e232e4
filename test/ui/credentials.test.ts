import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { actUntil } from '../support/editor/actUntil.ts';
import { KEYS, startAwsFront, type AwsFront } from '../support/editor/awsFront.ts';
import { useEditor } from '../support/editor/suite.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

const MFA = 'arn:aws:iam::123456789012:mfa/me';

describe('the kinds of credentials a profile can have', function () {
  const home = mkdtempSync(path.join(os.tmpdir(), 'cms-home-'));
  const env: Record<string, string> = {
    HOME: home,
    AWS_CONFIG_FILE: path.join(home, '.aws/config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(home, '.aws/credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CA_BUNDLE: '',
  };
  let account: SandboxProcess;
  let front: AwsFront;

  before(async () => {
    account = await startSandbox();
    front = await startAwsFront(account.endpoint);
    // Read by the SDK for the portal alone; everything else goes where `endpoint_url` of the profile says.
    env.AWS_ENDPOINT_URL_SSO = front.portal;
    writeProfiles(home, front.endpoint, account.caFile);
  });
  const suite = useEditor(this, { env });
  after(async () => {
    await front.close();
    await account.stop();
    rmSync(home, { recursive: true, force: true });
  });

  async function add(profile: string): Promise<void> {
    const { workbench } = suite;
    await workbench.openView();
    await workbench.command('CMS: Add Connection');
    await workbench.question('AWS profile');
    await workbench.pick(profile);
    await workbench.answer('AWS region');
  }

  async function connected(profile: string, key: string): Promise<void> {
    const { workbench } = suite;
    assert.match(
      await workbench.told('Connected to account'),
      /^Connected to account 123456789012 as sandbox/,
    );
    assert.equal(front.callers.at(-1), key);
    await workbench.clearNotifications();
    await workbench.expand(profile);
    await workbench.spoken('Stack cms-dev1, CMS v1, ready').waitFor();
    await workbench.contextMenu(profile, 'Remove Connection');
    await workbench.spoken(`Connection ${profile}`).waitFor({ state: 'hidden' });
  }

  it('static keys are used as they stand there, at the endpoint of the profile', async () => {
    await add('keys');
    await connected('keys', 'AKIASTATIC0000000000');
  });

  it('a credential process is asked', async () => {
    await add('process');
    await connected('process', 'ASIAPROCESS000000000');
  });

  it('a role with MFA asks for the one-time code, checks how it looks, and says when it is wrong', async () => {
    const { workbench } = suite;
    await add('role');
    await workbench.question(`Code of the MFA device ${MFA}`);
    await workbench.screenshot('one-time code');
    await workbench.input().fill('12345');
    await workbench.says('Six digits');
    await workbench.answer('One-time code', '000000');
    assert.match(await workbench.told('MultiFactorAuthentication failed'), /one time pass code/);
    await workbench.clearNotifications();
    await workbench.expand('role');
    await workbench.question(`Code of the MFA device ${MFA}`);
    await workbench.answer('One-time code', '123456');
    await workbench.spoken('Stack cms-dev1, CMS v1, ready').waitFor();
    assert.equal(front.assumed.at(-1)?.get('SerialNumber'), MFA);
    assert.equal(front.assumed.at(-1)?.get('RoleArn'), 'arn:aws:iam::123456789012:role/fleet');
    // One code for all that the connection is used for, until it ends.
    const codes = front.assumed.length;
    await workbench.command('CMS: Refresh');
    await add('role');
    await connected('role', KEYS.role);
    assert.equal(front.assumed.length, codes);
  });

  it('a one-time code that is not given ends quietly', async () => {
    const { workbench } = suite;
    await add('role');
    await workbench.question('One-time code');
    const again = workbench.row('Cancelled. Read again…');
    // Once more if the row, which was left open, asked later than the connection itself.
    await actUntil(
      () => workbench.leave(),
      (timeout) => again.waitFor({ timeout }),
    );
    await workbench.toast('Connecting to role').waitFor({ state: 'hidden' });
    assert.equal(await workbench.toast(/./).count(), 0);
    await again.click();
    await workbench.answer('One-time code', '123456');
    await workbench.spoken('Stack cms-dev1, CMS v1, ready').waitFor();
    await workbench.contextMenu('role', 'Remove Connection');
  });

  it('SSO uses the token that aws sso login left', async () => {
    await add('sso');
    await connected('sso', KEYS.sso);
    assert.deepEqual(front.portalCalls.at(-1), { token: 'good', account: '123456789012', role: 'Fleet' });
  });

  for (const [profile, what] of [
    ['sso-never', 'was never made'],
    ['sso-ended', 'has ended'],
    ['sso-revoked', 'AWS does not accept any more'],
  ] as const) {
    it(`SSO whose token ${what} says which command signs in again, and gives it to copy`, async () => {
      const { workbench } = suite;
      await add(profile);
      const words = await workbench.told('AWS SSO');
      assert.equal(
        words,
        `Profile ${profile} is not signed in to AWS SSO. Run "aws sso login --profile ${profile}" in a terminal, then try again.`,
      );
      if (profile === 'sso-ended') await workbench.screenshot('SSO session ended');
      await workbench.press('AWS SSO', 'Copy Command');
      await actUntil(
        () => Promise.resolve(),
        async () => assert.equal(await workbench.clipboard(), `aws sso login --profile ${profile}`),
      );
      await workbench.expand(profile);
      await workbench.spoken(`Error: Profile ${profile} is not signed in to AWS SSO`).waitFor();
      await workbench.contextMenu(profile, 'Remove Connection');
      await workbench.spoken(`Connection ${profile}`).waitFor({ state: 'hidden' });
    });
  }
});

/** `~/.aws` with a profile of each kind, and the token files of AWS SSO. */
function writeProfiles(home: string, endpoint: string, caFile: string): void {
  const cache = path.join(home, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  const common = ['region = us-west-2', `endpoint_url = ${endpoint}`, `ca_bundle = ${caFile}`];
  const sso = (name: string): string[] => [
    `[profile ${name}]`,
    ...[...common, `sso_session = ${name}`, 'sso_account_id = 123456789012', 'sso_role_name = Fleet'],
    `[sso-session ${name}]`,
    ...['sso_region = us-east-1', 'sso_start_url = https://example.awsapps.com/start', 'sso_registration_scopes = sso:account:access'],
  ]; // prettier-ignore
  const script = path.join(home, 'credentials.sh');
  const keys = { Version: 1, AccessKeyId: 'ASIAPROCESS000000000', SecretAccessKey: 's', SessionToken: 't' };
  writeFileSync(script, `#!/bin/sh\necho '${JSON.stringify(keys)}'\n`);
  chmodSync(script, 0o700);
  writeFileSync(
    path.join(home, '.aws/config'),
    [
      ...['[profile keys]', ...common],
      ...['[profile process]', ...common, `credential_process = ${script}`],
      ...['[profile role]', ...common, 'source_profile = keys', `mfa_serial = ${MFA}`],
      'role_arn = arn:aws:iam::123456789012:role/fleet',
      ...['sso', 'sso-never', 'sso-ended', 'sso-revoked'].flatMap(sso),
      '',
    ].join('\n'),
  );
  writeFileSync(
    path.join(home, '.aws/credentials'),
    '[keys]\naws_access_key_id = AKIASTATIC0000000000\naws_secret_access_key = secret\n',
  );
  // Named by the SHA-1 of the session, as `aws sso login` does.
  const token = (session: string, accessToken: string, expiresAt: number): void =>
    writeFileSync(
      path.join(cache, `${createHash('sha1').update(session).digest('hex')}.json`),
      JSON.stringify({ accessToken, expiresAt: new Date(expiresAt).toISOString(), region: 'us-east-1' }),
    );
  const hour = 3_600_000;
  token('sso', 'good', Date.now() + 8 * hour);
  token('sso-revoked', 'revoked', Date.now() + 8 * hour);
  token('sso-ended', 'good', Date.now() - hour);
}
