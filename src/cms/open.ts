import type { Connection } from '../aws/connection.ts';
import { CmsError } from '../core/errors.ts';
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
import { missingOutputs } from './stackState.ts';
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
    throw new CmsError('STACK_NOT_FOUND', `There is no stack "${choice.core}" (${connection.label}).`, {
      remedy: available('CDF core stacks', cores),
    });
  }
  return cms === undefined ? found : paired(cms, core, found.core);
}

function choose(
  deployments: FoundDeployment[],
  stacks: readonly ListedStack[],
  name: string | undefined,
  where: string,
): FoundDeployment {
  const own = deployments.filter((deployment) => deployment.generation === 'cdf');
  if (name !== undefined) {
    const found = deployments.find((deployment) => deployment.stack.name === name);
    if (found) return found;
    const other = stacks.some((stack) => stack.name === name);
    throw new CmsError(
      'STACK_NOT_FOUND',
      other
        ? `The stack "${name}" is not a CMS stack (${where}).`
        : `There is no stack "${name}" (${where}).`,
      {
        remedy: available(
          'CMS stacks',
          own.map((deployment) => deployment.stack),
        ),
      },
    );
  }
  const ready = own.filter((deployment) => deployment.state.kind === 'ready');
  const [only, another] = ready;
  if (only !== undefined && another === undefined) return only;
  if (only !== undefined) {
    const names = ready.map((deployment) => deployment.stack.name).join(', ');
    throw new CmsError('STACK_AMBIGUOUS', `There are several CMS stacks: ${names}.`, {
      remedy: 'Say which one to use.',
    });
  }
  // One that is not ready says why; coreOrThrow will.
  const [first] = own.length > 0 ? own : deployments;
  if (first !== undefined) return first;
  throw new CmsError('STACK_NOT_FOUND', `No CMS is deployed here (${where}).`, {
    remedy: 'Check the profile and the region, or start the local sandbox.',
  });
}

function paired(stack: ListedStack, core: ListedStack, right?: StackInfo): FoundDeployment {
  const remedy =
    right === undefined || right.name === core.name
      ? 'Leave the core out: the stacks say themselves which belong together.'
      : `Use ${right.name}, or leave the core out.`;
  if (!isCore(core) && !isCoreWithoutOutputs(core)) {
    throw new CmsError('STACK_PAIRING_WRONG', `"${core.name}" is not a CDF core stack.`, { remedy });
  }
  if (contradicts(stack, core)) {
    const why = `"${stack.name}" was installed with another asset library`;
    throw new CmsError('STACK_PAIRING_WRONG', `"${core.name}" is not the CDF core of it: ${why}.`, {
      remedy,
    });
  }
  return describeCms(stack, core);
}

function coreOrThrow(found: FoundDeployment): FoundDeployment['stack'] {
  const { stack, core, state } = found;
  if (state.kind === 'ready' && core !== undefined) return core;
  if (state.kind === 'incomplete') {
    const missing = [
      ...missingOutputs(stack, CMS_OUTPUTS).map((key) => [stack.name, key] as const),
      ...(core === undefined
        ? []
        : missingOutputs(core, CORE_OUTPUTS).map((key) => [core.name, key] as const)),
    ];
    if (missing.length > 0) {
      const keys = missing.map(([owner, key]) => `${key} (${owner})`).join(', ');
      throw new CmsError('STACK_OUTPUT_MISSING', `The stack lacks what is needed: ${keys}.`, {
        remedy: 'Update the stack from the CMS templates, or choose another one.',
        details: { missing: missing.map(([, key]) => key).join(',') },
      });
    }
    if (core === undefined) {
      throw new CmsError('STACK_PAIRING_WRONG', state.reason, {
        remedy: 'Name the CDF core stack that belongs to it.',
      });
    }
  }
  const reason = state.kind === 'ready' ? `${stack.name} has no CDF core.` : state.reason;
  throw new CmsError('STACK_NOT_READY', reason, {
    remedy:
      state.kind === 'in-progress'
        ? 'Wait until CloudFormation is done, then try again.'
        : state.kind === 'unsupported'
          ? 'Choose a stack of Connected Mobility Solution v1.'
          : 'Repair or delete the stack in CloudFormation.',
    details: { status: stack.status },
  });
}

function available(what: string, stacks: readonly { name: string; status: string }[]): string {
  if (stacks.length === 0) return `There are no ${what} here: check the profile and the region.`;
  return `${what} here: ${stacks.map((stack) => `${stack.name} (${stack.status})`).join(', ')}.`;
}
