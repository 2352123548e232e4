import type { Context } from '../../../kernel/context.ts';
import { PAGE_PATH } from '../../../kernel/edge/target.ts';
import type { CdfUrls, CmsPools, CmsStackSpec } from '../contract.ts';
import { arnOf } from '../../../kit/partition.ts';
import {
  derived,
  derivedUuid,
  nestedName,
  type StackOutput,
  type StackPlan,
} from '../../../services/cloudformation/stack.ts';
import { coreEnvironment, coreNetwork } from './coreStack.ts';

export interface CmsStackSources {
  pools: CmsPools;
  cms: Pick<CdfUrls, 'urlsOf'>;
  /** Id of the certificate that all vehicles simulated by CMS share. */
  certificateId: () => string;
}

/** A CMS v1 as its parent template creates it. The values come from the parts of the sandbox that serve them. */
export function cmsPlan(context: Context, spec: CmsStackSpec, sources: CmsStackSources): StackPlan {
  const { config, endpoints } = context;
  const { name } = spec;
  const pool = sources.pools.poolOf(name);
  const urls = sources.cms.urlsOf(name);
  const core = nestedName(name, 'CMS');
  const network = coreNetwork(spec.core);
  const bucket = `${name.toLowerCase()}-cloudfront-websitebucket-${derived(`${name}/bucket`, 12)}`;
  const artifacts = `cms-artifacts-${config.accountId}-${config.region}`;
  const kmsKeyId = derivedUuid(`${name}/kms`);

  const facade: StackOutput[] = [
    { key: 'FacadeApiGatewayUrl', value: urls.facade, description: 'Facade Api Gateway Url' },
    { key: 'FacadeApiGatewayHost', value: new URL(urls.facade).host, description: 'Facade Api Gateway Host' },
    {
      key: 'FacadeRestApiFunctionName',
      value: functionName(nestedName(core, 'Facade'), 'LambdaFunction'),
      description: 'Facade Rest API Function Name',
    },
  ];
  const fleetManager: StackOutput[] = [
    {
      key: 'FleetmanagerApiGatewayUrl',
      value: urls.fleetManager,
      description: 'Fleetmanager Api Gateway Url',
    },
    {
      key: 'FleetmanagerApiGatewayHost',
      value: new URL(urls.fleetManager).host,
      description: 'Fleetmanager Api Gateway Host',
    },
    {
      key: 'FleetmanagerRestApiFunctionName',
      value: functionName(nestedName(core, 'FleetManagerBackend'), 'APIHandler'),
      description: 'Fleetmanager Rest API Function Name',
    },
  ];
  const website: StackOutput[] = [
    { key: 'WebsiteBucket', value: bucket, description: 'CMS Website Bucket' },
    {
      key: 'CloudfrontDomain',
      // No CloudFront is here: a invented name of it could be somebody else's site.
      value: `${endpoints.http}${PAGE_PATH}`,
      description: 'CMS Website Bucket',
    },
  ];
  const users: StackOutput[] = [
    { key: 'UserPoolId', value: pool.userPoolId, description: 'CMS Cognito User Pool' },
    { key: 'UserPoolArn', value: pool.userPoolArn, description: 'CMS Cognito User Pool Arn' },
    { key: 'UserPoolClientId', value: pool.clientId, description: 'CMS Cognito User Pool Client ID' },
  ];
  const certificate: StackOutput = {
    key: 'CertificateId',
    value: sources.certificateId(),
    description: 'Iot Certificate Id',
  };
  const kms: StackOutput = {
    key: 'KmsKeyId',
    value: kmsKeyId,
    description: 'Kms Key Id specified for services',
  };

  return {
    description: 'CMS Parent Stack (Connected Mobility Solution)',
    rollbackDisabled: true,
    parameters: {
      AdministratorEmail: 'admin@example.com',
      ArtifactsBucket: artifacts,
      ArtifactsConfigPrefix: 'config/',
      ...coreFunctions(spec.core),
      CDFPrivateSubNetIds: network.privateSubnetIds,
      CDFSecurityGroupId: network.securityGroupId,
      CDFVpcId: network.vpcId,
      CopyAssetsFromSource: 'false',
      EnableApiGatewayAccessLogs: 'true',
      Environment: name.replace(/^cms-/, ''),
      KmsKeyId: kmsKeyId,
      KmsKeyOwner: 'root',
    },
    outputs: [
      kms,
      ...exported(name, users, {
        UserPoolId: 'userPoolId',
        UserPoolArn: 'userPoolArn',
        UserPoolClientId: 'userPoolClientId',
      }),
      ...exported(name, website, { WebsiteBucket: 'websiteBucket', CloudfrontDomain: 'cloudfrontDomain' }),
      ...exported(name, [certificate], { CertificateId: 'certificateId' }),
      ...exported(name, facade, {
        FacadeApiGatewayUrl: 'facade-apiGatewayUrl',
        FacadeApiGatewayHost: 'facade-apiGatewayHost',
        FacadeRestApiFunctionName: 'facade-restApiFunctionName',
      }),
      ...exported(
        name,
        // The parent template drops the "Rest" of this key.
        fleetManager.map((o) => ({ ...o, key: o.key.replace('RestApiFunctionName', 'ApiFunctionName') })),
        {
          FleetmanagerApiGatewayUrl: 'fleetmanager-apiGatewayUrl',
          FleetmanagerApiGatewayHost: 'fleetmanager-apiGatewayHost',
          FleetmanagerApiFunctionName: 'fleetmanager-restApiFunctionName',
        },
      ),
    ],
    nested: {
      Cloudfront: { description: 'CMS - Cloudfront Distribution', outputs: website },
      Authorizer: {
        description: 'CMS - Authorizer',
        outputs: [
          { key: 'StackName', value: nestedName(name, 'Authorizer') },
          { key: 'AuthType', value: 'Cognito' },
          ...users,
        ],
        resources: [
          { logicalId: 'UserPool', physicalId: pool.userPoolId, type: 'AWS::Cognito::UserPool' },
          { logicalId: 'UserPoolClient', physicalId: pool.clientId, type: 'AWS::Cognito::UserPoolClient' },
        ],
      },
      InfrastructurePre: {
        description: 'CMS - Pre Deployment Infrastructure Configuration',
        outputs: [
          certificate,
          { key: 'IotEndpoint', value: `${endpoints.mqttHost}:${endpoints.mqttPort}` },
          { key: 'TemplateSnippetS3UriBase', value: `s3://${artifacts}/cloudformation/snippets` },
          { key: 'ApiGatewayDefinitionTemplate', value: 'cfn-apiGateway-cognitoAuth.yaml' },
        ],
      },
      CMS: {
        description: 'CMS - Core',
        outputs: [kms, ...facade, ...fleetManager],
        nested: {
          Facade: { description: 'CMS - CDF Facade Stack', outputs: facade.map(leaf('Facade')) },
          Cvra: {
            description: 'CMS - CVRA Stack',
            outputs: [
              { key: 'VehicleTripTable', value: 'cms-vehicle-trip' },
              { key: 'VehicleAnomalyTable', value: 'cms-vehicle-anomaly' },
              {
                key: 'VehicleAnomalyTableStreamArn',
                value: arnOf(config, 'dynamodb', 'table/cms-vehicle-anomaly/stream/2022-01-01T00:00:00.000'),
              },
            ],
          },
          FleetManagerBackend: { description: '', outputs: fleetManager.map(leaf('Fleetmanager')) },
          FleetManagerUI: { description: 'CMS - Fleetmanager UI Stack' },
        },
      },
      InfrastructurePost: { description: 'CMS - Post Deployment Insfratructure Configuration' },
    },
  };
}

/** Parameters that name the CDF services this CMS calls. They are the most reliable link to its CDF core. */
function coreFunctions(core: string): Record<string, string> {
  const environment = coreEnvironment(core);
  return {
    CDFCoreAssetLibraryApiFunctionName: `cdf-assetLibrary-rest-${environment}`,
    CDFCoreCommandsApiFunctionName: `cdf-commands-rest-${environment}`,
    CDFCoreProvisioningApiFunctionName: `cdf-provisioning-rest-${environment}`,
  };
}

function exported(stack: string, outputs: StackOutput[], names: Record<string, string>): StackOutput[] {
  return outputs.map((output) => {
    const name = names[output.key];
    return name === undefined ? output : { ...output, exportName: `${stack}-${name}` };
  });
}

/** Removes the prefix of an output's key, which the service's own stack does not use. */
function leaf(prefix: string): (output: StackOutput) => StackOutput {
  return (output) => ({ ...output, key: output.key.replace(prefix, '') });
}

function functionName(stack: string, logicalId: string): string {
  return `${stack.slice(0, 40)}-${logicalId}-${derived(`${stack}/${logicalId}`, 12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')}`.slice(
    0,
    64,
  );
}
