import assert from 'node:assert/strict';
import { arnOf, iamArn, partitionOf } from '../../../../src/sandbox/kit/partition.ts';

describe('the partition of a region', () => {
  const cases: [string, string][] = [
    ['us-west-2', 'aws'],
    ['eu-central-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eusc-de-east-1', 'aws-eusc'],
  ];
  for (const [region, partition] of cases) {
    it(`${region} is ${partition}`, () => assert.equal(partitionOf(region), partition));
  }

  it('stands in ARNs', () => {
    const scope = { region: 'cn-north-1', accountId: '123456789012' };
    assert.equal(arnOf(scope, 'iot', 'thing/V'), 'arn:aws-cn:iot:cn-north-1:123456789012:thing/V');
    assert.equal(iamArn(scope, 'role/R'), 'arn:aws-cn:iam::123456789012:role/R');
  });
});
