import assert from 'node:assert/strict';
import * as z from 'zod';
import { problemWords } from '../../../../src/sandbox/kit/problemWords.ts';
import { defined } from '../../../../src/sandbox/kit/defined.ts';
import { parseJson, parseJsonBytes } from '../../../../src/sandbox/kit/json.ts';
import { createMessageBus } from '../../../../src/sandbox/kit/messageBus.ts';
import { present } from '../../../../src/sandbox/kit/present.ts';

describe('the kit of the sandbox', () => {
  it('leaves out keys without a value, and no others', () => {
    const made = defined({ a: undefined, b: null, c: 0, d: '' });
    assert.deepEqual(Object.entries(made), [
      ['b', null],
      ['c', 0],
      ['d', ''],
    ]);
  });

  it('reads JSON, and tells what is not JSON from null', () => {
    assert.deepEqual(parseJson('{"a":[1]}'), { a: [1] });
    assert.equal(parseJson('null'), null);
    assert.equal(parseJson('{'), undefined);
    assert.equal(parseJson(''), undefined);
  });

  it('reads bytes as JSON only when they are UTF-8', () => {
    assert.equal(parseJsonBytes(Buffer.from('"ü"')), 'ü');
    assert.equal(parseJsonBytes(Buffer.from([0x22, 0xff, 0x22])), undefined);
  });

  it('demands what must be there, by name', () => {
    assert.equal(present('', 'The id'), '');
    assert.throws(() => present(undefined, 'The id'), /The id is missing/);
  });
});

describe('the message bus', () => {
  it('hands each message to everybody who listens by then', () => {
    const bus = createMessageBus();
    const heard: string[] = [];
    bus.publish('a', '1');
    bus.subscribe((topic, payload) => heard.push(`first ${topic} ${payload}`));
    bus.subscribe((topic, payload) => heard.push(`second ${topic} ${payload}`));
    bus.publish('a', '2');
    assert.deepEqual(heard, ['first a 2', 'second a 2']);
  });
});

describe('what is wrong with a document', () => {
  const schema = z.strictObject({
    kind: z.enum(['a', 'b']),
    count: z.int().min(1).max(9),
    name: z.string().min(2).max(3).optional(),
    list: z.array(z.strictObject({ at: z.string() })).optional(),
    even: z
      .number()
      .refine((value) => value % 2 === 0, { error: 'It must be even.' })
      .optional(),
  });
  for (const [document, words] of [
    [{}, 'kind: It must be one of: a, b. count: It is missing or not valid.'],
    [{ kind: 'c', count: 0 }, 'kind: It must be one of: a, b. count: It must be more: at least 1.'],
    [
      { kind: 'a', count: 10, name: 'x' },
      'count: It must be less: at most 9. name: It must be longer: at least 2.',
    ],
    [{ kind: 'a', count: 1, name: 'long' }, 'name: It must be shorter: at most 3.'],
    [{ kind: 'a', count: 1, list: [{}] }, 'list.0.at: It is missing or not valid.'],
    [{ kind: 'a', count: 1, even: 3 }, 'even: It must be even.'],
    [{ kind: 'a', count: 1, more: 1, other: 2 }, 'No such member: more, other.'],
    ['x', 'It is missing or not valid.'],
  ] as const) {
    it(`is said in own words: ${JSON.stringify(document)}`, () => {
      const { error } = schema.safeParse(document);
      assert.equal(problemWords(error?.issues ?? []), words);
    });
  }
});
