import * as z from 'zod';

/** How a protocol writes the member that is wrong, and its value. */
export interface ConstraintWords {
  /** The member at a path of the input. */
  member(path: readonly PropertyKey[]): string;
  /** Whether its value is left out of the sentence. */
  hides(path: readonly PropertyKey[], value: unknown): boolean;
}

/** A longer value is cut. */
const LONGEST_VALUE = 200;

/** What is wrong with an input, in AWS's wording. The issues must have been reported with their input. */
export function constraintText(issues: readonly z.core.$ZodIssue[], words: ConstraintWords): string {
  const parts = issues.map((issue) => {
    const value = words.hides(issue.path, issue.input) ? '' : ` ${shown(issue.input)}`;
    return `Value${value} at '${words.member(issue.path)}' failed to satisfy constraint: ${ruleOf(issue)}`;
  });
  const count = parts.length === 1 ? '1 validation error' : `${parts.length} validation errors`;
  return `${count} detected: ${parts.join('; ')}`;
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined) return 'Member must not be null';
  if (issue.message.startsWith('Member must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${(issue.pattern ?? '').replaceAll(/^\/\^?|\$?\/$/g, '')}`;
    case 'too_small':
      return `Member must have ${measure(issue.origin)} greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Member must have ${measure(issue.origin)} less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.map(String).join(', ')}]`;
    case 'invalid_key':
      return 'Map keys must satisfy constraint: [Member must satisfy the pattern and length of a key]';
    case 'invalid_type':
      return `Member must be of type ${issue.expected}`;
    case 'custom':
      return issue.message;
    default:
      return 'Member must have the form of the API reference';
  }
}

function measure(origin: string): string {
  return origin === 'number' || origin === 'int' ? 'value' : 'length';
}

function shown(value: unknown): string {
  if (value === undefined) return 'null';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}'`;
}

/**
 * A string member with a pattern from AWS's model, which must match the whole string. A string that is too long is not
 * matched at all, because some of these patterns would take minutes.
 */
export function pattern(source: string, min = 1, max = 131_072) {
  return z
    .string()
    .min(min)
    .max(max, { abort: true })
    .regex(new RegExp(`^(?:${source})$`, 'u'), {
      error: `Member must satisfy regular expression pattern: ${source}`,
    });
}
