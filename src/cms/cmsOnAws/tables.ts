import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import type { StackInfo } from '../contract/stacks.ts';
import { TABLES } from './names.ts';

/** Names of the tables of an app. */
export interface Tables {
  readonly authorized: string;
  readonly provisioned: string;
}

/** The tables of a stack, by their logical ids without the hash at the end. */
export async function tablesOf(
  connection: Connection,
  stack: StackInfo,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const client = await connection.cloudFormation();
  const doing = l10n.t('listing the resources of the stack {name}', { name: stack.name });
  const found: Record<string, string> = {};
  await calling(doing, async () => {
    const pages = paginateListStackResources({ client }, { StackName: stack.name }, { abortSignal: signal });
    const ending = endingPages(pages, doing, ({ NextToken: next, StackResourceSummaries: items }) => ({
      ...{ next, items },
    }));
    for await (const { StackResourceSummaries = [] } of ending) {
      for (const { ResourceType, LogicalResourceId = '', PhysicalResourceId } of StackResourceSummaries) {
        if (ResourceType !== 'AWS::DynamoDB::Table' || PhysicalResourceId === undefined) continue;
        found[LogicalResourceId.replace(/[0-9A-F]{8}$/, '')] = PhysicalResourceId;
      }
    }
  });
  return found;
}

/**
 * Looks them up among the resources of the stack that made them: no output or parameter names them.
 * @throws CmsError STACK_OUTPUT_MISSING
 */
export async function findTables(
  connection: Connection,
  stack: StackInfo,
  signal: AbortSignal,
): Promise<Tables> {
  const found = await tablesOf(connection, stack, signal);
  const authorized = found[TABLES.authorized];
  const provisioned = found[TABLES.provisioned];
  if (authorized !== undefined && provisioned !== undefined) return { authorized, provisioned };
  throw new CmsError(
    'STACK_OUTPUT_MISSING',
    l10n.t('The stack {name} has no tables of authorized and provisioned vehicles.', { name: stack.name }),
    { remedy: l10n.t('Update the stack from the templates of CMS on AWS, or choose another deployment.') },
  );
}
