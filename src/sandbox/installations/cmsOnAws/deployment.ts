import { PAGE_PATH } from '../../kernel/edge/target.ts';
import type { MessageListener } from '../../broker/contract.ts';
import type { Context } from '../../kernel/context.ts';
import { parseJsonBytes } from '../../kit/json.ts';
import { apiIdOf, apiUrl } from '../../protocols/apiGateway/apiIds.ts';
import type { ThingEvent } from '../../services/iot/registry/eventConfigurations.ts';
import type { Aws } from '../../services/services.ts';
import type { Overview } from '../overview.ts';
import { createAlerts } from './alerts.ts';
import type { GraphqlApi } from './graphql/graphql.ts';
import { telemetryResolvers } from './graphql/telemetryQueries.ts';
import { ensureIdentity, type Identity } from './identity.ts';
import { makeProvisioning, makeRules, rotateClaim } from './iotResources.ts';
import { namesOf } from './names.ts';
import { putParameters } from './parameters.ts';
import { createProvisioningFunctions } from './provisioning.ts';
import { createSeen } from './seen.ts';
import type { Simulator } from './simulator/api.ts';
import { createSimulatorModule } from './simulator/simulator.ts';
import { authSetupPlan, modulePlan, type StackValues, vpcPlan } from './stacks.ts';
import { type CmsOnAwsSpec, stackName, stacksOf } from './spec.ts';

/** One deployment: its stacks, and what it does with messages and registry events. */
export interface Deployment {
  readonly app: string;
  /** Makes what the state lacks of it. */
  install(): Promise<void>;
  readonly onMessage: MessageListener;
  onThingEvent(event: ThingEvent): void;
  isRule(name: string): boolean;
  overview(): Overview;
  /** Its GraphQL APIs by the ids in their addresses; none before it is installed. */
  readonly graphql: readonly (readonly [id: string, api: GraphqlApi])[];
  /** Its simulator by the id in the address of its API; undefined without the module. */
  readonly simulator: readonly [id: string, simulator: Simulator] | undefined;
}

/** How long the function behind a topic rule may run. */
const LONGEST_RUN_MS = 60_000;

/** A registry event whose function has not run yet: a kill does not lose it. */
interface Pending {
  readonly app: string;
  readonly event: ThingEvent;
}

