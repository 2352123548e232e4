import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';
import { derivedUuid } from '../../services/cloudformation/stack.ts';
import type { Aws } from '../../services/services.ts';
import type { Identity } from './identity.ts';
import type { Names } from './names.ts';
import type { StackValues } from './stacks.ts';
import type { CmsOnAwsSpec, Module } from './spec.ts';

/** Puts in what the modules tell each other by Parameter Store. */
export function putParameters(
  { config }: Context,
  { ssm, secretsManager }: Pick<Aws, 'ssm' | 'secretsManager'>,
  spec: CmsOnAwsSpec,
  { names, identity, values }: { names: Names; identity: Identity; values: StackValues },
): void {
  const { app, idp, vpc } = spec;
  const functionArn = (name: string): string => arnOf(config, 'lambda', `function:${name}`);
  const secretArn = (name: string): string => secretsManager.secrets.arnOf(name);
  const put = (below: string, all: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(all)) ssm.parameters.put({ name: `${below}${name}`, value });
  };
  const root = `/solution/${app}`;
  put(root, {
    '': app,
    '/config/deployment-uuid': derivedUuid(`${config.accountId}/${config.region}/${app}`),
    '/config/auth/identity-provider-id': idp,
    '/config/vpc/name': vpc,
    '/config/aws-resource-lookup-lambda/arn': functionArn(`${app}-config-aws-resource-lookup`),
    '/config/metrics/enabled': 'Yes',
    '/config/metrics/url': 'https://metrics.awssolutionsbuilder.com/generic',
  });
  const ofModule: Record<Module, Record<string, string>> = {
    auth: {
      '/auth/token-validation-lambda/arn': functionArn(`${app}-auth-token-validation`),
      '/auth/authorization-code-flow/authorization-code-exchange-lambda/arn': functionArn(
        `${app}-auth-authorization-code-exchange`,
      ),
    },
    'connect-store': {
      '/connect-store/s3-storage-bucket/name': names.bucket,
      '/connect-store/s3-storage-bucket/arn': `arn:${functionArn('').split(':')[1]}:s3:::${names.bucket}`,
      '/connect-store/s3-storage-bucket/region': config.region,
      '/connect-store/glue-database/name': `${app}-connect-store-iot-data-conversion-glue-database`,
      '/connect-store/glue-table/name': 'iot-main-stream-glue-schema-table',
      '/connect-store/glue-data-catalog/name': 'AwsDataCatalog',
      '/connect-store/glue-registry/name': 'default-registry',
      '/connect-store/glue-schema/arn': arnOf(config, 'glue', `schema/default-registry/${app}-vss`),
    },
    alerts: {
      '/alerts/publish-api/endpoint': values.alertsPublishUrl,
      '/alerts/frontend-api/endpoint': values.alertsFrontendUrl,
    },
    api: {
      '/api/graphql-endpoint/url': values.graphqlUrl,
      '/api/athena-workgroup/name': `${app}-api-athena-workgroup`,
      '/api/athena-result-bucket/name': `${app}-api-athena-results`,
      '/api/athena-result-bucket/arn': `arn:${functionArn('').split(':')[1]}:s3:::${app}-api-athena-results`,
      '/api/athena-result-bucket/region': config.region,
    },
    provisioning: {},
    'predictive-maintenance': {},
    'vehicle-simulator': {},
    ui: {
      '/ui/fleet-management-api/url': values.uiApiUrl,
      '/ui/deployment/url': values.uiUrl,
      '/ui/deployment/config-path': values.uiConfigPath,
      '/ui/auth-app-client/id': identity.userClientId,
    },
  };
  for (const module of spec.modules) {
    // The simulator marks itself by the name of its module.
    put(root, {
      [`/${module === 'vehicle-simulator' ? 'cms-vehicle-simulator' : module}`]: app,
      ...ofModule[module],
    });
  }
  put(`/solution/auth/${idp}`, {
    '/user-pool/id': identity.userPoolId,
    '/idp-config/secret/arn': secretArn(identity.secrets.idp),
    '/service-client-config/default/secret/arn': secretArn(identity.secrets.service),
    '/user-client-config/default/secret/arn': secretArn(identity.secrets.user),
  });
  put(`/solution/vpc/${vpc}`, {
    '/vpc-id': `vpc-${derivedUuid(`${config.accountId}/${vpc}`).replaceAll('-', '').slice(0, 17)}`,
  });
}
