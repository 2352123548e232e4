import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  type CloudFormationClient,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { CmsError, messageOf } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { l10n } from '../core/message.ts';
import { poll, waits, type PollPolicy } from '../core/retry.ts';
import type { Work } from '../core/work.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { isAwsError } from './errors.ts';

/** A stack as it stands. */
export interface FoundStack {
  name: string;
  status: string;
  outputs: Readonly<Record<string, string>>;
  parameters: Readonly<Record<string, string>>;
}

/** What a stack is to be. */
export interface StackWish {
  name: string;
  /** JSON text. */
  template: string;
  parameters: Readonly<Record<string, string>>;
}

/** A role takes seconds, a function and a rule some more; a stack of few resources is done within two minutes. */
const UNTIL_DONE: PollPolicy = {
  attempts: Infinity,
  backoff: waits(500, 1000, 2000, 3000),
  withinMs: 15 * 60_000,
};
const LOST = ['CREATE_FAILED', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'DELETE_FAILED'];
/** What the stack's own event says when somebody has asked for something. */
const OPERATIONS = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'DELETE_IN_PROGRESS'];

/** Whether nothing leads out of its state but deletion (CloudFormation User Guide, "Stack status codes"). */
export function isLost({ status }: FoundStack): boolean {
  return LOST.includes(status);
}

/** Undefined if there is no such stack. */
export async function findStack(
  connection: Connection,
  name: string,
  signal: AbortSignal,
): Promise<FoundStack | undefined> {
  const client = await connection.cloudFormation();
  return calling(l10n.t('looking for stack {name}', { name }), () => describe(client, name, signal));
}

async function describe(
  client: CloudFormationClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<FoundStack | undefined> {
  try {
    const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }), {
      abortSignal,
    });
    return found && read(found);
  } catch (error) {
    // "Stack with id … does not exist" has no code of its own.
    if (isAwsError(error, 'ValidationError') && messageOf(error).includes('does not exist')) return undefined;
    throw error;
  }
}

function read(found: Stack): FoundStack {
  return {
    name: expectField(found, 'StackName', 'DescribeStacks'),
    status: expectField(found, 'StackStatus', 'DescribeStacks'),
    outputs: Object.fromEntries(
      (found.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
    parameters: Object.fromEntries(
      (found.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
        ParameterKey,
        ParameterValue,
      ]),
    ),
  };
}

/**
 * Makes a stack, or makes one that is there as it is to be, and waits for it. What a run before left half done is waited
 * for; what failed is removed first, because CloudFormation updates no such stack.
 * @throws CmsError AWS_CALL_FAILED with CloudFormation's reason
 */
export async function ensureStack(
  connection: Connection,
  wish: StackWish,
  work: Work,
): Promise<{ result: 'found' | 'repaired' | 'created'; stack: FoundStack }> {
  const { name } = wish;
  const client = await connection.cloudFormation();
  const doing = l10n.t('deploying stack {name}', { name });
  const input = {
    StackName: name,
    TemplateBody: wish.template,
    Parameters: Object.entries(wish.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Capabilities: ['CAPABILITY_IAM' as const],
  };
  const abort = { abortSignal: work.signal };
  let before = await settled(connection, name, work);
  if (before !== undefined && isLost(before)) {
    await deleteStack(connection, name, work);
    before = undefined;
  }
  work.progress({ step: 'stack', level: 'info', message: l10n.t('Deploying stack {name}', { name }) });
  if (before === undefined) {
    await calling(doing, () => client.send(new CreateStackCommand(input), abort));
  } else {
    try {
      await client.send(new UpdateStackCommand(input), abort);
    } catch (error) {
      if (
        isAwsError(error, 'ValidationError') &&
        messageOf(error).includes('No updates are to be performed')
      ) {
        return { result: 'found', stack: before };
      }
      await calling(doing, () => Promise.reject(error as Error));
    }
  }
  const stack = await settled(connection, name, work);
  if (stack !== undefined && ['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(stack.status)) {
    return { result: before === undefined ? 'created' : 'repaired', stack };
  }
  throw await failed(connection, name, stack?.status, work.signal);
}

/** False if it was gone already. @throws CmsError AWS_CALL_FAILED with CloudFormation's reason */
export async function deleteStack(connection: Connection, name: string, work: Work): Promise<boolean> {
  const found = await settled(connection, name, work);
  if (found === undefined) return false;
  const client = await connection.cloudFormation();
  work.progress({ step: 'stack', level: 'info', message: l10n.t('Removing stack {name}', { name }) });
  await calling(l10n.t('removing stack {name}', { name }), () =>
    client.send(new DeleteStackCommand({ StackName: name }), { abortSignal: work.signal }),
  );
  const left = await settled(connection, name, work);
  if (left === undefined || left.status === 'DELETE_COMPLETE') return true;
  throw await failed(connection, name, left.status, work.signal);
}

/** The stack when CloudFormation does nothing with it; undefined if there is none. */
async function settled(connection: Connection, name: string, work: Work): Promise<FoundStack | undefined> {
  const end = await poll(work, UNTIL_DONE, async () => {
    const found = await findStack(connection, name, work.signal);
    return found?.status.endsWith('_IN_PROGRESS') === true ? undefined : { found };
  });
  if (end !== undefined) return end.found;
  throw new CmsError('STACK_NOT_READY', l10n.t('CloudFormation still works on stack {name}.', { name }), {
    step: 'stack',
    remedy: l10n.t('Run this again: it waits for the stack.'),
  });
}

/** What happened since the last operation began: a stack keeps the events of those before. */
function eventsOfLast(events: readonly StackEvent[], name: string): readonly StackEvent[] {
  const start = events.findIndex(
    ({ ResourceType, LogicalResourceId, ResourceStatus = '' }) =>
      ResourceType === 'AWS::CloudFormation::Stack' &&
      LogicalResourceId === name &&
      OPERATIONS.includes(ResourceStatus),
  );
  return start === -1 ? events : events.slice(0, start + 1);
}

async function failed(
  connection: Connection,
  name: string,
  status: string | undefined,
  signal: AbortSignal,
): Promise<CmsError> {
  const client = await connection.cloudFormation();
  const reason = await client
    .send(new DescribeStackEventsCommand({ StackName: name }), { abortSignal: signal })
    .then(({ StackEvents: events = [] }) =>
      // Newest first: the cause is the first that failed.
      eventsOfLast(events, name).findLast(
        ({ ResourceStatus: state = '', ResourceStatusReason: why }) =>
          state.endsWith('_FAILED') && why !== undefined && !/cancelled/i.test(why),
      ),
    )
    .catch(() => undefined);
  const what = l10n.t('Stack {name} is {status}.', { name, status: status ?? 'gone' });
  const why = reason?.ResourceStatusReason;
  return new CmsError(
    'AWS_CALL_FAILED',
    why === undefined
      ? what
      : l10n.t('Stack {name} is {status}: {resource}: {why}', {
          ...{ name, status: status ?? 'gone' },
          ...{ resource: reason?.LogicalResourceId ?? '', why: l10n.verbatim(why) },
        }),
    { step: 'stack', remedy: l10n.t('Fix what CloudFormation names, and run this again.') },
  );
}
