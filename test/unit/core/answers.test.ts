import assert from 'node:assert/strict';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { defined } from '../../../src/core/defined.ts';
import { expectField } from '../../../src/core/expectField.ts';
import { parseJson } from '../../../src/core/json.ts';

describe('defined', () => {
  it('leaves out what is undefined, and nothing else', () => {
    const object = defined({ a: 1, b: undefined, c: null, d: '', e: false, f: 0 });
    assert.deepEqual(object, { a: 1, c: null, d: '', e: false, f: 0 });
    assert.deepEqual(Object.keys(object), ['a', 'c', 'd', 'e', 'f']);
  });

  it('fits an optional property', () => {
    const profile = undefined as string | undefined;
    const options: { profile?: string; region: string } = defined({ profile, region: 'eu-west-1' });
    assert.deepEqual(options, { region: 'eu-west-1' });
  });
});

describe('parseJson', () => {
  const shape = { name: z.string(), points: z.array(z.object({ lat: z.number() })) };
  const schema = z.object(shape);

  it('gives the value of a text of that shape', () => {
    const parsed = parseJson(schema, '{"name":"a","points":[{"lat":1}],"more":2}');
    assert.deepEqual(parsed, { ok: true, value: { name: 'a', points: [{ lat: 1 }] } });
  });

  it('says where a value is not what it should be', () => {
    const parsed = parseJson(schema, '{"name":"a","points":[{"lat":1},{"lat":"north"}]}');
    assert.ok(!parsed.ok);
    assert.match(parsed.problem, /^points\.1\.lat: .*number/);
  });

  it('names no place when the whole is wrong', () => {
    const parsed = parseJson(schema, '[]');
    assert.ok(!parsed.ok);
    assert.match(parsed.problem, /^Invalid input/);
  });

  it('says what is not JSON', () => {
    const parsed = parseJson(schema, '{"name":');
    assert.ok(!parsed.ok);
    assert.match(parsed.problem, /JSON/);
  });

  it('takes the schemas of zod/mini, too', () => {
    const parsed = parseJson(mini.object({ port: mini.number() }), '{"port":8883}');
    assert.deepEqual(parsed, { ok: true, value: { port: 8883 } });
  });
});

describe('expectField', () => {
  it('gives what is there, also what is falsy', () => {
    const answer: { arn?: string; count?: number; enabled?: boolean } = {
      arn: 'a',
      count: 0,
      enabled: false,
    };
    const arn: string = expectField(answer, 'arn', 'CreateThing');
    assert.equal(arn, 'a');
    assert.equal(expectField(answer, 'count', 'CreateThing'), 0);
    assert.equal(expectField(answer, 'enabled', 'CreateThing'), false);
  });

  for (const [what, answer] of [
    ['no answer', undefined],
    ['no field', {}],
    ['an undefined field', { arn: undefined }],
    ['null', { arn: null }],
    ['an empty text', { arn: '' }],
  ] as const) {
    it(`refuses ${what}, naming call and field`, () => {
      assert.throws(() => expectField(answer as { arn?: string } | undefined, 'arn', 'CreateThing'), {
        code: 'AWS_ANSWER_UNEXPECTED',
        message: 'The response of AWS to CreateThing has no arn.',
        details: { call: 'CreateThing', field: 'arn' },
      });
    });
  }
});
