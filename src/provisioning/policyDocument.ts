import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { parseJson } from '../core/json.ts';

const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

const statementSchema = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMany,
  Resource: oneOrMany,
});
const policySchema = z.looseObject({
  Version: z.string().default('2012-10-17'),
  Statement: z.union([z.array(statementSchema), statementSchema.transform((statement) => [statement])]),
});

export type PolicyDocument = z.infer<typeof policySchema>;

/** An AWS IoT policy document; one that cannot be read is taken to allow nothing. */
export function parsePolicy(text: string): PolicyDocument {
  const parsed = parseJson(policySchema, text);
  return parsed.ok ? parsed.value : { Version: '2012-10-17', Statement: [] };
}

/** Whether a policy allows all that another one allows. */
export function allows(existing: PolicyDocument, wanted: PolicyDocument): boolean {
  return wanted.Statement.every(({ Action, Resource }) =>
    Action.every((action) => Resource.every((resource) => isAllowed(existing, action, resource))),
  );
}

/** Whether a policy holds every statement of another one, word for word. */
export function holds(existing: PolicyDocument, wanted: PolicyDocument): boolean {
  return wanted.Statement.every((statement) =>
    existing.Statement.some((other) => isDeepStrictEqual(other, statement)),
  );
}

/** A statement with a condition allows sometimes; that does not count. */
function isAllowed(policy: PolicyDocument, action: string, resource: string): boolean {
  return policy.Statement.some(
    (statement) =>
      statement.Effect === 'Allow' &&
      statement.Condition === undefined &&
      statement.Action.some((pattern) => covers(pattern, action)) &&
      statement.Resource.some((pattern) => covers(pattern, resource)),
  );
}

/** Whether a pattern with `*` and `?` matches all that another pattern matches, as far as letters tell. */
function covers(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '[^*]');
  return new RegExp(`^${expression}$`, 's').test(text);
}
