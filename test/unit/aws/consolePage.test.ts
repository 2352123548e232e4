import assert from 'node:assert/strict';
import { bucketArn, consolePage } from '../../../src/aws/consolePage.ts';

describe('The page of the AWS console', () => {
  for (const [what, arn, page] of [
    [
      'a stack',
      'arn:aws:cloudformation:us-west-2:123456789012:stack/cms-dev1/0a1b-2c',
      'https://us-west-2.console.aws.amazon.com/cloudformation/home?region=us-west-2#/stacks/stackinfo?stackId=arn:aws:cloudformation:us-west-2:123456789012:stack/cms-dev1/0a1b-2c',
    ],
    [
      'a thing in China',
      'arn:aws-cn:iot:cn-north-1:123456789012:thing/LSH14J4C4LA046511',
      'https://cn-north-1.console.amazonaws.cn/iot/home?region=cn-north-1#/thing/LSH14J4C4LA046511',
    ],
    [
      'a certificate in GovCloud',
      'arn:aws-us-gov:iot:us-gov-west-1:123456789012:cert/ab12',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/iot/home?region=us-gov-west-1#/certificate/ab12',
    ],
    [
      'a CA',
      'arn:aws:iot:eu-central-1:123456789012:cacert/ab12',
      'https://eu-central-1.console.aws.amazon.com/iot/home?region=eu-central-1#/cacertificate/ab12',
    ],
    [
      'a role with a path, in the region of the connection',
      'arn:aws:iam::123456789012:role/service-role/CmsProvisioning',
      'https://eu-west-1.console.aws.amazon.com/iam/home?region=eu-west-1#/roles/details/CmsProvisioning',
    ],
    [
      'a bucket',
      'arn:aws:s3:::runs-of-cms',
      'https://eu-west-1.console.aws.amazon.com/s3/buckets/runs-of-cms?region=eu-west-1',
    ],
  ] as const)
    it(`of ${what} is in its partition and region`, () => {
      assert.equal(consolePage(arn, 'eu-west-1'), page);
    });

  it('is none for other partitions, kinds and texts', () => {
    for (const arn of [
      'arn:aws-iso:iot:us-iso-east-1:123456789012:thing/A',
      'arn:aws:sqs:eu-west-1:123456789012:queue',
      'arn:aws:iot:eu-west-1:123456789012:thing/',
      'arn:aws:iot:eu-west-1:123456789012:thing/A#/policy/B',
      'cms-dev1',
      '',
    ])
      assert.equal(consolePage(arn, 'eu-west-1'), undefined, arn);
  });

  it('of a bucket is in the partition of the region', () => {
    assert.equal(bucketArn('runs-of-cms', 'eu-west-1'), 'arn:aws:s3:::runs-of-cms');
    assert.equal(bucketArn('runs', 'cn-north-1'), 'arn:aws-cn:s3:::runs');
  });

  it('of a bucket is none in a region of another partition, whose ARNs say which one', () => {
    for (const region of ['eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1'])
      assert.equal(bucketArn('runs', region), undefined, region);
    const stack = 'arn:aws-eusc:cloudformation:eusc-de-east-1:123456789012:stack/cms/0a';
    const arn = bucketArn('runs', 'eusc-de-east-1', stack);
    assert.equal(arn, 'arn:aws-eusc:s3:::runs');
    assert.equal(consolePage(arn, 'eusc-de-east-1'), undefined);
  });
});
