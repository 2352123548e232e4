import type * as z from 'zod';

/** What is wrong with a document, in words of our own: those of a library are in no answer of a service. */
export function problemWords(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map((issue) => `${placeOf(issue.path)}${wordsOf(issue)}`).join(' ');
}

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    // The rules that are not a library's have their own words.
    case 'custom':
      return issue.message;
    case 'unrecognized_keys':
      return `No such member: ${issue.keys.join(', ')}.`;
    case 'invalid_value':
      return `It must be one of: ${issue.values.map(String).join(', ')}.`;
    case 'too_small':
      return `It must be ${issue.origin === 'string' ? 'longer' : 'more'}: at least ${issue.minimum}.`;
    case 'too_big':
      return `It must be ${issue.origin === 'string' ? 'shorter' : 'less'}: at most ${issue.maximum}.`;
    default:
      return 'It is missing or not valid.';
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}
