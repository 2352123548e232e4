import assert from 'node:assert/strict';
import type { CdfApi } from '../../../../src/cms/cdf/api.ts';
import { createDeployment } from '../../../../src/cms/cdf/deployment.ts';
import { givenCredentials } from '../../../../src/cms/contract/credentials.ts';
import { until } from '../../../support/until.ts';

interface Call {
  signal: AbortSignal;
  resolve(): void;
  reject(error: Error): void;
}

/** A CMS v1 whose sign-ins the test lets end. */
function world() {
  const signIns: Call[] = [];
  const stack = { name: 'cms-dev1', outputs: {} };
  const api = {
    stack,
    core: { name: 'core', outputs: {} },
    uiUrl: undefined,
    signIn: (_who: unknown, _options: unknown, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => signIns.push({ signal, resolve, reject })),
    vehicles: () => Promise.resolve({ items: [], next: undefined }),
  } as unknown as CdfApi;
  const { vehicles } = createDeployment(api, givenCredentials({ username: 'u', password: 'p' }));
  return { vehicles, signIns };
}

const never = (): AbortSignal => new AbortController().signal;

describe('The first call that needs a sign-in to CMS v1', () => {
  it('signs in for all others, also when the one who asked first leaves', async () => {
    const { vehicles, signIns } = world();
    const row = new AbortController();
    const first = vehicles.list({ size: 1 }, row.signal);
    const second = vehicles.list({ size: 1 }, never());
    const signIn = await until('the sign-in', () => signIns[0]);
    row.abort();
    await assert.rejects(first, { code: 'CANCELLED' });
    signIn.resolve();
    assert.deepEqual((await second).items, []);
    assert.equal(signIns.length, 1);
  });

  it('is followed by another sign-in when that failed', async () => {
    const { vehicles, signIns } = world();
    const first = vehicles.list({ size: 1 }, never());
    (await until('the sign-in', () => signIns[0])).reject(new Error('no'));
    await assert.rejects(first, /no/);
    const second = vehicles.list({ size: 1 }, never());
    (await until('another sign-in', () => signIns[1])).resolve();
    assert.deepEqual((await second).items, []);
  });
});
