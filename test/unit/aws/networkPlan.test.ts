import assert from 'node:assert/strict';
import { planNetwork } from '../../../src/aws/networkPlan.ts';
import { useAwsFiles, type AwsFiles } from '../../support/awsFiles.ts';

const CONFIG = `
[profile china]
region = cn-north-1
[profile gov]
region = us-gov-west-1
use_fips_endpoint = true
[profile six]
region = us-west-2
use_dualstack_endpoint = true
[profile role]
region = us-west-2
role_arn = arn:aws:iam::123456789012:role/r
source_profile = corp
use_fips_endpoint = true
[profile corp]
sso_session = Corp
sso_account_id = 123456789012
sso_role_name = Fleet
[sso-session Corp]
sso_region = us-east-2
sso_start_url = https://corp.awsapps.com/start
[profile own]
region = us-west-2
endpoint_url = http://127.0.0.1:4566
`;

/** From the AWS General Reference, "Service endpoints", of each service. */
const HOSTS: Readonly<Record<string, string[]>> = {
  china: [
    'sts.cn-north-1.amazonaws.com.cn',
    'cloudformation.cn-north-1.amazonaws.com.cn',
    'cognito-idp.cn-north-1.amazonaws.com.cn',
    'iam.cn-north-1.amazonaws.com.cn',
    'iot.cn-north-1.amazonaws.com.cn',
  ],
  gov: [
    'sts.us-gov-west-1.amazonaws.com',
    'cloudformation.us-gov-west-1.amazonaws.com',
    'cognito-idp-fips.us-gov-west-1.amazonaws.com',
    'iam.us-gov.amazonaws.com',
    'iot-fips.us-gov-west-1.amazonaws.com',
  ],
  role: [
    'sts-fips.us-west-2.amazonaws.com',
    'cloudformation-fips.us-west-2.amazonaws.com',
    'cognito-idp-fips.us-west-2.amazonaws.com',
    'iam-fips.amazonaws.com',
    'iot-fips.us-west-2.amazonaws.com',
    'portal.sso-fips.us-east-2.amazonaws.com',
    'oidc-fips.us-east-2.amazonaws.com',
  ],
  own: ['127.0.0.1'],
};

describe('the hosts a connection needs', () => {
  let files: AwsFiles;
  before(() => (files = useAwsFiles({ config: CONFIG })));
  after(() => files.restore());

  for (const [profile, hosts] of Object.entries(HOSTS))
    it(`are those of the profile ${profile}`, async () => {
      const plan = await planNetwork({ profile });
      assert.deepEqual(
        plan.hosts.map(({ host }) => host),
        hosts,
      );
    });

  it('are AWS’s own unless the profile names others', async () => {
    assert.ok((await planNetwork({ profile: 'six' })).hosts.every(({ amazon }) => amazon));
    assert.ok((await planNetwork({ profile: 'own' })).hosts.every(({ amazon }) => !amazon));
  });
});
