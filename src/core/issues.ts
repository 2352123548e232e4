import type * as z from 'zod';
import { l10n, type Message } from './message.ts';
import { english } from './wording.ts';

const sentences = new Map<string, Message>();

/**
 * A sentence that a schema brings itself: `z.string().regex(…, ownSentence(l10n.t('must be …')))`. Zod carries plain
 * text; `issueMessage` finds the message again by it.
 */
export function ownSentence(message: Message): string {
  const text = english(message);
  sentences.set(text, message);
  return text;
}

/**
 * What is wrong with a value, without a full stop: the schema's own sentence, else what zod says in English. Parse
 * with `reportInput`, which zod needs to name the type that it got.
 */
export function issueMessage(issue: z.core.$ZodIssue): Message {
  return sentences.get(issue.message) ?? zodMessage(issue) ?? l10n.verbatim(issue.message);
}

function zodMessage(issue: z.core.$ZodIssue): Message | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return l10n.t('Invalid input: expected {expected}, received {received}', {
        expected: issue.expected,
        received: typeOf(issue.input),
      });
    case 'invalid_value': {
      const values = issue.values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)));
      return l10n.t('Invalid option: expected one of {values}', { values: values.join('|') });
    }
    case 'too_small': {
      const least = `${issue.inclusive === true ? '>=' : '>'}${issue.minimum}`;
      if (issue.origin === 'string')
        return l10n.t('Too small: expected string to have {least} characters', { least });
      if (issue.origin === 'array')
        return l10n.t('Too small: expected array to have {least} items', { least });
      return l10n.t('Too small: expected number to be {least}', { least });
    }
    case 'too_big': {
      const most = `${issue.inclusive === true ? '<=' : '<'}${issue.maximum}`;
      if (issue.origin === 'string')
        return l10n.t('Too big: expected string to have {most} characters', { most });
      if (issue.origin === 'array') return l10n.t('Too big: expected array to have {most} items', { most });
      return l10n.t('Too big: expected number to be {most}', { most });
    }
    case 'unrecognized_keys': {
      const keys = issue.keys.map((key) => `"${key}"`).join(', ');
      return l10n.plural(
        issue.keys.length,
        l10n.t('Unrecognized key: {keys}', { keys }),
        l10n.t('Unrecognized keys: {keys}', { keys }),
      );
    }
    case 'invalid_format':
      return issue.format === 'email' ? l10n.t('Invalid email address') : undefined;
    default:
      return undefined;
  }
}

/** The type of a value as zod names it. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : typeof value;
}
