import type { Context } from '../kernel/context.ts';
import { parseJson } from '../kit/json.ts';
import { arnOf } from '../kit/partition.ts';
import type { TopicRules } from './iot/registry/topicRules.ts';
import type { DeployedFunctions } from './lambda/deployedFunctions.ts';
import { functionNameOf, type Functions, LONGEST_RUN_MS } from './lambda/functions.ts';

/** What a rule is told. */
interface Message {
  topic: string;
  payload: Buffer;
}

/**
 * The topic rules that stacks make: those that select everything of a topic and call a function. The rule has to be
 * permitted to call it, and learns nothing of how that ends (AWS IoT Developer Guide, "Lambda" among the rule actions).
 */
export function createRuleActions(
  { config, log }: Context,
  parts: { rules: TopicRules; deployed: DeployedFunctions; functions: Functions },
): (message: Message) => void {
  const { rules, deployed, functions } = parts;

  function run(ruleName: string, action: object, payload: unknown): void {
    const { lambda } = action as { lambda?: { functionArn?: string } };
    const name = functionNameOf(lambda?.functionArn ?? '');
    // Those of installations are called by the installations.
    if (deployed.find(name) === undefined) return;
    if (!deployed.mayInvoke(name, 'iot.amazonaws.com', arnOf(config, 'iot', `rule/${ruleName}`))) {
      log('warn', `The rule ${ruleName} may not call ${name}`);
      return;
    }
    functions.invoke(name, payload, LONGEST_RUN_MS).catch((error: unknown) => {
      log('warn', `The rule ${ruleName} called ${name}: ${String(error)}`);
    });
  }

  return ({ topic, payload }) => {
    for (const { ruleName, sql, topicPattern, actions, enabled } of rules.list()) {
      if (!enabled || !matches(topicPattern, topic) || !/^SELECT\s+\*\s+FROM\s+'[^']+'\s*$/i.test(sql))
        continue;
      const value = parseJson(payload.toString('utf8'));
      for (const action of actions) run(ruleName, action, value);
    }
  };
}

function matches(filter: string, topic: string): boolean {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  const rest = wanted.indexOf('#');
  if (rest >= 0 ? given.length <= rest : given.length !== wanted.length) return false;
  const compared = rest < 0 ? wanted : wanted.slice(0, rest);
  return compared.every((level, index) => level === '+' || level === given[index]);
}
