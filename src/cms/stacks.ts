import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Connection } from '../aws/connection.ts';
import { isAwsError, toCmsError } from '../aws/errors.ts';
import { CmsError } from '../core/errors.ts';
import type { StackInfo } from './deployment.ts';

/** A stack as CloudFormation lists it; nested stacks name their parent and root. */
export interface ListedStack extends StackInfo {
  parentId: string | undefined;
  rootId: string | undefined;
}

export function isNested(stack: ListedStack): boolean {
  return stack.parentId !== undefined || stack.rootId !== undefined;
}

/** Every stack of the region, nested ones too, page by page (DescribeStacks; deleted ones are not listed). */
export async function* listStacks(connection: Connection, signal: AbortSignal): AsyncIterable<ListedStack> {
  const { paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation');
  const client = await connection.cloudFormation();
  try {
    const pages = paginateDescribeStacks({ client }, {}, { abortSignal: signal });
    for await (const page of pages) {
      // A web page parses as an answer without anything in it, which is not the same as no stacks.
      if (page.Stacks === undefined && page.$metadata.requestId === undefined) throw notAws(connection);
      yield* (page.Stacks ?? []).map(stackOf);
    }
  } catch (error) {
    throw toCmsError(error, 'listing the CloudFormation stacks');
  }
}

/** One stack by name, undefined if there is none. */
export async function readStack(
  connection: Connection,
  name: string,
  signal: AbortSignal,
): Promise<ListedStack | undefined> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await connection.cloudFormation();
  try {
    const answer = await client.send(new DescribeStacksCommand({ StackName: name }), { abortSignal: signal });
    const stack = answer.Stacks?.[0];
    return stack === undefined ? undefined : stackOf(stack);
  } catch (error) {
    // CloudFormation says ValidationError "Stack with id … does not exist".
    if (isAwsError(error, 'ValidationError') && /does not exist|failed to satisfy/.test(String(error))) {
      return undefined;
    }
    throw toCmsError(error, `reading the stack ${name}`);
  }
}

function notAws({ endpoint = 'CloudFormation' }: Connection): CmsError {
  return new CmsError('ENDPOINT_UNREACHABLE', `What answers at ${endpoint} does not speak as AWS does.`, {
    remedy: 'Check the endpoint: another web server, a proxy or a sign-in page may stand there.',
  });
}

function stackOf(stack: Stack): ListedStack {
  return {
    name: stack.StackName ?? '',
    id: stack.StackId ?? '',
    status: stack.StackStatus ?? '',
    description: stack.Description ?? '',
    outputs: Object.fromEntries(
      (stack.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? '']),
    ),
    parameters: Object.fromEntries(
      (stack.Parameters ?? []).map((p) => [p.ParameterKey ?? '', p.ParameterValue ?? '']),
    ),
    createdAt: stack.CreationTime,
    parentId: stack.ParentId,
    rootId: stack.RootId,
  };
}
