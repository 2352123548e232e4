import { members, xmlTime, type XmlObject } from '../../protocols/xml.ts';
import type { Stack } from './stack.ts';

/** StackStatus of the API reference. */
const statuses = new Set(
  ['CREATE', 'DELETE', 'IMPORT', 'ROLLBACK', 'UPDATE', 'IMPORT_ROLLBACK', 'UPDATE_ROLLBACK'].flatMap(
    (what) => [`${what}_IN_PROGRESS`, `${what}_COMPLETE`, `${what}_FAILED`],
  ),
)
  .add('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
  .add('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')
  .add('REVIEW_IN_PROGRESS');

export function isStackStatus(text: string): boolean {
  return statuses.has(text);
}

/** A stack in the answer of DescribeStacks. */
export function describeStack(stack: Stack): XmlObject {
  return {
    ...head(stack),
    Description: stack.description || undefined,
    Parameters: members(
      Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    ),
    DisableRollback: stack.rollbackDisabled,
    RollbackConfiguration: '',
    NotificationARNs: '',
    Capabilities: members(stack.capabilities),
    Outputs: members(
      stack.outputs.map((output) => ({
        OutputKey: output.key,
        OutputValue: output.value,
        Description: output.description,
        ExportName: output.exportName,
      })),
    ),
    Tags: '',
    EnableTerminationProtection: false,
  };
}

/** A stack in the answer of ListStacks. */
export function summarizeStack(stack: Stack): XmlObject {
  return { ...head(stack), TemplateDescription: stack.description || undefined };
}

function head(stack: Stack): XmlObject {
  return {
    StackId: stack.id,
    StackName: stack.name,
    CreationTime: xmlTime(stack.createdAt),
    DeletionTime: stack.status === 'DELETE_COMPLETE' ? xmlTime(stack.createdAt) : undefined,
    StackStatus: stack.status,
    ParentId: stack.parentId,
    RootId: stack.rootId,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}
