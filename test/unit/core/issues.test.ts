import assert from 'node:assert/strict';
import * as z from 'zod';
import { issueMessage, ownSentence } from '../../../src/core/issues.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';

function issueOf(schema: z.ZodType, input: unknown): z.core.$ZodIssue {
  const [issue] = schema.safeParse(input, { reportInput: true }).error?.issues ?? [];
  assert.ok(issue, 'the schema took the value');
  return issue;
}

describe('What zod says of a value', () => {
  const cases: [what: string, schema: z.ZodType, input: unknown, said: string][] = [
    ['a wrong type', z.string(), 3, 'must be text'],
    ['null', z.string(), null, 'must be text'],
    ['a list', z.string(), [], 'must be text'],
    ['an object', z.number(), {}, 'must be a number'],
    ['nothing', z.boolean(), undefined, 'must be true or false'],
    ['what is no number', z.number(), Number.NaN, 'must be a number'],
    ['an endless number', z.number(), -Infinity, 'must be a number'],
    ['no whole number', z.int(), 2.5, 'must be a whole number'],
    ['one of few words', z.enum(['a', 'b']), 'c', 'must be one of these: a, b'],
    ['a short text', z.string().min(2), 'a', 'must have at least 2 characters'],
    ['a long text', z.string().max(2), 'aaa', 'must have at most 2 characters'],
    ['a low number', z.number().min(2), 1, 'must be 2 or more'],
    ['a number at the bound', z.number().lt(2), 2, 'must be less than 2'],
    ['a high number', z.number().gt(2).max(5), 6, 'must be 5 or less'],
    ['an empty text', z.string().min(1), '', 'must not be empty'],
    ['an empty list', z.array(z.string()).min(1), [], 'must not be empty'],
    ['a number above a bound', z.number().gt(2), 2, 'must be more than 2'],
    ['another than the only word', z.literal('a'), 'b', 'must be a'],
    ['no list', z.array(z.string()), 'a', 'must be a list'],
    ['no object', z.object({}), 'a', 'must be an object'],
    ['few items', z.array(z.string()).min(2), ['a'], 'must have at least 2 items'],
    ['many items', z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 item'],
    ['a key too many', z.strictObject({}), { a: 1 }, 'Unrecognized key: "a"'],
    ['two keys too many', z.strictObject({}), { a: 1, b: 2 }, 'Unrecognized keys: "a", "b"'],
    ['an address', z.email(), 'nobody', 'must be an e-mail address'],
  ];
  for (const [what, schema, input, said] of cases) {
    it(`is a message in words of people about ${what}`, () => {
      const issue = issueOf(schema, input);
      const message = issueMessage(issue);
      assert.notEqual(message.kind, 'verbatim');
      assert.equal(english(message), said);
    });
  }

  it('is left as it is where there is no message for it', () => {
    const issue = issueOf(z.iso.date(), 'soon');
    assert.deepEqual(issueMessage(issue), l10n.verbatim('Invalid ISO date'));
  });

  it('is the sentence that the schema brings', () => {
    const message = l10n.t('must be {word}', { word: 'short' });
    const schema = z.string().regex(/^.$/, ownSentence(message));
    assert.equal(issueMessage(issueOf(schema, 'long')), message);
  });
});
