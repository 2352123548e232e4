import type { Connection } from '../aws/connection.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { createCdfDeployment } from './cdf/deployment.ts';
import {
  CMS_OUTPUTS,
  CORE_OUTPUTS,
  contradicts,
  isCms,
  isCore,
  isCoreWithoutOutputs,
} from './cdf/recognize.ts';
import type { CmsDeployment, FoundDeployment, StackInfo } from './deployment.ts';
import { classify, describeCms } from './discover.ts';
import { missingOutputs, type StackState } from './stackState.ts';
import { listStacks, readStack } from './stacks.ts';
import type { ListedStack } from './stacks.ts';

/** Which deployment to open; with neither, the only ready one of the region. */
export interface DeploymentChoice {
  /** Name of the CMS root stack. */
  stack?: string;
  /** Name of the CDF core stack that belongs to it, when the stacks do not say so themselves. */
  core?: string;
}

/**
 * Opens a CMS deployment to work on; nothing is changed and nobody is signed in.
 * @throws CmsError STACK_NOT_FOUND, STACK_AMBIGUOUS, STACK_NOT_READY, STACK_OUTPUT_MISSING,
 * STACK_PAIRING_WRONG, or of the AWS call
 */
export async function openDeployment(
  connection: Connection,
  choice: DeploymentChoice,
  signal: AbortSignal,
): Promise<CmsDeployment> {
  const found =
    choice.stack !== undefined && choice.core !== undefined
      ? await bothNamed(connection, choice.stack, choice.core, signal)
      : await amongAll(connection, choice, signal);
  return createCdfDeployment(connection, found.stack, coreOrThrow(found));
}

/** Two reads instead of a list: works for a role that may describe these two stacks only. */
async function bothNamed(
  connection: Connection,
  stackName: string,
  coreName: string,
  signal: AbortSignal,
): Promise<FoundDeployment> {
  const [stack, core] = await Promise.all([
    readStack(connection, stackName, signal),
    readStack(connection, coreName, signal),
  ]);
  if (stack !== undefined && core !== undefined && isCms(stack)) return paired(stack, core);
  return amongAll(connection, { stack: stackName, core: coreName }, signal);
}

async function amongAll(
  connection: Connection,
  choice: DeploymentChoice,
  signal: AbortSignal,
): Promise<FoundDeployment> {
  const stacks: ListedStack[] = [];
  for await (const stack of listStacks(connection, signal)) stacks.push(stack);
  const found = choose(classify(stacks), stacks, choice.stack, connection.label);
  if (choice.core === undefined) return found;

  const cms = stacks.find((stack) => stack.id === found.stack.id);
  const core = stacks.find((stack) => stack.name === choice.core);
  if (core === undefined) {
    const cores = stacks.filter((stack) => isCore(stack) && stack.parentId === undefined);
    throw noSuchStack(choice.core, connection.label, coresHere(cores));
  }
  return cms === undefined ? found : paired(cms, core, found.core);
}

function choose(
  deployments: FoundDeployment[],
  stacks: readonly ListedStack[],
  name: string | undefined,
  where: Message,
): FoundDeployment {
  const own = deployments.filter((deployment) => deployment.generation === 'cdf');
  if (name !== undefined) {
    const found = deployments.find((deployment) => deployment.stack.name === name);
    if (found) return found;
    const remedy = cmsHere(own.map((deployment) => deployment.stack));
    if (!stacks.some((stack) => stack.name === name)) throw noSuchStack(name, where, remedy);
    throw new CmsError(
      'STACK_NOT_FOUND',
      l10n.t('The stack "{name}" is not a CMS stack ({where}).', { name, where }),
      { remedy },
    );
  }
  const ready = own.filter((deployment) => deployment.state.kind === 'ready');
  const [only, another] = ready;
  if (only !== undefined && another === undefined) return only;
  if (only !== undefined) {
    const names = l10n.list(
      ready.map((deployment) => deployment.stack.name),
      'comma',
    );
    throw new CmsError('STACK_AMBIGUOUS', l10n.t('There are several CMS stacks: {names}.', { names }), {
      remedy: l10n.t('Say which one to use.'),
    });
  }
  // One that is not ready says why; coreOrThrow will.
  const [first] = own.length > 0 ? own : deployments;
  if (first !== undefined) return first;
  throw new CmsError('STACK_NOT_FOUND', l10n.t('No CMS is deployed here ({where}).', { where }), {
    remedy: l10n.t('Check the profile and the region, or start the local sandbox.'),
  });
}

