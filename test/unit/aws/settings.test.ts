import assert from 'node:assert/strict';
import { listProfiles } from '../../../src/aws/profiles.ts';
import { resolveSettings } from '../../../src/aws/settings.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { useAwsFiles } from '../../support/awsFiles.ts';
import type { AwsFiles } from '../../support/awsFiles.ts';
import { english } from '../../../src/core/wording.ts';

const CONFIG = `
[default]
region = eu-west-1

[profile dev]
region = us-west-2
endpoint_url = http://127.0.0.1:4566/
ca_bundle = /etc/dev-ca.pem

[profile split]
region = us-west-2
services = local
endpoint_url = http://127.0.0.1:1111

[services local]
iot =
  endpoint_url = http://127.0.0.1:2222

[profile patient]
region = us-west-2
retry_mode = legacy
max_attempts = 9

[profile gone]
region = us-west-2
services = away

[profile nowhere]
output = json

[profile python]
region = us-west-2
use_fips_endpoint = True
USE_DUALSTACK_ENDPOINT : TRUE
endpoint_url = http://127.0.0.1:4566
ignore_configured_endpoint_urls = True

[sso-session work]
sso_region = us-east-1
`;

describe('connection settings', () => {
  let files: AwsFiles;
  before(
    () => (files = useAwsFiles({ config: CONFIG, credentials: '[keys-only]\naws_access_key_id = A\n' })),
  );
  after(() => files.restore());

  const code = (wanted: string) => (error: unknown) => error instanceof CmsError && error.code === wanted;

  it('lists the profiles of both files, without other sections', async () => {
    const listed = await listProfiles();
    const shown = listed.map(({ name, region, endpoint }) => ({ name, region, endpoint }));
    assert.deepEqual(shown, [
      { name: 'default', region: 'eu-west-1', endpoint: undefined },
      { name: 'dev', region: 'us-west-2', endpoint: 'http://127.0.0.1:4566/' },
      { name: 'gone', region: 'us-west-2', endpoint: undefined },
      { name: 'keys-only', region: undefined, endpoint: undefined },
      { name: 'nowhere', region: undefined, endpoint: undefined },
      { name: 'patient', region: 'us-west-2', endpoint: undefined },
      { name: 'python', region: 'us-west-2', endpoint: 'http://127.0.0.1:4566' },
      { name: 'split', region: 'us-west-2', endpoint: 'http://127.0.0.1:1111' },
    ]);
  });

  it('takes region, endpoint and CA file from the profile', async () => {
    const settings = await resolveSettings({ profile: 'dev' }, {});
    assert.equal(settings.region, 'us-west-2');
    assert.equal(settings.endpoint, 'http://127.0.0.1:4566');
    assert.equal(settings.endpointOf('iot'), 'http://127.0.0.1:4566');
    assert.deepEqual(settings.caFiles, [{ from: 'ca_bundle', file: '/etc/dev-ca.pem' }]);
  });

  it('lets the environment win over the profile', async () => {
    const settings = await resolveSettings(
      { profile: 'dev' },
      { AWS_REGION: 'eu-north-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_CA_BUNDLE: '/env.pem' },
    );
    assert.equal(settings.region, 'eu-north-1');
    assert.equal(settings.endpoint, 'http://127.0.0.1:9');
    assert.deepEqual(
      settings.caFiles.map(({ from, file }) => `${from} ${file}`),
      ['AWS_CA_BUNDLE /env.pem', 'ca_bundle /etc/dev-ca.pem'],
      'roots are one set',
    );
  });

  it('lets an option win over all', async () => {
    const settings = await resolveSettings(
      { profile: 'split', region: 'ap-south-1', endpoint: 'http://127.0.0.1:3/', caFile: '/given.pem' },
      { AWS_REGION: 'x', AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_CA_BUNDLE: '/env.pem' },
    );
    assert.equal(settings.region, 'ap-south-1');
    assert.equal(settings.endpointOf('iot'), 'http://127.0.0.1:3');
    assert.deepEqual(settings.caFiles[0], { from: '--ca', file: '/given.pem' });
  });

  it('honours a services section for its service only', async () => {
    const settings = await resolveSettings({ profile: 'split' }, {});
    assert.equal(settings.endpointOf('iot'), 'http://127.0.0.1:2222');
    assert.equal(settings.endpointOf('iam'), 'http://127.0.0.1:1111');
  });

  it('puts a service’s own variable before the general one', async () => {
    const settings = await resolveSettings(
      { profile: 'split' },
      { AWS_ENDPOINT_URL_IOT: 'http://127.0.0.1:5', AWS_ENDPOINT_URL: 'http://127.0.0.1:6' },
    );
    assert.equal(settings.endpointOf('iot'), 'http://127.0.0.1:5');
    assert.equal(settings.endpointOf('sts'), 'http://127.0.0.1:6');
  });

  it('reads what is true in any spelling, in files and in variables', async () => {
    const { variants } = await resolveSettings({ profile: 'python' }, {});
    assert.deepEqual(variants, { useFipsEndpoint: true, useDualstackEndpoint: true });
    const env = { AWS_USE_FIPS_ENDPOINT: 'TRUE', AWS_USE_DUALSTACK_ENDPOINT: 'True' };
    assert.deepEqual((await resolveSettings({ profile: 'dev' }, env)).variants, variants);
    const off = { AWS_USE_FIPS_ENDPOINT: 'False', AWS_USE_DUALSTACK_ENDPOINT: 'off' };
    assert.deepEqual((await resolveSettings({ profile: 'python' }, off)).variants, {
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
    });
  });

  it('counts AWS_DEFAULT_PROFILE as a named profile where AWS_PROFILE is not set', async () => {
    assert.equal((await resolveSettings({}, { AWS_DEFAULT_PROFILE: 'patient' })).profile, 'patient');
    const both = { AWS_DEFAULT_PROFILE: 'patient', AWS_PROFILE: 'split' };
    assert.equal((await resolveSettings({}, both)).profile, 'split');
    const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
    assert.equal((await resolveSettings({}, { ...keys, ...both })).profile, 'split');
    const byDefault = await resolveSettings({}, { ...keys, AWS_DEFAULT_PROFILE: 'patient' });
    const { region } = await resolveSettings({ profile: 'patient' }, {});
    assert.deepEqual([byDefault.profile, byDefault.region], [undefined, region]);
  });

  it('ignores configured endpoints when told so', async () => {
    const settings = await resolveSettings(
      { profile: 'dev' },
      { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' },
    );
    assert.equal(settings.endpoint, undefined);
    assert.equal(settings.endpointOf('iot'), undefined);
    const byProfile = await resolveSettings(
      { profile: 'python' },
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    );
    assert.deepEqual([byProfile.endpoint, byProfile.endpointOf('iot')], [undefined, undefined]);
  });

  it('leaves a program that was started here alone', async () => {
    const options = { region: 'us-west-2', endpoint: 'http://127.0.0.1:4566', endpointSecret: 'proof' };
    const settings = await resolveSettings(options, {
      AWS_PROFILE: 'prod',
      AWS_CA_BUNDLE: '/env.pem',
      AWS_ENDPOINT_URL_IOT: 'http://127.0.0.1:5',
      AWS_RETRY_MODE: 'nonsense',
    });
    assert.equal(settings.endpointOf('iot'), 'http://127.0.0.1:4566');
    assert.deepEqual([settings.profile, settings.caFiles], [undefined, []]);
  });

  it('retries as environment and profile say, and more patiently than the SDK without them', async () => {
    const retry = async (profile: string, env = {}) => (await resolveSettings({ profile }, env)).retry;
    assert.deepEqual(await retry('dev'), { retryMode: 'adaptive', maxAttempts: 4 });
    assert.deepEqual(await retry('patient'), { retryMode: 'standard', maxAttempts: 9 });
    assert.deepEqual(await retry('patient', { AWS_RETRY_MODE: 'adaptive', AWS_MAX_ATTEMPTS: '1' }), {
      retryMode: 'adaptive',
      maxAttempts: 1,
    });
    for (const env of [
      { AWS_RETRY_MODE: 'nonsense' },
      { AWS_MAX_ATTEMPTS: '0' },
      { AWS_MAX_ATTEMPTS: 'abc' },
    ])
      await assert.rejects(resolveSettings({ profile: 'dev' }, env), code('PROFILE_INVALID'));
  });

  it('names a section of services that is not there', async () => {
    await assert.rejects(resolveSettings({ profile: 'gone' }, {}), {
      code: 'PROFILE_INVALID',
      message: 'Profile gone names [services away], which is not in the AWS config file.',
    });
  });

  it('has single sign-on where the profile says, and never at an endpoint of an option', async () => {
    const settings = await resolveSettings({ profile: 'dev' }, {});
    assert.equal(settings.endpointOf('sso'), 'http://127.0.0.1:4566');
    const own = await resolveSettings({ profile: 'dev', endpoint: 'http://127.0.0.1:3' }, {});
    assert.deepEqual([own.endpointOf('sts'), own.endpointOf('sso')], ['http://127.0.0.1:3', undefined]);
  });

  it('falls back to the default profile', async () => {
    assert.equal((await resolveSettings({}, {})).region, 'eu-west-1');
  });

  it('names the profiles that exist when one is unknown', async () => {
    await assert.rejects(resolveSettings({ profile: 'prod' }, {}), (error: unknown) => {
      assert.ok(error instanceof CmsError);
      assert.equal(error.code, 'PROFILE_UNKNOWN');
      assert.match(
        english(error.remedy ?? ''),
        /default, dev, gone, keys-only, nowhere, patient, python, split/,
      );
      return true;
    });
  });

  it('counts AWS_PROFILE as a named profile', async () => {
    await assert.rejects(resolveSettings({}, { AWS_PROFILE: 'prod' }), code('PROFILE_UNKNOWN'));
  });

  it('demands a region', async () => {
    await assert.rejects(resolveSettings({ profile: 'nowhere' }, {}), code('REGION_MISSING'));
  });

  it('refuses a region that is no name, and takes an empty one for none', async () => {
    await assert.rejects(resolveSettings({ region: 'us west!' }, {}), { code: 'REQUEST_INVALID' });
    await assert.rejects(resolveSettings({ region: '', profile: 'nowhere' }, {}), code('REGION_MISSING'));
  });

  it('refuses an endpoint that is no URL', async () => {
    await assert.rejects(resolveSettings({ endpoint: 'localhost:4566' }, {}), code('REQUEST_INVALID'));
  });
});
