import assert from 'node:assert/strict';
import fc from 'fast-check';
import { payloadBytes, payloadText, shownPayload } from '../../../src/core/payload.ts';

describe('A payload', () => {
  it('comes back as the bytes it was, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.deepEqual([...payloadBytes(payloadText(bytes))], [...bytes]);
      }),
    );
  });

  it('that is UTF-8 stays text, a byte order mark included; anything else is base64', () => {
    assert.deepEqual(payloadText(Buffer.from('\uFEFF{"ä":1}', 'utf8')), { payload: '\uFEFF{"ä":1}' });
    assert.deepEqual(payloadText(Uint8Array.of(0x1f, 0x8b, 0)), { payload: 'H4sA', encoding: 'base64' });
  });

  it('is shown as an object if it is JSON, else as text', () => {
    assert.deepEqual(shownPayload({ payload: '{"a":1}' }), { a: 1 });
    assert.equal(shownPayload({ payload: 'H4sA=' }), 'H4sA=');
    assert.deepEqual(shownPayload({ payload: 'H4sA', encoding: 'base64' }), { base64: 'H4sA' });
  });
});
