import { AwsError } from '../../../kernel/http.ts';
import { notFound } from '../wire/errors.ts';
import type { RuleDestinationRecord, TopicRuleRecord } from './records.ts';
import type { IotState } from './state.ts';

/** The topic rules that installations make. What a rule does is the installation's own; here stands that it is there. */
export interface TopicRules {
  /** Makes a rule, unless it is there. */
  ensure(rule: Pick<TopicRuleRecord, 'ruleName' | 'sql' | 'topicPattern' | 'actions'>): void;
  /** Throws UnauthorizedException for one that is not there, as AWS IoT does. */
  find(ruleName: string): TopicRuleRecord;
  list(): Iterable<TopicRuleRecord>;
  enable(ruleName: string, enabled: boolean): void;
  /** Whether it is there and works. */
  isEnabled(ruleName: string): boolean;
  remove(ruleName: string): void;
  /** Makes a destination in a VPC, unless it is there. */
  ensureDestination(destination: Omit<RuleDestinationRecord, 'status' | 'statusReason' | 'createdAt'>): void;
  /** Throws ResourceNotFoundException. */
  destination(arn: string): RuleDestinationRecord;
  destinations(): Iterable<RuleDestinationRecord>;
  setDestination(arn: string, status: RuleDestinationRecord['status'], reason: string): void;
}

export function createTopicRules(state: IotState): TopicRules {
  const { rules, destinations } = state;

  function destination(arn: string): RuleDestinationRecord {
    const found = destinations.get(arn);
    if (found === undefined) throw notFound('The destination was not found.');
    return found;
  }

  function find(ruleName: string): TopicRuleRecord {
    const found = rules.get(ruleName);
    if (found === undefined) {
      throw new AwsError('UnauthorizedException', `Access to topic rule '${ruleName}' was denied`, 401);
    }
    return found;
  }

  return {
    find,
    ensure(rule) {
      if (rules.has(rule.ruleName)) return;
      rules.set(rule.ruleName, { ...rule, enabled: true, createdAt: state.now(), sequence: state.next() });
    },
    list: () => rules.values(),
    enable(ruleName, enabled) {
      rules.set(ruleName, { ...find(ruleName), enabled });
    },
    isEnabled: (ruleName) => rules.get(ruleName)?.enabled === true,
    remove(ruleName) {
      rules.delete(ruleName);
    },
    ensureDestination(destination) {
      if (destinations.has(destination.arn)) return;
      destinations.set(destination.arn, {
        ...{ ...destination, status: 'ENABLED', statusReason: '', createdAt: state.now() },
      });
    },
    destination,
    destinations: () => destinations.values(),
    setDestination(arn, status, statusReason) {
      destinations.set(arn, { ...destination(arn), status, statusReason });
    },
  };
}
