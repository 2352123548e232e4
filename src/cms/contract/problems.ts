import type * as z from 'zod';
import { issueMessage } from '../../core/issues.ts';
import { l10n, type Message } from '../../core/message.ts';

/** What is wrong with a field of some input. */
export interface FieldProblem {
  /** Name of the field; empty when it is about the whole. */
  field: string;
  /** A sentence, or its end with the field as the subject: "must not be empty." */
  message: Message;
}

/** The problem as a line of its own: "vin: is missing." */
export function problemLine({ field, message }: FieldProblem): Message {
  return field === '' ? message : l10n.t('{field}: {problem}', { field, problem: message });
}

/** What a schema says about its input. */
export function schemaProblem(issue: z.core.$ZodIssue): FieldProblem {
  return { field: issue.path.join('.'), message: l10n.t('{problem}.', { problem: issueMessage(issue) }) };
}
