import { AwsError } from '../../../kernel/http.ts';
import type { TopicRuleRecord } from './records.ts';
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
}

export function createTopicRules(state: IotState): TopicRules {
  const { rules } = state;

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
  };
}
