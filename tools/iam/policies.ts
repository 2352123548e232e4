import { table } from '../reference/markdown.ts';
import { type Condition, type Grant, OPERATIONS, RESOURCES } from './operations.ts';
import { operationsOf, type Task, TASKS } from './tasks.ts';

interface Statement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
  Condition?: Condition;
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: Statement[];
}

/** The IAM policy of a task, with one statement for all actions that share resource and condition. */
export function policyOf(task: Task): PolicyDocument {
  const statements = new Map<string, { grants: Grant[] }>();
  for (const grant of operationsOf(task).flatMap((operation) => grantsOf(operation))) {
    const key = JSON.stringify([service(grant), grant.resource, grant.condition]);
    const { grants } = statements.get(key) ?? { grants: [] };
    statements.set(key, { grants: [...grants, grant] });
  }
  return {
    Version: '2012-10-17',
    Statement: [...statements.values()].map(({ grants }, i) => statementOf(grants, i)),
  };
}

/** Every policy by the name of its file. */
export function policyFiles(): Map<string, string> {
  return new Map(
    TASKS.map((task) => [`docs/iam/${task.name}.json`, `${JSON.stringify(policyOf(task), null, 2)}\n`]),
  );
}

/** For docs/iam/README.md. */
export function tasksTable(): string {
  return table(
    ['policy', 'to', 'only sometimes'],
    TASKS.map(({ name, purpose, sometimes = {} }) => [
      `[\`${name}.json\`](${name}.json)`,
      purpose,
      Object.entries(sometimes)
        .map(([operation, when]) => `\`${operation}\`: ${when}`)
        .join('; '),
    ]),
  );
}

/** For README.md: which policies are needed for which work. */
export function permissionsTable(): string {
  const link = (name: string): string => `[\`${name}\`](docs/iam/${name}.json)`;
  return table(
    ['to', 'policies'],
    TASKS.map(({ name, wish, besides }) => [
      wish,
      [...(besides === undefined ? [] : [besides]), name].map(link).join(' and '),
    ]),
  );
}

/** The calls that no policy can allow or deny. */
export function freeOperations(): string[] {
  return [...OPERATIONS].flatMap(([operation, grants]) => (grants.length === 0 ? [operation] : []));
}

function grantsOf(operation: string): readonly Grant[] {
  const grants = OPERATIONS.get(operation);
  if (grants === undefined) throw new Error(`It is not known what IAM has to allow for ${operation}.`);
  return grants;
}

const service = ({ action }: Grant): string => action.split(':')[0] ?? '';

function statementOf(grants: readonly Grant[], index: number): Statement {
  const [first] = grants;
  if (first === undefined) throw new Error('A statement has actions.');
  const { resource, condition } = first;
  return {
    Sid: `${service(first).replace(/\W/g, '')}${index + 1}`,
    Effect: 'Allow',
    Action: [...new Set(grants.map(({ action }) => action))].sort(),
    Resource: [...RESOURCES[resource]],
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}
