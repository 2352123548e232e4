import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';

/** A cluster of an installation: what runs in it, and what is meant to. */
export interface EcsCluster {
  readonly name: string;
  readonly services: readonly EcsService[];
  readonly tasks: readonly EcsTask[];
  /** Ends a task. */
  stop(taskArn: string): void;
}

export interface EcsService {
  readonly name: string;
  readonly running: number;
  readonly desired: number;
  /** Of its containers. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface EcsTask {
  readonly taskArn: string;
  /** ms. */
  readonly startedAt: number;
}

export interface Ecs {
  readonly service: HttpService;
  provide(source: () => readonly EcsCluster[]): void;
}

const names = z.array(z.string().min(1).max(512)).min(1);

/** Amazon ECS 2014-11-13: the services and tasks of installations, for those who look whether they run. */
export function createEcs({ config }: Pick<Context, 'config'>): Ecs {
  const sources: (() => readonly EcsCluster[])[] = [];
  const all = (): EcsCluster[] => sources.flatMap((source) => [...source()]);
  const arn = (resource: string): string => arnOf(config, 'ecs', resource);
  /** What stands behind the last slash of an ARN. */
  const last = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

  function clusterOf(name = 'default'): EcsCluster {
    const found = all().find((cluster) => cluster.name === last(name));
    if (found === undefined) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return found;
  }

  const cluster = z.string().min(1).max(512).optional();
  return {
    provide: (source) => void sources.push(source),
    service: createAwsJsonService({
      name: 'ecs',
      target: 'AmazonEC2ContainerServiceV20141113',
      version: '1.1',
      invalid: 'InvalidParameterException',
      tooFast: 'ThrottlingException',
      operations: {
        ListServices: operation(z.object({ cluster }), (input) => {
          const { name, services } = clusterOf(input.cluster);
          return { serviceArns: services.map((each) => arn(`service/${name}/${each.name}`)) };
        }),
        DescribeServices: operation(z.object({ cluster, services: names.max(10) }), (input) => {
          const { name, services } = clusterOf(input.cluster);
          const found = services.filter((each) =>
            input.services.some((wanted) => last(wanted) === each.name),
          );
          const missing = input.services.filter(
            (wanted) => !services.some((each) => each.name === last(wanted)),
          );
          return {
            services: found.map((each) => ({
              serviceArn: arn(`service/${name}/${each.name}`),
              serviceName: each.name,
              clusterArn: arn(`cluster/${name}`),
              status: 'ACTIVE',
              desiredCount: each.desired,
              runningCount: each.running,
              pendingCount: 0,
              launchType: 'FARGATE',
              taskDefinition: arn(`task-definition/${each.name}:1`),
            })),
            failures: missing.map((wanted) => ({ arn: wanted, reason: 'MISSING' })),
          };
        }),
        DescribeTaskDefinition: operation(z.object({ taskDefinition: z.string().min(1) }), (input) => {
          const [family = ''] = last(input.taskDefinition).split(':');
          const found = all()
            .flatMap(({ services }) => services)
            .find(({ name }) => name === family);
          if (found === undefined) {
            throw new AwsError('ClientException', 'Unable to describe task definition.');
          }
          return {
            taskDefinition: {
              ...{ taskDefinitionArn: arn(`task-definition/${family}:1`), family, revision: 1 },
              status: 'ACTIVE',
              containerDefinitions: [
                {
                  name: family,
                  environment: Object.entries(found.environment).map(([name, value]) => ({ name, value })),
                },
              ],
            },
          };
        }),
        ListTasks: operation(
          z.object({ cluster, desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).optional() }),
          (input) => ({
            taskArns:
              (input.desiredStatus ?? 'RUNNING') === 'RUNNING'
                ? clusterOf(input.cluster).tasks.map(({ taskArn }) => taskArn)
                : [],
          }),
        ),
        DescribeTasks: operation(z.object({ cluster, tasks: names.max(100) }), (input) => {
          const { name, tasks } = clusterOf(input.cluster);
          const isTask = (wanted: string, { taskArn }: EcsTask): boolean => last(taskArn) === last(wanted);
          return {
            tasks: tasks
              .filter((task) => input.tasks.some((wanted) => isTask(wanted, task)))
              .map(({ taskArn, startedAt }) => ({
                ...{ taskArn, clusterArn: arn(`cluster/${name}`), createdAt: startedAt / 1000 },
                startedAt: startedAt / 1000,
                ...{ lastStatus: 'RUNNING', desiredStatus: 'RUNNING', launchType: 'FARGATE' },
              })),
            failures: input.tasks
              .filter((wanted) => !tasks.some((task) => isTask(wanted, task)))
              .map((wanted) => ({ arn: wanted, reason: 'MISSING' })),
          };
        }),
        StopTask: operation(
          z.object({ cluster, task: z.string().min(1), reason: z.string().max(255).optional() }),
          (input) => {
            const found = clusterOf(input.cluster);
            const task = found.tasks.find(({ taskArn }) => last(taskArn) === last(input.task));
            if (task === undefined) {
              throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
            }
            found.stop(task.taskArn);
            return {
              task: { taskArn: task.taskArn, lastStatus: 'DEPROVISIONING', desiredStatus: 'STOPPED' },
            };
          },
        ),
      },
    }),
  };
}
