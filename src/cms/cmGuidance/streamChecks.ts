import { GetTopicRuleDestinationCommand } from '@aws-sdk/client-iot';
import * as z from 'zod';
import { calling } from '../../aws/calls.ts';
import { isAwsError } from '../../aws/errors.ts';
import { findTopicRule } from '../../aws/iot/topicRules.ts';
import { l10n } from '../../core/message.ts';
import { type Check, checksOf, fail, type Found, ok, skip, type Verdict, warn } from '../contract/checks.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { isDenied, unlessDenied } from '../kit/denied.ts';
import { createJsonCalls } from './jsonCalls.ts';
import type { Sources } from './sources.ts';

const check = checksOf<Found>();
/** The ten applications of the stack flink. */
const APPLICATIONS = 10;
const HOUR_MS = 3_600_000;
const LOG_GROUP = '/aws/iot/rule/errors';
/** What the template has in place of the brokers when Kafka was not there yet. */
const PLACEHOLDER = 'PLACEHOLDER';

const applications = z.object({
  ApplicationSummaries: z
    .array(z.object({ ApplicationName: z.string(), ApplicationStatus: z.string() }))
    .default([]),
  NextToken: z.string().nullish(),
});
const services = z.object({
  services: z
    .array(
      z.object({
        serviceName: z.string(),
        desiredCount: z.number(),
        runningCount: z.number(),
        taskDefinition: z.string(),
      }),
    )
    .default([]),
});
const serviceArns = z.object({ serviceArns: z.array(z.string()).default([]) });
const taskDefinition = z.object({
  taskDefinition: z.object({
    containerDefinitions: z
      .array(
        z.object({
          environment: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
        }),
      )
      .default([]),
  }),
});
const logEvents = z.object({ events: z.array(z.object({ message: z.string() })).default([]) });

/** A look that AWS, or this profile, does not allow says nothing. */
async function unlessUnseen(look: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await look();
  } catch (error) {
    if (isDenied(error)) return skip(l10n.t('It may not be looked at with these credentials.'));
    throw error;
  }
}

