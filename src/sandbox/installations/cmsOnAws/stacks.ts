import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';
import {
  derived,
  type StackOutput,
  type StackPlan,
  type StackResource,
} from '../../services/cloudformation/stack.ts';
import { LOGICAL, type Names } from './names.ts';
import type { CmsOnAwsSpec, Module } from './spec.ts';

/** The release that is installed. */
const RELEASE = 'v3.0.0';

/** The number that stands in the description of each module's template. */
const NUMBERS: Readonly<Record<Module | 'config', number>> = {
  config: 26,
  auth: 22,
  provisioning: 5,
  'connect-store': 3,
  api: 12,
  alerts: 10,
  'vehicle-simulator': 1,
  ui: 25,
  'predictive-maintenance': 15,
};

/** The names of the values in AWS that stacks tell of. */
export interface StackValues {
  readonly claimCertificateId: string;
  readonly graphqlUrl: string;
  readonly simulatorOutputs: readonly StackOutput[];
  readonly alertsPublishUrl: string;
  readonly alertsFrontendUrl: string;
  readonly uiApiUrl: string;
  readonly uiUrl: string;
  readonly uiConfigPath: string;
}

function description(number: number, module: string): string {
  return `(SO0241-CMS.${number}) connected-mobility-solution-on-aws - ${module}. Version ${RELEASE}`;
}

export function vpcPlan({ vpc }: CmsOnAwsSpec): StackPlan {
  // Goes on with prose, unlike the others.
  return {
    description: `${description(23, 'vpc')}. This template deploys a VPC, with a pair of public and private subnets.`,
    parameters: { VpcName: vpc, VpcCIDR: '10.0.0.0/16' },
  };
}

export function authSetupPlan({ idp }: CmsOnAwsSpec): StackPlan {
  return {
    description: description(24, 'auth-setup'),
    parameters: {
      IdentityProviderId: idp,
      ShouldCreateCognitoResources: 'true',
      CallbackUrls: 'https://example.com',
      IdPConfigSecretArn: '',
      ServiceClientConfigSecretArn: '',
      UserClientConfigSecretArn: '',
    },
  };
}

export function modulePlan(
  context: Context,
  spec: CmsOnAwsSpec,
  names: Names,
  values: StackValues,
  module: Module | 'config',
): StackPlan {
  return {
    description: description(NUMBERS[module], `cms-${module}`),
    parameters: { AppUniqueId: spec.app, ...parametersOf(spec, module) },
    outputs: outputsOf(values, module),
    resources: resourcesOf(context, spec, names, values, module),
    capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
  };
}

const LOG_DAYS = { S3LogExpirationDays: '90', S3LogNoncurrentVersionExpirationDays: '30' };

function parametersOf({ vpc, idp }: CmsOnAwsSpec, module: Module | 'config'): Record<string, string> {
  switch (module) {
    case 'config':
      return { VpcName: vpc, IdentityProviderId: idp };
    case 'connect-store':
    case 'api':
    case 'predictive-maintenance':
      return LOG_DAYS;
    case 'alerts':
      return { SnsTopicPrefix: 'CMS' };
    case 'vehicle-simulator':
      return { AdminUserEmail: 'admin@example.com' };
    case 'ui':
      return { IsDemoMode: 'false', ...LOG_DAYS };
    default:
      return {};
  }
}

function outputsOf(values: StackValues, module: Module | 'config'): StackOutput[] {
  switch (module) {
    case 'api':
      return [
        {
          key: 'cmsapicmsapimoduleoutputsoutputgraphqlendpointurl043E0322',
          value: values.graphqlUrl,
        },
      ];
    case 'vehicle-simulator':
      return [...values.simulatorOutputs];
    case 'ui':
      return [
        { key: 'cmsuicmsuimoduleoutputsoutputcmsuiurl5F0B1C2D', value: values.uiUrl },
        { key: 'cmsuicmsuimoduleoutputsoutputcmsuiconfigpath8A7B6C5D', value: values.uiConfigPath },
      ];
    default:
      return [];
  }
}

function resourcesOf(
  { config }: Context,
  { app }: CmsOnAwsSpec,
  names: Names,
  { claimCertificateId }: StackValues,
  module: Module | 'config',
): StackResource[] {
  const metadata: StackResource = {
    logicalId: 'CDKMetadata',
    physicalId: derived(`${config.accountId}/${app}/${module}/metadata`, 32),
    type: 'AWS::CDK::Metadata',
  };
  const rule = (logicalId: string, physicalId: string): StackResource => ({
    logicalId,
    physicalId,
    type: 'AWS::IoT::TopicRule',
  });
  switch (module) {
    case 'provisioning':
      return [
        { logicalId: LOGICAL.authorised, physicalId: names.authorised, type: 'AWS::DynamoDB::Table' },
        { logicalId: LOGICAL.provisioned, physicalId: names.provisioned, type: 'AWS::DynamoDB::Table' },
        { logicalId: LOGICAL.template, physicalId: names.template, type: 'AWS::IoT::ProvisioningTemplate' },
        {
          logicalId: LOGICAL.claimCertificate,
          physicalId: claimCertificateId,
          type: 'AWS::IoT::Certificate',
        },
        {
          logicalId: LOGICAL.hook,
          physicalId: names.functions.preProvisioning,
          type: 'AWS::Lambda::Function',
        },
        rule('cmsprovisioningpostprovisioningrule', names.rules.postProvisioning),
        rule('cmsprovisioninginitialconnectionrule', names.rules.initialConnection),
        metadata,
      ];
    case 'connect-store':
      return [
        { logicalId: 'cmsconnectstores3storagebucket', physicalId: names.bucket, type: 'AWS::S3::Bucket' },
        rule('cmsconnectstoresavetos3rule', names.rules.saveToS3),
        rule('cmsconnectstoresendtokinesisrule', names.rules.sendToKinesis),
        rule('cmsconnectstoresendtoalarmrule', names.rules.sendToAlarm),
        metadata,
      ];
    case 'alerts':
      return [
        {
          logicalId: 'cmsalertsnotificationstable',
          physicalId: names.notifications,
          type: 'AWS::DynamoDB::Table',
        },
        metadata,
      ];
    case 'auth':
      return [
        {
          logicalId: 'cmsauthtokenvalidationlambda',
          physicalId: arnOf(config, 'lambda', `function:${app}-auth-token-validation`),
          type: 'AWS::Lambda::Function',
        },
        metadata,
      ];
    default:
      return [metadata];
  }
}
