import assert from 'node:assert/strict';
import { createOwnershipTokens } from '../../../../src/sandbox/broker/ownershipTokens.ts';
import { createRetained } from '../../../../src/sandbox/broker/retained.ts';
import type { Authority } from '../../../../src/sandbox/authority/contract.ts';
import { createMemoryRegistry } from '../../../support/memoryRegistry.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';

describe('over a restart the message broker keeps', () => {
  const context = createTestContext();

  it('retained messages, byte for byte', () => {
    const payload = Buffer.from([0, 255, 128, 10]);
    createRetained(context).keep({ topic: 'a/b', payload, qos: 1, retain: true });
    const kept = createRetained(context).get('a/b');
    assert.deepEqual(kept, { topic: 'a/b', payload, qos: 1, lastModified: context.clock.now() });
  });

  it('ownership tokens, which still work once', () => {
    const registry = createMemoryRegistry(context, {} as Authority);
    const token = createOwnershipTokens(context, registry).issue('certificate-1');
    const after = createOwnershipTokens(context, registry);
    const redeemed = after.redeem(token);
    assert.ok(typeof redeemed === 'object');
    assert.equal(redeemed.certificateId, 'certificate-1');
    assert.equal(after.redeem(token), 'unknown');
  });
});
