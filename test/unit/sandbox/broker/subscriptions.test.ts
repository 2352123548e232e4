import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSubscriptions } from '../../../../src/sandbox/broker/subscriptions.ts';
import { filterMatches } from '../../../../src/sandbox/broker/topics.ts';

const level = fc.constantFrom('', 'a', 'b', '$aws');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.constantFrom('a', '+', '#'))
  .map(([levels, last]) => [...levels, last].join('/'));

describe('the index of subscriptions', () => {
  it('finds exactly the subscribers whose filters match', () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 8 }), topic, (filters, name) => {
        const index = createSubscriptions<string>();
        for (const f of filters) index.add(f, f, 0);
        const wanted = filters.filter((f) => filterMatches(f, name));
        assert.deepEqual([...index.match(name, () => true).keys()].sort(), wanted.sort());
      }),
    );
  });

  it('forgets what was removed and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { minLength: 1, maxLength: 8 }), topic, (filters, name) => {
        const index = createSubscriptions<string>();
        for (const f of filters) index.add(f, f, 0);
        const [gone = '', ...rest] = filters;
        index.remove(gone, gone);
        const wanted = rest.filter((f) => filterMatches(f, name));
        assert.deepEqual([...index.match(name, () => true).keys()].sort(), wanted.sort());
      }),
    );
  });

  it('gives the highest quality of service of several matches', () => {
    const index = createSubscriptions<string>();
    index.add('a/+', 'x', 0);
    index.add('a/#', 'x', 1);
    index.add('+/b', 'x', 0);
    assert.deepEqual([...index.match('a/b', () => true)], [['x', 1]]);
  });

  it('passes over members of a shared subscription that are away', () => {
    const index = createSubscriptions<string>();
    for (const member of ['here', 'away']) index.add('$share/g/t', member, 1);
    for (let n = 0; n < 3; n++) {
      assert.deepEqual([...index.match('t', (member) => member === 'here').keys()], ['here']);
    }
    assert.equal(index.match('t', () => false).size, 0);
  });
});
