import type { Context } from '../kernel/context.ts';
import { AwsError } from '../kernel/http.ts';
import { arnOf } from '../kit/partition.ts';
import { nameIn, objectOf, type ResourceTypes, textOf } from './cloudformation/resourceTypes.ts';
import type { Tables } from './dynamodb/tables.ts';
import type { Iam } from './iam/iam.ts';
import type { TopicRules } from './iot/registry/topicRules.ts';
import type { DeployedFunctions } from './lambda/deployedFunctions.ts';
import { functionNameOf } from './lambda/functions.ts';
import type { Logs } from './logs/logs.ts';

/** What resources of stacks are made with. */
export interface StackServices {
  iam: Iam;
  tables: Tables;
  deployed: DeployedFunctions;
  rules: TopicRules;
  logs: Pick<Logs, 'ensure' | 'remove'>;
}

/** The types of resources that a stack can have here. */
export function stackResources(
  { config }: Context,
  { iam, tables, deployed, rules, logs }: StackServices,
): ResourceTypes {
  return {
    'AWS::DynamoDB::Table': {
      put(properties, made) {
        const name = nameIn(properties, 'TableName', made);
        const keys = properties.KeySchema as { AttributeName: string; KeyType: string }[];
        const types = new Map(
          (
            properties.AttributeDefinitions as { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[]
          ).map((each) => [each.AttributeName, each.AttributeType]),
        );
        const key = (kind: string) => {
          const found = keys.find(({ KeyType }) => KeyType === kind);
          return found && { name: found.AttributeName, type: types.get(found.AttributeName) ?? 'S' };
        };
        const [hash, range] = [key('HASH'), key('RANGE')];
        if (hash === undefined) throw new AwsError('ValidationError', 'Property KeySchema has no HASH key');
        tables.ensure({ name, hash, ...(range === undefined ? {} : { range }) });
        return { physicalId: name, attributes: { Arn: tables.arnOf(name) } };
      },
      remove: (name) => tables.remove(name),
    },
    'AWS::IAM::Role': {
      put(properties, made) {
        const name = nameIn(properties, 'RoleName', made.slice(0, 64));
        const policies = (properties.Policies ?? []) as { PolicyName: string; PolicyDocument: object }[];
        const { PermissionsBoundary: boundary } = properties;
        const { arn, id } = iam.putRole({
          name,
          trustPolicy: JSON.stringify(objectOf(properties, 'AssumeRolePolicyDocument')),
          boundary: typeof boundary === 'string' ? boundary : undefined,
          inline: Object.fromEntries(
            policies.map((each) => [each.PolicyName, JSON.stringify(each.PolicyDocument)]),
          ),
        });
        return { physicalId: name, attributes: { Arn: arn, RoleId: id } };
      },
      remove: (name) => iam.removeRole(name),
    },
    // What functions print is in the sandbox's own log, too.
    'AWS::Logs::LogGroup': {
      put(properties, made) {
        const name = nameIn(properties, 'LogGroupName', made);
        logs.ensure(name);
        return { physicalId: name, attributes: { Arn: arnOf(config, 'logs', `log-group:${name}:*`) } };
      },
      remove: (name) => logs.remove(name),
    },
    'AWS::Lambda::Function': {
      put(properties, made) {
        if (config.runFunctions !== true) {
          throw new AwsError(
            'ValidationError',
            'The sandbox runs no functions of stacks: start it with --run-functions',
          );
        }
        const name = nameIn(properties, 'FunctionName', made.slice(0, 64));
        const roleArn = textOf(properties, 'Role');
        if (!iam.mayAssume('lambda.amazonaws.com', roleArn)) {
          throw new AwsError(
            'InvalidParameterValueException',
            'The role defined for the function cannot be assumed by Lambda.',
          );
        }
        const runtime = textOf(properties, 'Runtime');
        if (!/^nodejs\d+\.x$/.test(runtime)) {
          throw new AwsError('ValidationError', `The sandbox runs functions of Node.js only, not ${runtime}`);
        }
        const { Environment: environment = {} } = properties;
        const { Variables: variables = {} } = environment as { Variables?: Record<string, string> };
        const arn = arnOf(config, 'lambda', `function:${name}`);
        const { LogGroup: logGroup = `/aws/lambda/${name}` } = (properties.LoggingConfig ?? {}) as {
          LogGroup?: string;
        };
        logs.ensure(logGroup);
        deployed.put({
          ...{ name, arn, roleArn, runtime, environment: variables, logGroup },
          code: textOf(objectOf(properties, 'Code'), 'ZipFile'),
          handler: textOf(properties, 'Handler'),
          timeoutMs: 1000 * Number(properties.Timeout ?? 3),
          memoryMb: Number(properties.MemorySize ?? 128),
        });
        return { physicalId: name, attributes: { Arn: arn } };
      },
      remove: (name) => deployed.remove(name),
    },
    'AWS::Lambda::Permission': {
      put(properties, made) {
        const text = (name: string): string | undefined => {
          const value = properties[name];
          return typeof value === 'string' ? value : undefined;
        };
        deployed.permit(made, {
          functionName: functionNameOf(textOf(properties, 'FunctionName')),
          principal: textOf(properties, 'Principal'),
          sourceArn: text('SourceArn'),
          sourceAccount: text('SourceAccount'),
        });
        return { physicalId: made, attributes: { Id: made } };
      },
      remove: (id) => deployed.forbid(id),
    },
    'AWS::IoT::TopicRule': {
      put(properties, made) {
        const ruleName = nameIn(properties, 'RuleName', made.replaceAll(/[^a-zA-Z0-9_]/g, '_'));
        const payload = objectOf(properties, 'TopicRulePayload');
        const sql = textOf(payload, 'Sql');
        const [, topicPattern] = /^SELECT\s+.+?\s+FROM\s+'([^']+)'/is.exec(sql) ?? [];
        if (topicPattern === undefined) {
          throw new AwsError('InvalidRequestException', 'The SQL of the rule has no topic');
        }
        rules.remove(ruleName);
        rules.ensure({ ruleName, sql, topicPattern, actions: (payload.Actions as object[]).map(lowerCased) });
        if (payload.RuleDisabled === true) rules.enable(ruleName, false);
        return { physicalId: ruleName, attributes: { Arn: arnOf(config, 'iot', `rule/${ruleName}`) } };
      },
      remove: (name) => rules.remove(name),
    },
  };
}

/** As GetTopicRule shows them: CloudFormation's names begin with a capital letter. */
function lowerCased(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, each]): [string, unknown] => [
      name.charAt(0).toLowerCase() + name.slice(1),
      typeof each === 'object' && each !== null && !Array.isArray(each) ? lowerCased(each as object) : each,
    ]),
  );
}
