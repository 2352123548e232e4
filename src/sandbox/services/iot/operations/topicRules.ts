import * as z from 'zod';
import type { IotState } from '../registry/state.ts';
import type { RuleDestinationRecord } from '../registry/records.ts';
import type { TopicRules } from '../registry/topicRules.ts';
import { operation, type Operation } from '../../../protocols/restJson.ts';
import { DEFAULT_PAGE, tokenPaging } from '../wire/fields.ts';
import { page } from '../wire/page.ts';
import { seconds } from '../wire/time.ts';

const ruleName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z0-9_]+$/);

export function topicRuleOperations(state: IotState, rules: TopicRules): Operation[] {
  const uri = { ruleName };
  return [
    operation('GetTopicRule', 'GET', '/rules/:ruleName', { uri }, (input) => {
      const { ruleName: name, sql, actions, enabled, createdAt } = rules.find(input.ruleName);
      return {
        ruleArn: state.arn('rule', name),
        rule: {
          ruleName: name,
          sql,
          createdAt: seconds(createdAt),
          actions,
          ruleDisabled: !enabled,
          awsIotSqlVersion: '2016-03-23',
        },
      };
    }),
    operation(
      'ListTopicRules',
      'GET',
      '/rules',
      {
        query: {
          ...tokenPaging,
          topic: z.string().max(256).optional(),
          ruleDisabled: z.enum(['true', 'false']).optional(),
        },
      },
      (input) => {
        const wanted = [...rules.list()].filter(
          ({ topicPattern, enabled }) =>
            (input.topic === undefined || topicPattern === input.topic) &&
            (input.ruleDisabled === undefined || String(!enabled) === input.ruleDisabled),
        );
        const { items, next } = page(wanted, {
          token: input.nextToken,
          size: input.maxResults ?? DEFAULT_PAGE,
        });
        return {
          rules: items.map((rule) => ({
            ruleArn: state.arn('rule', rule.ruleName),
            ruleName: rule.ruleName,
            topicPattern: rule.topicPattern,
            createdAt: seconds(rule.createdAt),
            ruleDisabled: !rule.enabled,
          })),
          nextToken: next,
        };
      },
    ),
    // The ARN has two slashes, which clients leave as they are.
    operation(
      'GetTopicRuleDestination',
      'GET',
      '/destinations/:start/:kind/:id',
      { uri: { start: z.string(), kind: z.string(), id: z.string() } },
      ({ start, kind, id }) => ({
        topicRuleDestination: destinationType(rules.destination(`${start}/${kind}/${id}`)),
      }),
    ),
    operation('ListTopicRuleDestinations', 'GET', '/destinations', { query: tokenPaging }, (input) => {
      const all = [...rules.destinations()].map((each, sequence) => ({ ...each, sequence }));
      const { items, next } = page(all, { token: input.nextToken, size: input.maxResults ?? DEFAULT_PAGE });
      return { destinationSummaries: items.map(destinationType), nextToken: next };
    }),
    operation('EnableTopicRule', 'POST', '/rules/:ruleName/enable', { uri }, (input) => {
      rules.enable(input.ruleName, true);
    }),
    operation('DisableTopicRule', 'POST', '/rules/:ruleName/disable', { uri }, (input) => {
      rules.enable(input.ruleName, false);
    }),
    operation('DeleteTopicRule', 'DELETE', '/rules/:ruleName', { uri }, (input) => {
      rules.remove(input.ruleName);
    }),
  ];
}

function destinationType({ arn, status, statusReason, vpc, createdAt }: RuleDestinationRecord): object {
  return {
    ...{ arn, status, statusReason, createdAt: seconds(createdAt), lastUpdatedAt: seconds(createdAt) },
    vpcProperties: vpc,
  };
}
