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
  const cases: [what: string, schema: z.ZodType, input: unknown][] = [
    ['a wrong type', z.string(), 3],
    ['null', z.string(), null],
    ['a list', z.string(), []],
    ['an object', z.number(), {}],
    ['nothing', z.boolean(), undefined],
    ['what is no number', z.number(), Number.NaN],
    ['an endless number', z.number(), -Infinity],
    ['no whole number', z.int(), 2.5],
    ['one of few words', z.enum(['a', 'b']), 'c'],
    ['a short text', z.string().min(2), 'a'],
    ['a long text', z.string().max(2), 'aaa'],
    ['a low number', z.number().min(2), 1],
    ['a number at the bound', z.number().lt(2), 2],
    ['a high number', z.number().gt(2).max(5), 6],
    ['few items', z.array(z.string()).min(2), ['a']],
    ['many items', z.array(z.string()).max(1), ['a', 'b']],
    ['a key too many', z.strictObject({}), { a: 1 }],
    ['two keys too many', z.strictObject({}), { a: 1, b: 2 }],
    ['an address', z.email(), 'nobody'],
  ];
  for (const [what, schema, input] of cases) {
    it(`is a message with the same English about ${what}`, () => {
      const issue = issueOf(schema, input);
      const message = issueMessage(issue);
      assert.notEqual(message.kind, 'verbatim');
      assert.equal(english(message), issue.message);
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
