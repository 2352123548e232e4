import type * as z from 'zod';

/** Describes invalid input in AWS's wording. */
export function constraintText(issues: readonly z.core.$ZodIssue[]): string {
  const parts = issues.map((issue) => {
    const value = shown(issue.input);
    return `Value ${value} at '${issue.path.join('.')}' failed to satisfy constraint: ${ruleOf(issue)}`;
  });
  const count = parts.length === 1 ? '1 validation error' : `${parts.length} validation errors`;
  return `${count} detected: ${parts.join('; ')}`;
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return 'Member must not be null';
  switch (issue.code) {
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${(issue.pattern ?? '').replaceAll(/^\/\^?|\$?\/$/g, '')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `Member must have length greater than or equal to ${issue.minimum}`
        : `Member must have value greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `Member must have length less than or equal to ${issue.maximum}`
        : `Member must have value less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.map(String).join(', ')}]`;
    case 'invalid_key':
      return 'Map keys must satisfy constraint: [Member must satisfy the pattern and length of a key]';
    case 'invalid_type':
      return `Member must be of type ${issue.expected}`;
    default:
      return issue.message;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'null';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.length > 200 ? `${text.slice(0, 200)}…` : text}'`;
}
