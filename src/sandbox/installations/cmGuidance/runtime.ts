import type { Aws } from '../../services/services.ts';
import type { Data } from './data.ts';
import { textOf } from './rows.ts';
import type { Runs } from './simulation/runs.ts';
import { FLINK_APPS, type Part } from './spec.ts';

/** What is made at the deployment. */
const TOPICS = [
  'cms-telemetry-raw',
  'fw-telemetry-raw',
  ...['oem', 'preprocessed', 'processed', 'trips', 'safety', 'maintenance'].map(
    (name) => `cms-telemetry-${name}`,
  ),
];

/** What Flink, ECS and MSK say of one deployment, and do to it when they are asked. */
export function provideRuntime(
  { flink, ecs, kafka }: Pick<Aws, 'flink' | 'ecs' | 'kafka'>,
  deployment: {
    readonly data: Data;
    readonly parts: readonly Part[];
    readonly runs: Runs;
    /** Of the Kafka cluster. */
    readonly servers: string;
    readonly cluster: string;
  },
): void {
  const { data, parts, runs, servers, cluster } = deployment;
  const { prefix } = data.names;
  const start = `${prefix}-flink-`;
  flink.provide({
    list: () =>
      FLINK_APPS.map((app) => ({
        name: start + app,
        status: data.switches().stopped.includes(app) ? 'READY' : 'RUNNING',
      })),
    run(name, running) {
      const { stopped } = data.switches();
      const app = FLINK_APPS.find((each) => start + each === name);
      if (app === undefined) return;
      data.change({ stopped: running ? stopped.filter((each) => each !== app) : [...stopped, app] });
    },
  });
  ecs.provide(() => {
    const { fanout } = data.switches();
    const clusters = [
      {
        part: 'ws-fanout',
        name: `${prefix}-ws-fanout`,
        services: [
          {
            name: `${prefix}-ws-fanout`,
            running: fanout === 'stopped' ? 0 : 1,
            desired: 1,
            environment: { BOOTSTRAP_SERVERS: fanout === 'placeholder' ? 'PLACEHOLDER' : servers },
          },
        ],
        tasks: [],
        stop: () => undefined,
      },
      {
        part: 'simulation',
        name: `${prefix}-simulation`,
        services: [],
        tasks: runs.all().map(({ taskArn, startedAt }) => ({ taskArn, startedAt })),
        stop(taskArn: string) {
          const run = runs.all().find((each) => each.taskArn === taskArn);
          if (run !== undefined) runs.stop(run.id);
        },
      },
    ];
    return clusters.filter(({ part }) => parts.some((each) => each === part));
  });
  kafka.provide(() => ({ arn: cluster, topics: [...TOPICS, ...fleetTopics(data)] }));
}

/** Of the fleets whose vehicles have sent, or will. */
function fleetTopics(data: Data): string[] {
  if (data.switches().fleetTopics === 'missing') return [];
  const fleets = data.storage('fleets').all();
  return fleets.map(({ fleetId }) => `cms-fleet-${textOf(fleetId)}-telemetry`);
}

/** The destination in AWS IoT says what the switch says. */
export function reportDestination({ iot }: Pick<Aws, 'iot'>, data: Data, arn: string): void {
  const { rules, state } = iot.parts;
  const found = state.destinations.get(arn);
  if (found === undefined) return;
  const status = data.switches().destination === 'error' ? 'ERROR' : 'ENABLED';
  if (found.status === status) return;
  rules.setDestination(arn, status, status === 'ERROR' ? 'The subnets have no free addresses.' : '');
}
