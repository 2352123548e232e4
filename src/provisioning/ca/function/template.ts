import { ITEM_KEY } from './listTable.ts';

/** Names of the template's parameters; a stack shows them. */
export interface FunctionParameters {
  CaCertificateId: string;
  DevicePolicy: string;
  ThingType: string;
  /** What happens to certificates that the list does not let in. */
  Others: 'leave' | 'revoke';
  /** ARN of the policy that bounds the role; empty for none. */
  RoleBoundary: string;
}

/** Of a template that is sent along with CreateStack ("AWS CloudFormation quotas"). Bytes. */
export const LONGEST_TEMPLATE = 51_200;

/** Seconds; some calls to AWS IoT, one after the other. */
const TIMEOUT = 30;
const LOG_DAYS = 30;

const ref = (name: string) => ({ Ref: name });
const arnOf = (name: string) => ({ 'Fn::GetAtt': [name, 'Arn'] });
const inIot = (rest: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:iot:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
});
const allow = (actions: readonly string[], resource: unknown) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resource,
});

/**
 * The CloudFormation template of just-in-time registration without anybody who watches: a rule hears of each newcomer, a
 * function looks it up in a table and decides. The role may do what the function calls, and nothing else.
 * @param code JavaScript with `exports.handler`, for Node.js
 */
export function functionTemplate(code: string): string {
  const resources = {
    AllowList: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: ITEM_KEY, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: ITEM_KEY, KeyType: 'HASH' }],
      },
    },
    Log: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { RetentionInDays: LOG_DAYS },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'lambda.amazonaws.com' },
              Action: 'sts:AssumeRole',
            },
          ],
        },
        PermissionsBoundary: { 'Fn::If': ['Bounded', ref('RoleBoundary'), ref('AWS::NoValue')] },
        Policies: [
          {
            PolicyName: 'decide',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], arnOf('AllowList')),
                allow(
                  [
                    'iot:AttachPolicy',
                    'iot:AttachThingPrincipal',
                    'iot:DescribeCertificate',
                    'iot:UpdateCertificate',
                  ],
                  inIot('cert/*'),
                ),
                allow(['iot:CreateThing', 'iot:DescribeThing', 'iot:ListThingPrincipals'], inIot('thing/*')),
                allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arnOf('Log')),
              ],
            },
          },
        ],
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Description: 'Lets vehicles of a CA in that a table allows (just-in-time registration)',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Architectures: ['arm64'],
        Timeout: TIMEOUT,
        MemorySize: 256,
        Role: arnOf('Role'),
        LoggingConfig: { LogGroup: ref('Log') },
        Environment: {
          Variables: {
            TABLE: ref('AllowList'),
            CA: ref('CaCertificateId'),
            POLICY: ref('DevicePolicy'),
            THING_TYPE: ref('ThingType'),
            OTHERS: ref('Others'),
          },
        },
        Code: { ZipFile: code },
      },
    },
    Rule: {
      Type: 'AWS::IoT::TopicRule',
      Properties: {
        TopicRulePayload: {
          Description: 'Certificates that were registered at their first connect',
          AwsIotSqlVersion: '2016-03-23',
          Sql: {
            'Fn::Sub': "SELECT * FROM '$aws/events/certificates/registered/${CaCertificateId}'",
          },
          RuleDisabled: false,
          Actions: [{ Lambda: { FunctionArn: arnOf('Function') } }],
        },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf('Function'),
        Principal: 'iot.amazonaws.com',
        SourceAccount: ref('AWS::AccountId'),
        SourceArn: arnOf('Rule'),
      },
    },
  };
  return JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Just-in-time registration of vehicles whose certificates a CA of your own signed',
    Parameters: {
      CaCertificateId: { Type: 'String', AllowedPattern: '[0-9a-f]{64}' },
      DevicePolicy: { Type: 'String' },
      ThingType: { Type: 'String' },
      Others: { Type: 'String', Default: 'leave', AllowedValues: ['leave', 'revoke'] },
      RoleBoundary: { Type: 'String', Default: '' },
    },
    Conditions: { Bounded: { 'Fn::Not': [{ 'Fn::Equals': [ref('RoleBoundary'), ''] }] } },
    Resources: resources,
    Outputs: {
      TableName: { Value: ref('AllowList') },
      FunctionName: { Value: ref('Function') },
      RuleName: { Value: ref('Rule') },
      LogGroupName: { Value: ref('Log') },
    },
  });
}
