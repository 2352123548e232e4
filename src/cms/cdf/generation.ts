import type { Connection } from '../../aws/connection.ts';
import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { FoundDeployment, Generation } from '../contract/generation.ts';
import { type ListedStack, namesOf, type StackInfo } from '../contract/stacks.ts';
import { missingOutputs, stateOf, type StackState } from '../contract/stackState.ts';
import type { CdfApi } from './api.ts';
import { createCdfApi } from './createApi.ts';
import { createDeployment } from './deployment.ts';
import { listInfos } from './namedLists.ts';
import { cdfFields } from './onboarding/fields.ts';
import {
  CMS_OUTPUTS,
  contradicts,
  CORE_OUTPUTS,
  coreOf,
  isCms,
  isCore,
  isCoreWithoutOutputs,
} from './recognize.ts';
import { offboardOptions } from './removals.ts';
import { refOf } from './thingName.ts';

/** Connected Mobility Solution 1.x, on the Connected Device Framework. */
export const cdf: Generation = {
  id: 'cdf',
  label: 'CMS v1',
  recognise: (stacks) =>
    stacks.filter(isCms).map((stack) => describeCms(stack, coreOf(stack, stacks), stacks)),
  facts: ({ parts: { core } }) =>
    core === undefined ? [] : [{ id: 'core', label: l10n.t('CDF core'), value: core.name }],
  // A stack that is not ready makes it reject.
  open: (connection, found, credentials) =>
    new Promise((resolve) => resolve(createDeployment(openCdfApi(connection, found), credentials))),
  onboarding: cdfFields,
  refOf,
  lists: listInfos,
  offboarding: offboardOptions,
  choose: {
    part: 'core',
    description: 'CDF core stack of CMS v1 (default: the one the CMS stack belongs to)',
    pair: (stack, core, right) => (isCms(stack) ? paired(stack, core, right) : undefined),
    candidates: (stacks) => stacks.filter((stack) => isCore(stack) && stack.parentId === undefined),
    here: coresHere,
  },
};

/** The APIs of a deployment. @throws CmsError STACK_NOT_READY, STACK_OUTPUT_MISSING, STACK_PAIRING_WRONG */
export function openCdfApi(connection: Connection, found: FoundDeployment): CdfApi {
  return createCdfApi(connection, found.stack, coreOrThrow(found));
}

/** A CMS v1 with this core, if any; `stacks` help to say why there is none. */
export function describeCms(
  stack: ListedStack,
  core: ListedStack | undefined,
  stacks: readonly ListedStack[] = [],
): FoundDeployment {
  return {
    generation: 'cdf',
    name: stack.name,
    stack,
    parts: defined({ core }),
    state: stateWithCore(stack, core, stacks),
  };
}

function stateWithCore(
  stack: ListedStack,
  core: ListedStack | undefined,
  stacks: readonly ListedStack[],
): StackState {
  const own = stateOf(stack, CMS_OUTPUTS);
  if (own.kind !== 'ready') return own;
  if (core !== undefined) {
    return ofCore(stateOf(core, CORE_OUTPUTS));
  }
  // A core that failed or is not done yet has no outputs to be linked by.
  const [unborn] = stacks.filter(isCoreWithoutOutputs);
  if (unborn !== undefined) {
    const state = stateOf(unborn, CORE_OUTPUTS);
    if (state.kind !== 'ready') return ofCore(state);
  }
  return {
    kind: 'incomplete',
    reason: l10n.t('No CDF core stack belongs to {stack}.', { stack: stack.name }),
  };
}

function ofCore(state: StackState): StackState {
  if (state.kind === 'ready') return state;
  return { ...state, reason: l10n.t('Its CDF core: {reason}', { reason: state.reason }) };
}

function paired(stack: ListedStack, core: ListedStack, right?: StackInfo): FoundDeployment {
  const remedy =
    right === undefined || right.name === core.name
      ? l10n.t('Leave out the core: the stacks themselves say which belong together.')
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
      l10n.t('"{core}" is not its CDF core: "{stack}" was installed with a different asset library.', {
        core: core.name,
        stack: stack.name,
      }),
      { remedy },
    );
  }
  return describeCms(stack, core);
}

function coreOrThrow(found: FoundDeployment): StackInfo {
  const { stack, state } = found;
  const { core } = found.parts;
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
        l10n.t('The stack is missing required outputs: {outputs}.', { outputs }),
        {
          remedy: l10n.t('Update the stack from the CMS templates, or choose another one.'),
          details: { missing: missing.map(({ output }) => output).join(',') },
        },
      );
    }
    if (core === undefined) {
      throw new CmsError('STACK_PAIRING_WRONG', state.reason, {
        remedy: l10n.t('Specify the CDF core stack that belongs to it.'),
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
    case 'ready':
    case 'failed':
    case 'incomplete':
      return l10n.t('Repair or delete the stack in CloudFormation.');
  }
}

function coresHere(stacks: readonly StackInfo[]): Message {
  return stacks.length === 0
    ? l10n.t('There are no CDF core stacks here: check the profile and the region.')
    : l10n.t('CDF core stacks here: {stacks}.', { stacks: namesOf(stacks) });
}