/** What lies between AWS IoT and the tables: the rule, the stream, and what hands telemetry on. */
export function streamChecks({ connection, names }: Sources, { parts }: FoundDeployment): readonly Check[] {
  const json = createJsonCalls(connection);
  return [
    check({
      id: 'rule',
      title: l10n.t('Topic rule for telemetry'),
      stage: 'deployment',
      needs: [],
      run: (_, { signal }) =>
        unlessUnseen(async () => {
          const client = await connection.iot();
          const { rule: name } = names;
          const rule = await unlessDenied(findTopicRule(connection, name, signal));
          if (rule === undefined) {
            return fail(
              l10n.t('There is no topic rule {name}, or it may not be read: nothing can arrive.', { name }),
              l10n.t('Deploy the stack telemetry-integration.'),
            );
          }
          if (rule.ruleDisabled === true) {
            return fail(
              l10n.t('The topic rule {name} is disabled.', { name }),
              l10n.t('Enable the rule in AWS IoT, under Message routing.'),
            );
          }
          for (const arn of (rule.actions ?? []).flatMap(({ kafka }) => kafka?.destinationArn ?? [])) {
            const { topicRuleDestination } = await calling(
              l10n.t('reading the destination of the topic rule'),
              () => client.send(new GetTopicRuleDestinationCommand({ arn }), { abortSignal: signal }),
            );
            const status = topicRuleDestination?.status ?? '-';
            if (status !== 'ENABLED') {
              return fail(
                l10n.t('The way of the topic rule {name} into the network of Kafka is {status}.', {
                  name,
                  status,
                }),
                l10n.t('Enable the destination in AWS IoT, under Message routing, Destinations.'),
              );
            }
          }
          return ok(l10n.t('{name} is enabled, and so is its way to Kafka.', { name }));
        }),
    }),
    check({
      id: 'rule-errors',
      title: l10n.t('Errors of the topic rule in the last hour'),
      stage: 'deployment',
      needs: [],
      run: (_, { signal, clock }) =>
        unlessUnseen(async () => {
          let events: z.infer<typeof logEvents>['events'];
          try {
            const input = {
              ...{ logGroupName: LOG_GROUP, startTime: clock.now() - HOUR_MS, limit: 20 },
              filterPattern: `"${names.rule}"`,
            };
            ({ events } = await json('logs', 'FilterLogEvents', input, logEvents, signal));
          } catch (error) {
            if (isAwsError(error, 'ResourceNotFoundException')) return ok(l10n.t('There are none.'));
            throw error;
          }
          const [first] = events;
          if (first === undefined) return ok(l10n.t('There are none.'));
          const said = /"failureMessage"\s*:\s*"([^"]{1,200})|"errorMessage"\s*:\s*"([^"]{1,200})/.exec(
            first.message,
          );
          const why = said?.[1] ?? said?.[2] ?? first.message.slice(0, 200);
          return fail(
            l10n.t('The rule could not hand messages on: {why}', { why }),
            l10n.t('Look into the log group {group}; often Kafka’s sign-in or name service is at fault.', {
              group: LOG_GROUP,
            }),
          );
        }),
    }),
    check({
      id: 'stream',
      title: l10n.t('Applications of the stream run'),
      stage: 'deployment',
      needs: [],
      run: (_, { signal }) =>
        unlessUnseen(async () => {
          const all: z.infer<typeof applications>['ApplicationSummaries'] = [];
          let next: string | undefined;
          for (let page = 0; page < 20; page++) {
            const input = { Limit: 50, ...(next === undefined ? {} : { NextToken: next }) };
            const read = await json('flink', 'ListApplications', input, applications, signal);
            all.push(...read.ApplicationSummaries);
            next = read.NextToken ?? undefined;
            if (next === undefined) break;
          }
          const own = all.filter(({ ApplicationName }) =>
            ApplicationName.startsWith(`${names.prefix}-flink-`),
          );
          if (own.length === 0) {
            return fail(
              l10n.t('There are none: nothing reads what arrives.'),
              l10n.t('Deploy the stack flink, then start them: make start-flink-apps.'),
            );
          }
          const still = own.filter(({ ApplicationStatus }) => ApplicationStatus !== 'RUNNING');
          const words = still
            .map(({ ApplicationName, ApplicationStatus }) => `${ApplicationName} (${ApplicationStatus})`)
            .join(', ');
          if (still.length > 0) {
            return fail(
              still.some(({ ApplicationStatus }) => ApplicationStatus === 'READY')
                ? l10n.t('Not running: {apps}. READY means that it was never started.', { apps: words })
                : l10n.t('Not running: {apps}.', { apps: words }),
              l10n.t(
                'Start them in the folder of the solution: make start-flink-apps; it takes about three minutes.',
              ),
            );
          }
          const count = own.length;
          return count >= APPLICATIONS
            ? ok(l10n.t('All {count} are running.', { count }))
            : warn(
                l10n.t('{count} are running, but there should be {all}.', { count, all: APPLICATIONS }),
                l10n.t('Update the stack flink.'),
              );
        }),
    }),
    check({
      id: 'fanout',
      title: l10n.t('What feeds the WebSocket runs'),
      stage: 'deployment',
      needs: [],
      run(_, { signal }) {
        if (parts['ws-fanout'] === undefined) {
          return Promise.resolve(
            warn(
              l10n.t(
                'The stack ws-fanout is not deployed: the WebSocket stays silent, and the map asks the API.',
              ),
              l10n.t('Deploy it in the folder of the solution, if a live view is wanted.'),
            ),
          );
        }
        const cluster = `${names.prefix}-ws-fanout`;
        return unlessUnseen(async () => {
          const listed = await json('ecs', 'ListServices', { cluster }, serviceArns, signal);
          const input = { cluster, services: listed.serviceArns };
          const read =
            listed.serviceArns.length === 0
              ? { services: [] }
              : await json('ecs', 'DescribeServices', input, services, signal);
          const [service] = read.services;
          const remedy = l10n.t('Deploy the stack ws-fanout again, after msk.');
          if (service === undefined)
            return fail(l10n.t('The cluster {cluster} has no service.', { cluster }), remedy);
          const { runningCount: running, desiredCount: wanted } = service;
          const described = { taskDefinition: service.taskDefinition };
          const { taskDefinition: task } = await json(
            'ecs',
            'DescribeTaskDefinition',
            described,
            taskDefinition,
            signal,
          );
          const brokers = task.containerDefinitions
            .flatMap(({ environment }) => environment)
            .find(({ name }) => name === 'BOOTSTRAP_SERVERS')?.value;
          if (brokers === undefined || brokers === '' || brokers.includes(PLACEHOLDER)) {
            return fail(
              l10n.t(
                'The service does not know where Kafka is (BOOTSTRAP_SERVERS): the WebSocket stays silent.',
              ),
              remedy,
            );
          }
          if (running < 1 || running < wanted) {
            return fail(
              l10n.plural(
                wanted,
                l10n.t('{running} of 1 task is running: the WebSocket stays silent.', { running }),
                l10n.t('{running} of {wanted} tasks are running: the WebSocket stays silent.', {
                  running,
                  wanted,
                }),
              ),
              l10n.t('Look at the events of the service in ECS, cluster {cluster}.', { cluster }),
            );
          }
          return ok(l10n.t('It is running, {running} of {wanted}.', { running, wanted }));
        });
      },
    }),
  ];
}