export function createDeployment(context: Context, aws: Aws, spec: CmsOnAwsSpec): Deployment {
  const { config, clock, endpoints, log, store } = context;
  const { app, modules, postDelayMs } = spec;
  const { rules } = aws.iot.parts;
  const names = namesOf(app, config.accountId, config.region);
  /** What was made once stays as its owner left it. */
  const made = store.table<{ claimCertificateId: string }>('cms-on-aws.made');
  const pending = store.table<Pending>('cms-on-aws.pending-events');
  const functions = createProvisioningFunctions(context, aws, names);
  const simulator = modules.includes('vehicle-simulator')
    ? createSimulatorModule(context, aws, app)
    : undefined;
  const alerts = modules.includes('alerts')
    ? createAlerts(context, aws, { app, table: names.notifications })
    : undefined;
  const seen = createSeen(context, aws, names, app);
  let identity: Identity | undefined;
  const has = (module: (typeof modules)[number]): boolean => modules.includes(module);

  const values = (): StackValues => ({
    claimCertificateId: made.get(app)?.claimCertificateId ?? '',
    graphqlUrl: graphqlUrl('api'),
    alertsPublishUrl: graphqlUrl('alerts-publish'),
    alertsFrontendUrl: graphqlUrl('alerts-frontend'),
    simulatorOutputs: simulator?.outputs() ?? [],
    uiApiUrl: `${apiUrl(endpoints.http, apiIdOf(stackName(app, 'ui'), 'fleet'), 'prod')}/`,
    // No CloudFront is here: an invented name of it could be somebody else's site.
    uiUrl: `${endpoints.http}${PAGE_PATH}`,
    uiConfigPath: `s3://${app}-ui-bucket/runtimeConfig.json`,
  });
  const graphqlUrl = (api: string): string => `${endpoints.http}/appsync-api/${apiIdOf(app, api)}/graphql`;

  function deployStacks(): void {
    const { stacks } = aws.cloudFormation;
    const { vpc, 'auth-setup': authSetup } = stacksOf(spec);
    if (vpc !== undefined) stacks.deploy(vpc, () => vpcPlan(spec));
    if (authSetup !== undefined) stacks.deploy(authSetup, () => authSetupPlan(spec));
    for (const module of ['config', ...modules] as const) {
      stacks.deploy(stackName(app, module), () => modulePlan(context, spec, names, values(), module));
    }
  }

  function makeTables(): void {
    const { tables } = aws.dynamoDb;
    const vin = { name: 'vin', type: 'S' } as const;
    tables.ensure({ name: names.authorised, hash: vin });
    tables.ensure({ name: names.provisioned, hash: vin, range: { name: 'certificate_id', type: 'S' } });
  }

  function deployFunctions(): void {
    const { preProvisioning, postProvisioning, initialConnection } = names.functions;
    aws.functions.put(preProvisioning, (payload) => functions.preProvisioning(payload));
    aws.functions.put(postProvisioning, (event) => functions.postProvisioning(event));
    aws.functions.put(initialConnection, (message) => functions.initialConnection(message));
    aws.secretsManager.rotateBy(names.claimSecret, () => rotateClaim(aws, names));
  }

  /** Calls the function behind a rule. What it throws is in the log, as on AWS. */
  async function call(name: string, payload: unknown): Promise<void> {
    await aws.functions.invoke(name, payload, LONGEST_RUN_MS).catch((error: unknown) => {
      log('warn', `${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  function runLater(key: string): void {
    setTimeout(() => {
      const waiting = pending.get(key);
      // A reset took it away.
      if (waiting === undefined) return;
      void call(names.functions.postProvisioning, waiting.event).finally(() => pending.delete(key));
    }, postDelayMs).unref();
  }

  return {
    app,
    async install() {
      identity = ensureIdentity(context, aws, spec.idp);
      if (has('provisioning')) {
        makeTables();
        deployFunctions();
      }
      simulator?.install();
      alerts?.install();
      if (has('connect-store')) {
        aws.s3.buckets.ensure(names.bucket);
        // Without the module `alerts` there is nobody to tell.
        aws.functions.put(names.functions.vehicleAlarm, (message) => alerts?.onNotification(message));
      }
      if (!made.has(app)) {
        makeRules(context, aws, spec, names);
        const claimCertificateId = has('provisioning') ? await makeProvisioning(context, aws, names) : '';
        made.set(app, { claimCertificateId });
      }
      putParameters(context, aws, spec, { names, identity, values: values() });
      deployStacks();
      for (const [key, waiting] of pending.entries()) if (waiting.app === app) runLater(key);
    },

    overview: () => seen.overview(),
    simulator: simulator?.api,

    get graphql() {
      if (identity === undefined) return [];
      const { userPoolId, scopes, userClientId, serviceClientId } = identity;
      const clients = [userClientId, serviceClientId];
      const resolvers = {
        ...(has('api') ? { api: telemetryResolvers(() => aws.s3.buckets.ensure(names.bucket)) } : {}),
        ...(alerts === undefined
          ? {}
          : { 'alerts-publish': alerts.publishing, 'alerts-frontend': alerts.subscribing }),
      };
      return Object.entries(resolvers).map(
        ([api, own]) => [apiIdOf(app, api), { userPoolId, clients, scopes, resolvers: own }] as const,
      );
    },

    onThingEvent(event) {
      if (!rules.isEnabled(names.rules.postProvisioning)) return;
      const key = `${app}/${event.eventId}`;
      pending.set(key, { app, event });
      runLater(key);
    },

    onMessage({ topic, payload, rule }) {
      const concerns = (name: string, start: string): boolean =>
        rules.isEnabled(name) && (rule === undefined ? topic.startsWith(start) : rule === name);
      if (concerns(names.rules.saveToS3, 'cms/data/')) {
        aws.s3.buckets
          .ensure(names.bucket)
          .put(`${topic}/${clock.now()}`, payload, 'application/octet-stream');
        seen.note(topic, payload);
      }
      if (concerns(names.rules.initialConnection, 'vehicleactive/')) {
        void call(names.functions.initialConnection, parseJsonBytes(payload));
      }
      if (concerns(names.rules.sendToAlarm, 'cms/notification/')) {
        void call(names.functions.vehicleAlarm, parseJsonBytes(payload));
      }
    },

    isRule: (name) => Object.values(names.rules).includes(name) && rules.isEnabled(name),
  };
}
