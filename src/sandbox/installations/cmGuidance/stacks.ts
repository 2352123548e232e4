import { PAGE_PATH } from '../../kernel/edge/target.ts';
import type { Context } from '../../kernel/context.ts';
import { arnOf, iamArn } from '../../kit/partition.ts';
import { apiIdOf, apiUrl } from '../../protocols/apiGateway/apiIds.ts';
import { derivedUuid, type StackOutput, type StackPlan } from '../../services/cloudformation/stack.ts';
import { API_STAGE } from './gateway.ts';
import { DEMO_USER, type Identity } from './identity.ts';
import type { Names } from './names.ts';
import { DEVICE_POLICY } from './policies.ts';
import { type GuidanceSpec, type Part, stackName } from './spec.ts';

/** What each stack says it is, after `Guidance for Connected Mobility (SO9618) - `. */
const TEXTS: Readonly<Record<Part, string>> = {
  ui: 'Presentation Layer',
  storage: 'Storage Layer',
  iot: 'Fleet Management Interface',
  msk: 'VPC, Messaging & Cache Layer',
  'data-processing': 'Data Processing Foundation',
  'telemetry-integration': 'Telemetry Integration',
  flink: 'Flink Deployment',
  fleetwise: 'FleetWise Integration',
  simulation: 'Simulation Service',
  commands: 'Remote Commands',
  'ws-fanout': 'WebSocket Telemetry Fanout',
};

/** The parts that have an API. */
export type ApiPart = 'ui' | 'data-processing' | 'simulation' | 'commands';

export function apiOf(stage: string, part: ApiPart | 'websocket'): string {
  return part === 'websocket'
    ? apiIdOf(stackName(stage, 'ui'), 'websocket')
    : apiIdOf(stackName(stage, part), 'rest');
}

/** Ends with a slash. */
export function restUrl({ endpoints }: Context, stage: string, part: ApiPart): string {
  return `${apiUrl(endpoints.http, apiOf(stage, part), API_STAGE)}/`;
}

/** The stage of the WebSocket API. */
export const LIVE_STAGE = 'live';

export function webSocketPath(stage: string): string {
  return `/execute-api/${apiOf(stage, 'websocket')}/${LIVE_STAGE}`;
}

export function stackPlan(
  context: Context,
  { stage }: GuidanceSpec,
  names: Names,
  identity: Identity,
  part: Part,
): StackPlan {
  return {
    description: `Guidance for Connected Mobility (SO9618) - ${TEXTS[part]}`,
    outputs: outputsOf(context, stage, names, identity, part),
    capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
  };
}

