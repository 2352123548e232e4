import type { Authority } from '../authority/contract.ts';
import { type BrokerDeps, createBroker, type MessageBroker } from '../broker/broker.ts';
import type { Context } from '../kernel/context.ts';
import type { HttpService } from '../kernel/http.ts';
import { createMessageBus } from '../kit/messageBus.ts';
import { type CloudFormation, createCloudFormation } from './cloudformation/cloudformation.ts';
import { type Cognito, createCognito } from './cognito/cognito.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts';
import { callResource } from './callResource.ts';
import { createIam, type Iam } from './iam/iam.ts';
import { createRoleSessions, type RoleSessions } from './iam/roleSessions.ts';
import { createIot, type Iot } from './iot/iot.ts';
import { createIotData } from './iotData/iotData.ts';
import { createDeployedFunctions } from './lambda/deployedFunctions.ts';
import { createBatch } from './batch/batch.ts';
import { createPlaces } from './batch/places.ts';
import { createFunctions, type Functions } from './lambda/functions.ts';
import { createLambda } from './lambda/lambda.ts';
import { createRuleActions } from './ruleActions.ts';
import { createEcs, type Ecs } from './ecs/ecs.ts';
import { createFlink, type Flink } from './flink/flink.ts';
import { createKafka, type Kafka } from './kafka/kafka.ts';
import { createLogs, type Logs } from './logs/logs.ts';
import { createS3, type S3 } from './s3/s3.ts';
import { createSecretsManager, type SecretsManager } from './secretsManager/secretsManager.ts';
import { scaleResources } from './scaleResources.ts';
import { createServiceQuotas, type ServiceQuotas } from './serviceQuotas/serviceQuotas.ts';
import { stackResources } from './stackResources.ts';
import { createSsm, type Ssm } from './ssm/ssm.ts';
import { createSts } from './sts/sts.ts';

/** The AWS of one sandbox: what installations are made with, and what answers on the HTTP port. */
export interface Aws {
  readonly cloudFormation: CloudFormation;
  readonly cognito: Cognito;
  readonly dynamoDb: DynamoDb;
  readonly ecs: Ecs;
  readonly flink: Flink;
  readonly functions: Functions;
  readonly iam: Iam;
  readonly iot: Iot;
  readonly kafka: Kafka;
  readonly secretsManager: SecretsManager;
  readonly logs: Logs;
  readonly s3: S3;
  readonly serviceQuotas: ServiceQuotas;
  readonly ssm: Ssm;
  readonly broker: MessageBroker;
  /** Why a call is refused whose caller is the role of a function. */
  readonly refusal: RoleSessions['refusal'];
  /** Ends the processes of functions. */
  readonly close: () => void;
  /** Publishes with QoS 1, as the cloud does. */
  readonly publish: (topic: string, payload: string) => void;
  /** Of those that claim a request, the first answers it. */
  readonly services: readonly HttpService[];
}

/** @param deps what the broker hands messages and HTTP connections to */
export function createAws(
  context: Context,
  { authority, ...deps }: { authority: Authority } & Pick<BrokerDeps, 'onMessage' | 'isRule' | 'http'>,
): Aws {
  const bus = createMessageBus();
  const iam = createIam(context);
  const sessions = createRoleSessions(
    context,
    (role) => iam.policiesOf(role),
    (service, _, request) => callResource(context.config, service, request),
  );
  const logs = createLogs(context);
  const deployed = createDeployedFunctions(context, sessions, logs);
  const iot = createIot(context, authority, bus.publish, (role) => iam.mayAssume('iot.amazonaws.com', role));
  const { registry, thingServices } = iot;
  const functions = createFunctions(context, undefined, (name) => deployed.workOf(name));
  const actions = createRuleActions(context, { rules: iot.parts.rules, deployed, functions });
  const onMessage: BrokerDeps['onMessage'] = (message) => {
    deps.onMessage(message);
    actions(message);
  };
  const broker = createBroker(context, {
    ...deps,
    onMessage,
    authority,
    registry,
    thingServices,
    functions,
    roleAllows: (key, action, resource) => sessions.allows(key, action, resource),
  });
  bus.subscribe((topic, payload) => broker.publish(topic, payload));
  const shadow = thingServices.find(({ name }) => name === 'shadow');

  const dynamoDb = createDynamoDb(context);
  const s3 = createS3(context);
  const places = createPlaces(context);
  const batch = createBatch(context, { places, sessions, logs });
  const types = {
    ...stackResources(context, { iam, deployed, logs, rules: iot.parts.rules, tables: dynamoDb.tables }),
    ...scaleResources(context, { iam, places, buckets: s3.buckets, endJobs: batch.endAll }),
  };

  // A new service is a folder beside this file, and a line here.
  const parts = {
    iot,
    iotData: createIotData(context, broker, shadow),
    cognito: createCognito(context),
    cloudFormation: createCloudFormation(context, types),
    sts: createSts(context),
    iam,
    ssm: createSsm(context),
    dynamoDb,
    secretsManager: createSecretsManager(context),
    lambda: createLambda(context, functions),
    s3,
    batch,
    ecs: createEcs(context),
    flink: createFlink(context),
    kafka: createKafka(),
    serviceQuotas: createServiceQuotas(context),
    logs,
  };
  return {
    ...parts,
    functions,
    refusal: (service, operation, request) => sessions.refusal(service, operation, request),
    close: () => deployed.close(),
    broker,
    publish: bus.publish,
    services: Object.values(parts).map(({ service }) => service),
  };
}