function noSuchStack(name: string, where: Message, remedy: Message): CmsError {
  return new CmsError('STACK_NOT_FOUND', l10n.t('There is no stack "{name}" ({where}).', { name, where }), {
    remedy,
  });
}

function paired(stack: ListedStack, core: ListedStack, right?: StackInfo): FoundDeployment {
  const remedy =
    right === undefined || right.name === core.name
      ? l10n.t('Leave the core out: the stacks say themselves which belong together.')
      : l10n.t('Use {core}, or leave the core out.', { core: right.name });
  if (!isCore(core) && !isCoreWithoutOutputs(core)) {
    throw new CmsError(
      'STACK_PAIRING_WRONG',
      l10n.t('"{core}" is not a CDF core stack.', { core: core.name }),
      {
        remedy,
      },
    );
  }
  if (contradicts(stack, core)) {
    throw new CmsError(
      'STACK_PAIRING_WRONG',
      l10n.t('"{core}" is not the CDF core of it: "{stack}" was installed with another asset library.', {
        core: core.name,
        stack: stack.name,
      }),
      { remedy },
    );
  }
  return describeCms(stack, core);
}

function coreOrThrow(found: FoundDeployment): StackInfo {
  const { stack, core, state } = found;
  if (state.kind === 'ready' && core !== undefined) return core;
  if (state.kind === 'incomplete') {
    const missing = [
      ...missingOutputs(stack, CMS_OUTPUTS).map((output) => ({ stack: stack.name, output })),
      ...(core === undefined
        ? []
        : missingOutputs(core, CORE_OUTPUTS).map((output) => ({ stack: core.name, output }))),
    ];
    if (missing.length > 0) {
      const outputs = l10n.list(
        missing.map(({ stack: owner, output }) => `${output} (${owner})`),
        'comma',
      );
      throw new CmsError(
        'STACK_OUTPUT_MISSING',
        l10n.t('The stack lacks what is needed: {outputs}.', { outputs }),
        {
          remedy: l10n.t('Update the stack from the CMS templates, or choose another one.'),
          details: { missing: missing.map(({ output }) => output).join(',') },
        },
      );
    }
    if (core === undefined) {
      throw new CmsError('STACK_PAIRING_WRONG', state.reason, {
        remedy: l10n.t('Name the CDF core stack that belongs to it.'),
      });
    }
  }
  const reason =
    state.kind === 'ready' ? l10n.t('{stack} has no CDF core.', { stack: stack.name }) : state.reason;
  throw new CmsError('STACK_NOT_READY', reason, {
    remedy: notReadyRemedy(state),
    details: { status: stack.status },
  });
}

function notReadyRemedy({ kind }: StackState): Message {
  switch (kind) {
    case 'in-progress':
      return l10n.t('Wait until CloudFormation is done, then try again.');
    case 'unsupported':
      return l10n.t('Choose a stack of Connected Mobility Solution v1.');
    case 'ready':
    case 'failed':
    case 'incomplete':
      return l10n.t('Repair or delete the stack in CloudFormation.');
  }
}

function cmsHere(stacks: readonly StackInfo[]): Message {
  return stacks.length === 0
    ? l10n.t('There are no CMS stacks here: check the profile and the region.')
    : l10n.t('CMS stacks here: {stacks}.', { stacks: namesOf(stacks) });
}

function coresHere(stacks: readonly StackInfo[]): Message {
  return stacks.length === 0
    ? l10n.t('There are no CDF core stacks here: check the profile and the region.')
    : l10n.t('CDF core stacks here: {stacks}.', { stacks: namesOf(stacks) });
}

function namesOf(stacks: readonly StackInfo[]): Message {
  return l10n.list(
    stacks.map(({ name, status }) => `${name} (${status})`),
    'comma',
  );
}
