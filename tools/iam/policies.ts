import { labelOf } from '../../src/cms/generations.ts';
import { table } from '../reference/markdown.ts';
import { type Condition, type Grant, operationsOf, type Permissions, type Task } from './contract.ts';
import { PERMISSIONS } from './permissions.ts';

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
export function policyOf(task: Task, { operations }: Pick<Permissions, 'operations'>): PolicyDocument {
  const statements = new Map<string, { grants: Grant[] }>();
  for (const grant of operationsOf(task).flatMap((operation) => grantsOf(operation, operations))) {
    const key = JSON.stringify([service(grant), grant.resources, grant.condition]);
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
    PERMISSIONS.flatMap((permissions) =>
      permissions.tasks.map((task): [string, string] => [
        `docs/iam/${fileOf(task.name, permissions)}`,
        `${JSON.stringify(policyOf(task, permissions), null, 2)}\n`,
      ]),
    ),
  );
}

/** What IAM calls an operation, as the policies do: S3's have other names. */
function actionOf(operation: string, { operations }: Permissions): string {
  return operations.get(operation)?.[0]?.action ?? operation;
}

/** For docs/iam/README.md. */
export function tasksTable(): string {
  return ofEach((permissions) =>
    table(
      ['policy', 'to', 'only sometimes'],
      permissions.tasks.map(({ name, purpose, sometimes = {} }) => {
        const file = fileOf(name, permissions);
        return [
          `[\`${file}\`](${file})`,
          purpose,
          Object.entries(sometimes)
            .map(([operation, when]) => `\`${actionOf(operation, permissions)}\`: ${when}`)
            .join('; '),
        ];
      }),
    ),
  );
}

/** For README.md: which policies are needed for which work. */
export function permissionsTable(): string {
  return ofEach((permissions) => {
    const link = (name: string): string => `[\`${name}\`](docs/iam/${fileOf(name, permissions)})`;
    return table(
      ['to', 'policies'],
      permissions.tasks.map(({ name, wish, besides }) => [
        wish,
        [...(besides === undefined ? [] : [besides]), name].map(link).join(' and '),
      ]),
    );
  });
}

/** The calls that no policy can allow or deny. */
export function freeOperations(): string[] {
  const free = PERMISSIONS.flatMap(({ operations }) =>
    [...operations].flatMap(([operation, grants]) => (grants.length === 0 ? [operation] : [])),
  );
  return [...new Set(free)];
}

/** A table of each generation, under its name where there are several. */
function ofEach(make: (permissions: Permissions) => string): string {
  return PERMISSIONS.map((permissions) =>
    PERMISSIONS.length === 1
      ? make(permissions)
      : `**${labelOf(permissions.generation)}**\n\n${make(permissions)}`,
  ).join('\n\n');
}

const fileOf = (task: string, { folder }: Permissions): string =>
  `${folder === '' ? '' : `${folder}/`}${task}.json`;

function grantsOf(operation: string, operations: Permissions['operations']): readonly Grant[] {
  const grants = operations.get(operation);
  if (grants === undefined) throw new Error(`It is not known what IAM has to allow for ${operation}.`);
  return grants;
}

const service = ({ action }: Grant): string => action.split(':')[0] ?? '';

function statementOf(grants: readonly Grant[], index: number): Statement {
  const [first] = grants;
  if (first === undefined) throw new Error('A statement has actions.');
  const { resources, condition } = first;
  return {
    Sid: `${service(first).replace(/\W/g, '')}${index + 1}`,
    Effect: 'Allow',
    Action: [...new Set(grants.map(({ action }) => action))].sort(),
    Resource: [...resources],
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}
