import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Connection } from '../../aws/connection.ts';
import { CHECK_ENDPOINT, isAwsError, toCmsError } from '../../aws/errors.ts';
import { CmsError } from '../../core/errors.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n, type Message } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';

/** A stack by its outputs and description; `outputs` and `parameters` are plain key → value. */
export interface StackInfo {
  name: string;
  id: string;
  status: string;
  description: string;
  outputs: Readonly<Record<string, string>>;
  parameters: Readonly<Record<string, string>>;
  createdAt: Date | undefined;
}

/** A stack as CloudFormation lists it; nested stacks name their parent and root. */
export interface ListedStack extends StackInfo {
  parentId: string | undefined;
  rootId: string | undefined;
}

/** Stacks for people, each with its state. */
export function namesOf(stacks: readonly StackInfo[]): Message {
  return l10n.list(
    stacks.map(({ name, status }) => `${name} (${status})`),
    'comma',
  );
}

export function isNested(stack: ListedStack): boolean {
  return stack.parentId !== undefined || stack.rootId !== undefined;
}

/** Every stack of the region, nested ones too, page by page (DescribeStacks; deleted ones are not listed). */
export async function* listStacks(
  connection: Pick<Connection, 'cloudFormation' | 'endpoint'>,
  signal: AbortSignal,
): AsyncIterable<ListedStack> {
  const doing = l10n.t('listing the CloudFormation stacks');
  const { paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation');
  const client = await connection.cloudFormation();
  try {
    const pages = paginateDescribeStacks({ client }, {}, { abortSignal: signal });
    const ending = endingPages(pages, doing, ({ NextToken: next, Stacks: items }) => ({ next, items }));
    for await (const page of ending) {
      // A web page parses as an answer without anything in it, which is not the same as no stacks.
      if (page.Stacks === undefined && page.$metadata.requestId === undefined) throw notAws(connection);
      yield* (page.Stacks ?? []).map(stackOf);
    }
  } catch (error) {
    throw toCmsError(error, doing);
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
    // CloudFormation has one code for all that is wrong with a request: only its text tells a missing stack.
    if (isAwsError(error, 'ValidationError') && /does not exist|failed to satisfy/.test(String(error))) {
      return undefined;
    }
    throw toCmsError(error, l10n.t('reading the stack {name}', { name }));
  }
}

function notAws({ endpoint = 'CloudFormation' }: Pick<Connection, 'endpoint'>): CmsError {
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    l10n.t('What answers at {endpoint} does not behave like AWS.', { endpoint }),
    { remedy: CHECK_ENDPOINT },
  );
}

function stackOf(stack: Stack): ListedStack {
  return {
    name: expectField(stack, 'StackName', 'DescribeStacks'),
    id: expectField(stack, 'StackId', 'DescribeStacks'),
    status: expectField(stack, 'StackStatus', 'DescribeStacks'),
    // A template need not describe itself.
    description: stack.Description ?? '',
    outputs: valuesByKey((stack.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue])),
    parameters: valuesByKey(
      (stack.Parameters ?? []).map((parameter) => [parameter.ParameterKey, parameter.ParameterValue]),
    ),
    createdAt: stack.CreationTime,
    parentId: stack.ParentId,
    rootId: stack.RootId,
  };
}

/** An empty value may come without its element. */
function valuesByKey(pairs: readonly [string | undefined, string | undefined][]): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap(([key, value = '']) => (key === undefined ? [] : [[key, value] as const])),
  );
}
