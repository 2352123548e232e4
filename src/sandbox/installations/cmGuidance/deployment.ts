import type { MessageListener } from '../../broker/contract.ts';
import type { UpgradeRequest } from '../../kernel/edge/upgrade.ts';
import type { Context } from '../../kernel/context.ts';
import { contained } from '../../kit/contained.ts';
import { iamArn } from '../../kit/partition.ts';
import type { Aws } from '../../services/services.ts';
import type { Overview } from '../overview.ts';
import { createCommands, SIMULATED_COMMANDS } from './commands.ts';
import { createData, type Data } from './data.ts';
import type { GuidanceApi } from './gateway.ts';
import { ensureIdentity, type Identity } from './identity.ts';
import { manifestHandlers } from './manifests.ts';
import { type Names, namesOf } from './names.ts';
import { DEVICE_POLICY, devicePolicy } from './policies.ts';
import type { FleetCache } from './rest/fleets.ts';
import { mainHandlers } from './rest/main.ts';
import { hasMethod } from './rest/resources.ts';
import { simulationHandlers } from './simulation/api.ts';
import { createRuns } from './simulation/runs.ts';
import { createWorker } from './simulation/worker.ts';
import { seedTables } from './seeds.ts';
import { DAYS, type GuidanceSpec, type Part, stackName } from './spec.ts';
import {
  type ApiPart,
  apiOf,
  bootstrapServers,
  clusterArn,
  destinationArn,
  stackPlan,
  webSocketPath,
} from './stacks.ts';
import { provideRuntime, reportDestination } from './runtime.ts';
import { createStream, RULE_ERRORS } from './stream/stream.ts';
import { ensureTables } from './tables.ts';
import { createLiveFeed } from './webSocket.ts';

/** One deployment: its stacks, its APIs, and what it does with messages. */
export interface Deployment {
  readonly stage: string;
  readonly data: Data;
  /** Makes what the state lacks of it. */
  install(): void;
  reload(): void;
  /** Called once a second. */
  tick(): void;
  overview(): Overview;
  upgrade(request: UpgradeRequest): boolean;
  readonly onMessage: MessageListener;
  isRule(name: string): boolean;
  /** By the kind of API, with the ids in their addresses; none before it is installed. */
  readonly apis: readonly (readonly [part: ApiPart, id: string, api: GuidanceApi])[];
}

