import { attributeOf, policyOf, ref, sub } from './functions.ts';

/** Names of the template's parameters. */
export interface DataParameters {
  /** How long plans, results and keys are kept. Days. */
  RetentionDays: string;
}

const ENCRYPTION = 's3:x-amz-server-side-encryption';
const KEY_ID = 's3:x-amz-server-side-encryption-aws-kms-key-id';

/**
 * The CloudFormation template of what workers share: a bucket that takes nothing but what its own KMS key encrypts, and
 * that lets go what is old.
 */
export function dataTemplate(): string {
  const objects = sub('${Bucket.Arn}/*');
  const deny = (Sid: string, Action: string, Resource: unknown, Condition: object) => ({
    ...{ Sid, Effect: 'Deny', Principal: '*', Action, Resource, Condition },
  });
  return JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Description:
      'Plans, results, certificates and keys of CMS Enablement: a bucket and its KMS key (1 US dollar a month)',
    Parameters: { RetentionDays: { Type: 'Number', Default: 14 } },
    Resources: {
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: {
          Description: 'Plans, results, certificates and keys of CMS Enablement',
          EnableKeyRotation: true,
          PendingWindowInDays: 7,
          KeyPolicy: policyOf({
            Effect: 'Allow',
            Principal: { AWS: sub('arn:${AWS::Partition}:iam::${AWS::AccountId}:root') },
            Action: 'kms:*',
            Resource: '*',
          }),
        },
      },
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              {
                BucketKeyEnabled: true,
                ServerSideEncryptionByDefault: {
                  SSEAlgorithm: 'aws:kms',
                  KMSMasterKeyID: attributeOf('Key', 'Arn'),
                },
              },
            ],
          },
          PublicAccessBlockConfiguration: {
            ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
            ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
          },
          LifecycleConfiguration: {
            Rules: [{ Id: 'expire', Status: 'Enabled', ExpirationInDays: ref('RetentionDays') }],
          },
        },
      },
      BucketPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: ref('Bucket'),
          PolicyDocument: policyOf(
            deny('NoPlainHttp', 's3:*', [attributeOf('Bucket', 'Arn'), objects], {
              Bool: { 'aws:SecureTransport': 'false' },
            }),
            // What names no encryption gets that of the bucket. A negated operator alone would fit a key that is absent.
            deny('NoOtherKey', 's3:PutObject', objects, {
              StringNotEquals: { [KEY_ID]: attributeOf('Key', 'Arn') },
              Null: { [KEY_ID]: 'false' },
            }),
            deny('NoOtherEncryption', 's3:PutObject', objects, {
              StringNotEquals: { [ENCRYPTION]: 'aws:kms' },
              Null: { [ENCRYPTION]: 'false' },
            }),
            // Without the name of a key, S3 takes the one of AWS, not that of the bucket.
            deny('NoUnnamedKey', 's3:PutObject', objects, {
              Null: { [ENCRYPTION]: 'false', [KEY_ID]: 'true' },
            }),
          ),
        },
      },
    },
    Outputs: {
      BucketName: { Value: ref('Bucket') },
      KeyArn: { Value: attributeOf('Key', 'Arn') },
    },
  });
}
