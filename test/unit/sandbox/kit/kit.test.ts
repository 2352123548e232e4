import assert from 'node:assert/strict';
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