function outputsOf(
  context: Context,
  stage: string,
  names: Names,
  identity: Identity,
  part: Part,
): StackOutput[] {
  const { config, endpoints } = context;
  const { prefix } = names;
  const arn = (service: string, resource: string): string => arnOf(config, service, resource);
  const output = (key: string, value: string, suffix?: string): StackOutput => ({
    key,
    value,
    ...(suffix === undefined ? {} : { exportName: `${stackName(stage, part)}-${suffix}` }),
  });
  const secret = (name: string): string => arn('secretsmanager', `secret:${name}-a1b2c3`);

  switch (part) {
    case 'ui':
      return [
        output('APIEndpoint', restUrl(context, stage, 'ui'), 'api-endpoint'),
        output(
          'WebSocketEndpoint',
          `${endpoints.http.replace(/^http/, 'ws')}${webSocketPath(stage)}`,
          'ws-endpoint',
        ),
        output('UserPoolId', identity.userPoolId, 'user-pool-id'),
        output('UserPoolClientId', identity.clientId, 'user-pool-client-id'),
        output('IdentityPoolId', identity.identityPoolId, 'identity-pool-id'),
        output('UserPoolArnExport', identity.userPoolArn, 'user-pool-arn'),
        // No CloudFront is here: an invented name of it could be somebody else's site.
        output('CloudFrontURL', `${endpoints.http}${PAGE_PATH}`, 'cloudfront-url'),
        output('DefaultUserEmail', DEMO_USER),
        output('DemoUserPasswordSecretArn', identity.demoSecretArn, 'demo-password-secret-arn'),
        output('RouteCalculatorName', `${prefix}-route-calculator`),
        output('LocationServicesMapName', `${prefix}-map`, 'map-name'),
        output('LocationServicesPlaceIndexName', `${prefix}-place-index`, 'place-index-name'),
      ];
    case 'storage':
      return [
        output('VehiclesTableName', names.storage('vehicles')),
        output('FleetsTableName', names.storage('fleets')),
        output('ServiceInvoiceBucketName', `${prefix}-service-invoices-${config.accountId}`),
      ];
    case 'iot':
      return [
        output('DevicePolicyName', DEVICE_POLICY, 'device-policy-name'),
        output('IoTRoleArn', iamArn(config, `role/${prefix}-iot-role`), 'iot-role-arn'),
        output(
          'IoTEventsQueueUrl',
          `${endpoints.http}/${config.accountId}/${prefix}-iot-events`,
          'iot-events-queue-url',
        ),
        output(
          'IoTLifecycleProcessorArn',
          arn('lambda', `function:${prefix}-iot-lifecycle`),
          'iot-lifecycle-processor-arn',
        ),
        output('IoTAPIFunctionArn', arn('lambda', `function:${prefix}-iot-api`), 'iot-api-function-arn'),
      ];
    case 'msk':
      return [
        output('MSKClusterArn', clusterArn(context, names), 'cluster-arn'),
        output('IoTUserSecretArn', secret(`AmazonMSK_${prefix}-iot`), 'iot-user-secret-arn'),
        output('MSKSecurityGroupId', 'sg-0123456789abcdef0', 'security-group-id'),
        output('MSKVpcId', 'vpc-0123456789abcdef0', 'vpc-id'),
        output('MSKPrivateSubnetIds', 'subnet-0123456789abcdef0,subnet-0123456789abcdef1', 'private-subnets'),
        output('MSKPublicSubnetIds', 'subnet-0123456789abcdef2,subnet-0123456789abcdef3', 'public-subnets'),
        output('RedisEndpoint', `${prefix}.cache.internal:6379`),
      ];
    case 'data-processing':
      return [
        // The same key as in the stack `ui`, of another API.
        output('APIEndpoint', restUrl(context, stage, 'data-processing')),
        output('AuthorizationMode', 'COGNITO_USER_POOLS'),
        output('SignalCatalogTableName', names.signalCatalog),
        output('DataSourceConfigsTableName', names.dataSources),
        output('ManifestsBucketName', `${prefix}-manifests-${config.accountId}`),
      ];
    case 'telemetry-integration':
      return [
        output('IoTRuleName', names.rule, 'iot-rule-name'),
        output('VpcDestinationArn', destinationArn(context, names)),
        output('IoTRoleArn', iamArn(config, `role/${prefix}-iot-msk-role`)),
        output('BootstrapServersOutput', bootstrapServers(names), 'bootstrap-servers'),
      ];
    case 'flink':
      return [
        output('FlinkJarBucketOutput', `${prefix}-flink-${config.accountId}`),
        output('FlinkJarS3Key', 'flink/cms-flink.jar'),
      ];
    case 'fleetwise':
      return [];
    case 'simulation':
      return [
        output('SimulationApiUrl', restUrl(context, stage, 'simulation')),
        output('ClusterName', `${prefix}-simulation`),
        output('WorkerTaskDefArn', arn('ecs', `task-definition/${prefix}-simulation-worker:1`)),
        output('FweTaskDefArn', arn('ecs', `task-definition/${prefix}-simulation-fwe:1`)),
        output('SimulationsTableName', names.simulations),
        output('SimulationAlarmsTopicArn', arn('sns', `${prefix}-simulation-alarms`)),
        output('AgentCounterFunctionName', `${prefix}-simulation-agent-counter`),
      ];
    case 'commands':
      return [
        output('CommandsApiUrl', restUrl(context, stage, 'commands')),
        output('CommandResponseRuleName', names.commandRule),
        output('SovdResponseRuleName', names.sovdRule),
        output('SovdResponsesBucketName', `${prefix}-sovd-responses-${config.accountId}`),
      ];
    case 'ws-fanout':
      return [
        output('ServiceArn', arn('ecs', `service/${prefix}-ws-fanout/${prefix}-ws-fanout`), 'service-arn'),
      ];
  }
}

export function clusterArn({ config }: Context, { prefix }: Names): string {
  return arnOf(
    config,
    'kafka',
    `cluster/${prefix}-msk/${derivedUuid(`${config.accountId}/${prefix}/msk`)}-2`,
  );
}

/** The place in the VPC that rules reach the cluster at. */
export function destinationArn({ config }: Context, { prefix }: Names): string {
  return arnOf(
    config,
    'iot',
    `ruledestination/vpc/${derivedUuid(`${config.accountId}/${prefix}/destination`)}`,
  );
}

export function bootstrapServers({ prefix }: Names): string {
  return `b-1.${prefix}.kafka.internal:9096,b-2.${prefix}.kafka.internal:9096`;
}
