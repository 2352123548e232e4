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
 * What is wrong with a value, without a full stop: the schema's own sentence, else what it wants in words of people,
 * else what zod says in English.
 */
export function issueMessage(issue: z.core.$ZodIssue): Message {
  return sentences.get(issue.message) ?? zodMessage(issue) ?? l10n.verbatim(issue.message);
}

function zodMessage(issue: z.core.$ZodIssue): Message | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return expectation(issue.expected);
    case 'invalid_value': {
      const values = issue.values.map(String);
      const [only] = values;
      return only !== undefined && values.length === 1
        ? l10n.t('must be {value}', { value: only })
        : l10n.t('must be one of these: {values}', { values: values.join(', ') });
    }
    case 'too_small': {
      const least = Number(issue.minimum);
      if (issue.origin === 'string') {
        return least <= 1
          ? l10n.t('must not be empty')
          : l10n.t('must have at least {least} characters', { least });
      }
      if (issue.origin === 'array') {
        return least <= 1
          ? l10n.t('must not be empty')
          : l10n.t('must have at least {least} items', { least });
      }
      return issue.inclusive === true
        ? l10n.t('must be {least} or more', { least })
        : l10n.t('must be more than {least}', { least });
    }
    case 'too_big': {
      const most = Number(issue.maximum);
      if (issue.origin === 'string') {
        return l10n.plural(
          most,
          l10n.t('must have at most 1 character'),
          l10n.t('must have at most {most} characters', { most }),
        );
      }
      if (issue.origin === 'array') {
        return l10n.plural(
          most,
          l10n.t('must have at most 1 item'),
          l10n.t('must have at most {most} items', { most }),
        );
      }
      return issue.inclusive === true
        ? l10n.t('must be {most} or less', { most })
        : l10n.t('must be less than {most}', { most });
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
      return issue.format === 'email' ? l10n.t('must be an e-mail address') : undefined;
    default:
      return undefined;
  }
}

function expectation(type: string): Message {
  switch (type) {
    case 'string':
      return l10n.t('must be text');
    case 'number':
      return l10n.t('must be a number');
    case 'int':
      return l10n.t('must be a whole number');
    case 'boolean':
      return l10n.t('must be true or false');
    case 'array':
      return l10n.t('must be a list');
    case 'object':
    case 'record':
      return l10n.t('must be an object');
    default:
      return l10n.t('must be of the type {type}', { type });
  }
}
