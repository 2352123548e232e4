import assert from 'node:assert/strict';
import { PayloadWishes } from '../../../src/device/process/background/payloadWishes.ts';

describe('Payloads of a run that several windows watch', () => {
  const [one, other] = [{}, {}];
  const on = { do: 'payloads', on: true } as const;
  const off = { do: 'payloads', on: false } as const;

  it('end when the last window that wanted them wants them no more', () => {
    const wishes = new PayloadWishes();
    assert.ok(wishes.allows(on, one));
    assert.ok(wishes.allows(on, other));
    assert.equal(wishes.allows(off, one), false);
    assert.ok(wishes.allows(off, other));
  });

  it('end when the last window that wanted them closes, and not when another does', () => {
    const wishes = new PayloadWishes();
    wishes.allows(on, one);
    wishes.allows(on, other);
    assert.equal(wishes.left({}), false);
    assert.equal(wishes.left(one), false);
    assert.equal(wishes.left(other), true);
    assert.equal(wishes.left(other), false);
  });

  it('leave every other control as it is', () => {
    assert.ok(new PayloadWishes().allows({ do: 'pause' }, one));
  });
});
