import assert from 'node:assert/strict';
import { createFaults } from '../../../src/sandbox/kernel/faults.ts';

describe('faults', () => {
  it('hit the named operation as often as asked', () => {
    const faults = createFaults();
    faults.add({ operation: 'iot:CreateThing', count: 2, action: { kind: 'throttle' } });
    assert.equal(faults.take('iot:CreateThings'), undefined);
    assert.deepEqual(faults.take('iot:CreateThing'), { kind: 'throttle' });
    assert.deepEqual(faults.take('iot:CreateThing'), { kind: 'throttle' });
    assert.equal(faults.take('iot:CreateThing'), undefined);
    assert.deepEqual(faults.list(), []);
  });

  it('take a star at the end for any tail, and nowhere else', () => {
    const faults = createFaults();
    faults.add({ operation: 'facade:*', count: 1, action: { kind: 'hang' } });
    faults.add({ operation: 'iot:*Thing', count: 1, action: { kind: 'hang' } });
    assert.deepEqual(faults.take('facade:POST /users'), { kind: 'hang' });
    assert.equal(faults.take('iot:CreateThing'), undefined);
  });

  it('are used in the order they were added', () => {
    const faults = createFaults();
    faults.add({ operation: 'iot:*', count: 1, action: { kind: 'throttle' } });
    faults.add({ operation: 'iot:CreateThing', count: 1, action: { kind: 'hang' } });
    assert.deepEqual(faults.take('iot:CreateThing'), { kind: 'throttle' });
    assert.deepEqual(faults.take('iot:CreateThing'), { kind: 'hang' });
  });

  it('for a detail of an operation come before those for all of it', () => {
    const faults = createFaults();
    faults.add({ operation: 'mqtt:publish', count: 2, action: { kind: 'throttle' } });
    faults.add({ operation: 'mqtt:publish:dt/a', count: 1, action: { kind: 'hang' } });
    assert.deepEqual(faults.take('mqtt:publish', 'dt/a'), { kind: 'hang' });
    assert.deepEqual(faults.take('mqtt:publish', 'dt/a'), { kind: 'throttle' });
    assert.deepEqual(faults.take('mqtt:publish', 'dt/b'), { kind: 'throttle' });
    assert.equal(faults.take('mqtt:publish', 'dt/b'), undefined);
  });

  it('are gone after clear', () => {
    const faults = createFaults();
    faults.add({ operation: '*', count: 9, action: { kind: 'hang' } });
    faults.clear();
    assert.equal(faults.take('sts:GetCallerIdentity'), undefined);
  });

  it('do not change what the caller gave or was given', () => {
    const faults = createFaults();
    const mine = { operation: 'a:b', count: 2, action: { kind: 'throttle' as const } };
    faults.add(mine);
    faults.take('a:b');
    assert.equal(mine.count, 2);
    faults.list()[0]!.count = 99;
    assert.equal(faults.list()[0]!.count, 1);
  });
});
