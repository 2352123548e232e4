import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { awsNameOf, endingIn, isAwsHost } from '../../../src/network/awsHosts.ts';
import { hostEndingOf, partitionOf } from '../../../src/sandbox/kit/partition.ts';

interface SdkPartition {
  name: string;
  dnsSuffix: string;
  dualStackDnsSuffix: string;
}

/** The part of the SDK that has the endpoint rules, which it keeps to itself. */
const ofSdk = createRequire(createRequire(import.meta.filename).resolve('@aws-sdk/client-sts'));
const { partition } = ofSdk('@aws-sdk/core/client') as { partition: (region: string) => SdkPartition };

const REGIONS = [
  'us-west-2',
  'eu-central-1',
  'mx-central-1',
  'cn-north-1',
  'us-gov-west-1',
  'eusc-de-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
];

describe('the hosts of AWS', () => {
  for (const region of REGIONS)
    it(`end in ${region} as the SDK has it, here and in the sandbox`, () => {
      const { name, dnsSuffix, dualStackDnsSuffix } = partition(region);
      assert.equal(endingIn(region), dnsSuffix);
      assert.equal(hostEndingOf(region), dnsSuffix);
      assert.equal(partitionOf(region), name);
      for (const ending of [dnsSuffix, dualStackDnsSuffix]) {
        assert.ok(isAwsHost(`a1-ats.iot.${region}.${ending}`), ending);
        assert.equal(awsNameOf(`portal.sso.${region}.${ending}`), `portal.sso.${region}`);
      }
    });

  it('are no others', () => {
    for (const host of ['amazonaws.com', 'iot.amazonaws.com.evil.test', 'notamazonaws.com', 'localhost'])
      assert.ok(!isAwsHost(host), host);
  });
});