export function createDeployment(context: Context, aws: Aws, spec: GuidanceSpec): Deployment {
  const { stage, parts } = spec;
  const names = namesOf(stage, context.config);
  const data = createData(context, aws, names, spec);
  /** What was seeded once stays as its owner left it. */
  const made = context.store.table<true>('cm-guidance.made');
  const stream = createStream(context, aws, data);
  const commands = createCommands(aws, data);
  const worker = createWorker(context, aws, data, stream, (answer) =>
    commands.answer(Buffer.from(JSON.stringify(answer))),
  );
  const runs = createRuns(context, data, worker, SIMULATED_COMMANDS);
  commands.onSent((command) => runs.onCommand(command));
  const feed = createLiveFeed(context, aws.cognito.tokens, data, {
    identity: () => identity,
    isRefused: () => data.switches().websocket === 'refused',
    isPushed: () =>
      has('ws-fanout') && data.switches().websocket === 'working' && data.switches().fanout === 'running',
  });
  stream.onFleetMessage((fleetId, message) => feed.push(fleetId, message));
  const fleetCache = new Map<string, FleetCache>();
  let identity: Identity | undefined;
  let isProvided = false;
  const has = (part: Part): boolean => parts.includes(part);
  const { rules } = aws.iot.parts;

  function api(handlers: GuidanceApi['handlers'], more: Partial<GuidanceApi> = {}): GuidanceApi {
    return {
      stage,
      userPoolId: identity?.userPoolId ?? '',
      asOf: () => data.switches().asOf,
      isClosed: () => true,
      has: () => true,
      handlers,
      unknown: 'Endpoint not found',
      ...more,
    };
  }

  const take: MessageListener = (message) => {
    stream.onMessage(message);
    const { topic, payload, rule } = message;
    const concerns = (name: string, pattern: RegExp): boolean =>
      rules.isEnabled(name) && (rule === undefined ? pattern.test(topic) : rule === name);
    if (concerns(names.commandRule, /^cms\/commands\/[^/]+\/response$/)) commands.answer(payload);
    if (concerns(names.sovdRule, /^cms\/commands\/things\/[^/]+\/executions\/[^/]+\/sovd\/response$/)) {
      commands.answer(payload);
    }
  };

  return {
    stage,
    data,
    install() {
      identity = ensureIdentity(context, aws, spec, names);
      ensureTables(aws.dynamoDb, names);
      if (!made.has(stage)) {
        seedTables(aws, names, spec, data.now());
        makeIotResources(context, aws, spec, names);
        made.set(stage, true);
      }
      if (!isProvided) {
        const kafka = { servers: bootstrapServers(names), cluster: clusterArn(context, names) };
        provideRuntime(aws, { data, parts, runs, ...kafka });
      }
      isProvided = true;
      const { stacks } = aws.cloudFormation;
      const own = identity;
      for (const part of parts) {
        stacks.deploy(stackName(stage, part), () => stackPlan(context, spec, names, own, part));
      }
    },
    reload() {
      fleetCache.clear();
      stream.reload();
      feed.close();
    },
    onMessage(message) {
      contained(
        context.log,
        'the stream',
        () => undefined,
        () => take(message),
      );
    },
    tick() {
      reportDestination(aws, data, destinationArn(context, names));
      stream.tick();
      feed.tick();
      runs.tick();
    },
    upgrade(request) {
      if (identity === undefined || request.target.path !== webSocketPath(stage)) return false;
      feed.connect(request);
      return true;
    },
    overview: () => stream.seen.overview(),
    isRule: (name) =>
      [names.rule, names.productRule, names.commandRule, names.sovdRule].includes(name) &&
      rules.isEnabled(name),
    get apis() {
      if (identity === undefined) return [];
      const { userPoolId } = identity;
      const main = mainHandlers(context, aws, data, { userPoolId: () => userPoolId, fleetCache });
      const list: [ApiPart, string, GuidanceApi][] = [
        [
          'ui',
          apiOf(stage, 'ui'),
          api(main, { has: (method, path) => hasMethod(method, path, data.switches()) }),
        ],
        [
          'data-processing',
          apiOf(stage, 'data-processing'),
          api(manifestHandlers(data), { unknown: 'Not found' }),
        ],
        [
          'simulation',
          apiOf(stage, 'simulation'),
          api(simulationHandlers(context, data, runs), {
            unknown: 'Unknown route',
            isClosed: () => data.switches().asOf >= DAYS.simulationClosed,
          }),
        ],
        ['commands', apiOf(stage, 'commands'), api(commands.handlers)],
      ];
      return list.filter(([part]) => has(part));
    },
  };
}

/** Rules, and the policy that all stages of an account share. */
function makeIotResources(
  context: Context,
  { iot, logs }: Pick<Aws, 'iot' | 'logs'>,
  spec: GuidanceSpec,
  names: Names,
): void {
  const { rules, policies, state } = iot.parts;
  if (!state.policies.has(DEVICE_POLICY)) policies.create(DEVICE_POLICY, devicePolicy(context));
  const roleArn = iamArn(context.config, `role/${names.prefix}-iot-msk-role`);
  const make = (ruleName: string, topicPattern: string, actions: object[]): void =>
    rules.ensure({ ruleName, sql: `SELECT * FROM '${topicPattern}'`, topicPattern, actions });
  const kafka = (topic: string): object => ({
    kafka: {
      destinationArn: destinationArn(context, names),
      topic,
      clientProperties: {
        'bootstrap.servers': bootstrapServers(names),
        'security.protocol': 'SASL_SSL',
        'sasl.mechanism': 'SCRAM-SHA-512',
      },
    },
  });
  if (spec.parts.includes('telemetry-integration')) {
    const backup = {
      s3: {
        roleArn,
        bucketName: names.backupBucket,
        key: 'raw-telemetry/year=${parse_time("yyyy", timestamp())}/month=${parse_time("MM", timestamp())}/day=${parse_time("dd", timestamp())}/hour=${parse_time("HH", timestamp())}/${clientid()}-${timestamp()}.json',
      },
    };
    const topic = `${names.telemetryTopic}/+`;
    make(names.rule, topic, [kafka('cms-telemetry-raw'), backup]);
    rules.ensureDestination({
      arn: destinationArn(context, names),
      vpc: {
        subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        securityGroups: ['sg-0123456789abcdef0'],
        vpcId: 'vpc-0123456789abcdef0',
        roleArn,
      },
    });
    logs.ensure(RULE_ERRORS);
    make(names.productRule, topic, [kafka('cs-product-meridian-ev'), backup]);
  }
  if (spec.parts.includes('commands')) {
    const lambda = { lambda: { functionArn: `${roleArn.replace(/role\/.*/, '')}function` } };
    make(names.commandRule, 'cms/commands/+/response', [lambda]);
    make(names.sovdRule, 'cms/commands/things/+/executions/+/sovd/response', [lambda]);
  }
}
