import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { KEYS, SSO_TOKENS, startAwsFront, type AwsFront } from '../support/editor/awsFront.ts';
import { PASSWORD } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { reportOf } from '../support/editor/reports.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const MFA = 'arn:aws:iam::123456789012:mfa/me';
const VIN = 'JTDKN3DU5A0000001';

describe('a connection to an account', function () {
  const original = { ...process.env };
  const home = mkdtempSync(path.join(os.tmpdir(), 'cms-home-'));
  let account: SandboxProcess;
  let front: AwsFront;

  beforeEach(async () => {
    account = await startSandbox({
      args: ['--stack', 'cms-dev1', '--stack', 'cms-test', '--event-delay-ms', '200'],
    });
    front = await startAwsFront(account.endpoint);
    Object.assign(process.env, {
      HOME: home,
      AWS_CONFIG_FILE: path.join(home, '.aws/config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(home, '.aws/credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      // A machine's own would win over the profile's.
      AWS_CA_BUNDLE: '',
      // Read by the SDK for the portal alone; everything else goes where `endpoint_url` of the profile says.
      AWS_ENDPOINT_URL_SSO: front.portal,
      AWS_ENDPOINT_URL_SSO_OIDC: front.oidc,
    });
    writeProfiles(home, front.endpoint, account.caFile);
  });
  const world = useWorld(this, 'sandbox');
  const { person } = world;
  afterEach(async () => {
    for (const name of Object.keys(process.env))
      if (!(name in original)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, original);
    await front.close();
    await account.stop();
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  /** What the browser was asked to open. */
  const opened: string[] = [];
  const { openExternal } = vscode.env;
  beforeEach(() => {
    opened.length = 0;
    (vscode.env as { openExternal: typeof openExternal }).openExternal = (uri) => {
      opened.push(uri.toString(true));
      return Promise.resolve(true);
    };
  });
  afterEach(() => {
    (vscode.env as { openExternal: typeof openExternal }).openExternal = openExternal;
  });

  async function add(profile: string): Promise<void> {
    void world.run('addConnection');
    await person.pick('AWS profile', profile);
    await person.answer('AWS region');
  }

  it('is added from a profile, whose region is proposed and checked; each of its stacks can be worked on', async () => {
    void world.run('addConnection');
    await person.pick('AWS profile', 'keys');
    const regions = (await person.question('AWS region')).rows;
    assert.equal(regions[0]?.label, 'us-west-2');
    assert.equal(regions[0].description, 'US West (Oregon) · from the profile');
    await person.pick('AWS region', 'Another region…');
    const region = await person.question('AWS region, for example');
    await region.type('Oregon');
    assert.equal(region.problem, 'A region looks like us-west-2');
    await region.type('us-west-2');
    region.accept();
    assert.match(await person.told('Connected to account'), /^Connected to account 123456789012 as sandbox/);
    assert.equal(front.callers.at(-1), 'AKIASTATIC0000000000');
    await world.row('Connection keys, region us-west-2');
    await world.run('stopSandbox');
    void world.run('onboardVehicle');
    await person.pick('Stack', 'cms-test');
    await person.answer('VIN: 17 characters', VIN);
    for (const question of ['User name', 'First name', 'Last name']) await person.answer(question);
    await person.answer('Password for', PASSWORD);
    await person.answer('Supplier');
    await person.pick('Review', 'Onboard');
    await person.told(`${VIN} is onboarded onto cms-test`);
    await world.row(`Vehicle ${VIN}`);
    await world.run('removeConnection', await world.row('Connection keys'));
    await add('keys');
    // Who signed in went with the connection.
    await until(
      'two stacks that ask to sign in',
      async () =>
        (await world.spoken()).filter((row) => row.startsWith('Sign in to see the vehicles')).length === 2,
      { everyMs: 100 },
    );
  });

  it('has another region once that was tried, in its old place', async () => {
    await add('keys');
    await person.told('Connected to account');
    await add('process');
    await world.row('Connection process');
    void world.run('changeRegion', await world.row('Connection keys, region us-west-2'));
    await person.pick('AWS region', 'eu-central-1');
    await world.row('Connection keys, region eu-central-1');
    const rows = (await world.spoken()).filter((row) => row.startsWith('Connection '));
    assert.deepEqual(rows.map((row) => row.split(',').slice(0, 2).join()), [
      'Connection keys, region eu-central-1',
      'Connection process, region us-west-2',
    ]); // prettier-ignore
  });

  it('has a report of the network, check by check', async () => {
    await add('keys');
    await person.told('Connected to account');
    await world.run('diagnoseNetwork', await world.row('Connection keys'));
    const report = await reportOf('Diagnosis of the network');
    assert.match(report, /^# Diagnosis of the network\n\nkeys · us-west-2, /);
    assert.match(report, /\| Proxy \| ✓ ok \| None is set/);
    assert.match(report, /\| Clock \| ✓ ok \| Matches /);
    assert.match(report, /\| MQTT: localhost, port \d+ \| ✓ ok \| Open, directly\./);
  });

  it('shows stacks honestly that have failed or are in progress', async () => {
    await add('keys');
    await world.row('Stack cms-test, CMS v1, ready');
    await account.alterStack('cms-test', { status: 'UPDATE_IN_PROGRESS' });
    await world.run('refresh');
    await world.row('Stack cms-test, CMS v1, in progress');
    await account.alterStack('cms-test', { status: 'ROLLBACK_FAILED' });
    await world.run('refresh');
    await world.row('Stack cms-test, CMS v1, failed');
  });

  it('says of each profile where its keys come from', async () => {
    void world.run('addConnection');
    const { rows } = await person.question('AWS profile');
    const kind = (name: string) => rows.find(({ label }) => label === name)?.description?.split(' · ')[0];
    assert.deepEqual(
      ['keys', 'process', 'role', 'sso', 'Über das Netz', 'empty'].map(kind),
      ['access keys', 'credential process', 'role with MFA via access keys', 'single sign-on', 'role via single sign-on', 'no credentials'],
    ); // prettier-ignore
  });

  it('without credentials says so in a sentence, and is kept only if that is wanted; its row says it then', async () => {
    await add('empty');
    const { message, buttons } = await person.notice(/credentials/i);
    assert.match(message, /\.$/);
    // With a fifth, the notification would cut off the titles of all.
    assert.deepEqual(buttons.slice(-2), ['Add Anyway', 'Explain']);
    assert.deepEqual(
      (await world.spoken()).filter((row) => row.startsWith('Connection ')),
      [],
    );
    await person.press(/credentials/i, 'Add Anyway');
    await world.row('Error: ');
    await world.row('Connection empty, region eu-west-1, no credentials');
  });

  it('says in its row which account it leads to, and where', async () => {
    await add('keys');
    await world.row(
      `Connection keys, region us-west-2, 123456789012, ${front.endpoint.replace('http://', '')}, access keys`,
    );
  });

  it('is moved up, and removed', async () => {
    await add('keys');
    await world.row('Connection keys');
    await add('empty');
    await person.press(/credentials/i, 'Add Anyway');
    await world.row('Connection empty');
    const connections = async () =>
      (await world.spoken())
        .filter((row) => row.startsWith('Connection '))
        .map((row) => row.split(', ').slice(0, 2).join(', '));
    await world.run('moveConnectionUp', await world.row('Connection empty'));
    assert.deepEqual(await connections(), [
      'Connection empty, region eu-west-1',
      'Connection keys, region us-west-2',
    ]);
    await world.run('removeConnection', await world.row('Connection empty'));
    assert.deepEqual(await connections(), ['Connection keys, region us-west-2']);
  });

  it('asks a credential process', async () => {
    await add('process');
    await person.told('Connected to account 123456789012 as sandbox');
    assert.equal(front.callers.at(-1), 'ASIAPROCESS000000000');
  });

  it('asks for the one-time code of a role with MFA, checks how it looks, and asks once', async () => {
    await add('role');
    const code = await person.question(`Code of the MFA device ${MFA}`);
    await code.type('12345');
    assert.match(code.problem ?? '', /Six digits/);
    await code.type('123456');
    code.accept();
    await person.told('Connected to account');
    assert.equal(front.callers.at(-1), KEYS.role);
    assert.equal(front.assumed.at(-1)?.get('SerialNumber'), MFA);
    assert.equal(front.assumed.at(-1)?.get('RoleArn'), 'arn:aws:iam::123456789012:role/fleet');
    await world.row('Stack cms-dev1, CMS v1, ready');
    await world.run('refresh');
    await world.row('Stack cms-test, CMS v1, ready');
    assert.equal(front.assumed.length, 1, 'one code for all that the connection is used for');
  });

  it('says in the words of AWS that a one-time code is wrong', async () => {
    await add('role');
    await person.answer('One-time code', '000000');
    assert.match(await person.told('MultiFactorAuthentication failed'), /one time pass code/);
  });

  it('ends quietly when a one-time code is not given, and is not kept', async () => {
    await add('role');
    (await person.question('One-time code')).leave();
    await person.told('Canceled: Connecting to role');
    assert.deepEqual(
      person.notices.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.ok(!(await world.spoken()).some((row) => row.startsWith('Connection ')));
  });

  it('uses the token that aws sso login left', async () => {
    await add('sso');
    await person.told('Connected to account');
    assert.equal(front.callers.at(-1), KEYS.sso);
    assert.deepEqual(front.portalCalls.at(-1), {
      token: SSO_TOKENS.good,
      account: '123456789012',
      role: 'Fleet',
    });
  });

  for (const [profile, what] of [
    ['sso-never', 'was never made'],
    ['sso-ended', 'has ended'],
    ['sso-revoked', 'AWS does not accept any more'],
  ] as const) {
    it(`with an SSO token that ${what} signs in again in the browser, and goes on by itself`, async () => {
      await add(profile);
      assert.equal(
        await person.told('AWS SSO'),
        `Profile ${profile} is not signed in to AWS SSO. Run "aws sso login --profile ${profile}" in a terminal, then try again.`,
      );
      await person.press('AWS SSO', 'Sign In…');
      await person.working('Confirm the code ABCD-EFGH in the browser');
      await until('a question that is still open', () => front.signInCalls > 0);
      assert.deepEqual(opened.splice(0), ['https://device.sso.example/?user_code=ABCD-EFGH']);
      front.person = 'allows';
      await person.told(`Signed in to AWS SSO with profile ${profile}.`);
      await person.told('Connected to account');
      assert.equal(front.portalCalls.at(-1)?.token, SSO_TOKENS.good);
    });
  }

  it('is signed in to from its row, whose state says that it has to be', async () => {
    await add('sso-never');
    await person.press('AWS SSO', 'Add Anyway');
    const row = await world.row('Connection sso-never, region us-west-2, not signed in, single sign-on');
    front.person = 'allows';
    await world.run('signInConnection', row);
    await world.row('Connection sso-never, region us-west-2, 123456789012');
    await world.row('Stack cms-dev1, CMS v1, ready');
  });

  it('says so when the sign-in is denied in the browser', async () => {
    await add('sso-never');
    front.person = 'denies';
    await person.press('AWS SSO', 'Sign In…');
    const { buttons } = await person.notice('The sign-in of profile sso-never was denied in the browser.');
    assert.ok(buttons.includes('Try Again'), buttons.join(', '));
  });

  it('knows names with blanks and umlauts, and which profile to sign in with for a role', async () => {
    await add('Über das Netz');
    await person.told(
      'Profile Über das Netz uses profile sso-never, which is not signed in to AWS SSO. Run "aws sso login --profile sso-never" in a terminal, then try again.',
    );
    await person.press('Über das Netz', 'Sign In…');
    front.person = 'allows';
    await person.told('Signed in to AWS SSO with profile sso-never.');
  });
});

/** `~/.aws` with a profile of each kind, and the token files of AWS SSO. */
function writeProfiles(home: string, endpoint: string, caFile: string): void {
  const cache = path.join(home, '.aws/sso/cache');
  // Tokens that an earlier test left.
  rmSync(cache, { recursive: true, force: true });
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
      ...["[profile 'Über das Netz']", ...common, 'source_profile = sso-never'],
      'role_arn = arn:aws:iam::123456789012:role/fleet',
      ...['[profile empty]', 'region = eu-west-1'],
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
  token('sso', SSO_TOKENS.good, Date.now() + 8 * hour);
  token('sso-revoked', SSO_TOKENS.revoked, Date.now() + 8 * hour);
  token('sso-ended', SSO_TOKENS.good, Date.now() - hour);
}
