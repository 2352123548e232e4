import { l10n, type Message } from '../../core/message.ts';
import type { StackInfo } from './stacks.ts';

/** Whether a deployment can be worked with; `ready`, or why not, in words for people. */
export type StackState =
  { kind: 'ready' } | { kind: 'in-progress' | 'failed' | 'incomplete' | 'unsupported'; reason: Message };

/** Complete states in which what the outputs name exists and is as a template wanted it. */
const USABLE = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

/**
 * What a stack's status and outputs say (AWS CloudFormation User Guide, "Stack status codes"). CMS v1 is created
 * with rollback disabled, so CREATE_FAILED leftovers with some outputs are common.
 */
export function stateOf(stack: StackInfo, requiredOutputs: readonly string[]): StackState {
  const { name, status } = stack;
  if (!USABLE.has(status)) {
    if (status === 'REVIEW_IN_PROGRESS') {
      return {
        kind: 'incomplete',
        reason: l10n.t('{name} is a change set that was never executed.', { name }),
      };
    }
    if (status.endsWith('_IN_PROGRESS')) {
      return { kind: 'in-progress', reason: l10n.t('{name} is being changed ({status}).', { name, status }) };
    }
    return { kind: 'failed', reason: l10n.t('{name} is in state {status}.', { name, status }) };
  }
  const missing = missingOutputs(stack, requiredOutputs);
  if (missing.length === 0) return { kind: 'ready' };
  const outputs = l10n.list(missing, 'comma');
  return { kind: 'incomplete', reason: l10n.t('{name} has no output {outputs}.', { name, outputs }) };
}

export function missingOutputs(stack: StackInfo, required: readonly string[]): string[] {
  return required.filter((key) => (stack.outputs[key] ?? '') === '');
}
