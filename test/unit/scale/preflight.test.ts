import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { english } from '../../../src/core/wording.ts';
import { preflight } from '../../../src/scale/preflight.ts';

/** An account with these quotas of AWS IoT; undefined where Service Quotas does not answer. */
function account(quotas: Record<string, number> | undefined): Connection {
  const Quotas = Object.entries(quotas ?? {}).map(([QuotaName, Value]) => ({ QuotaName, Value }));
  const config = {
    credentials: () => Promise.resolve({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
    systemClockOffset: 0,
  };
  const reply = { status: quotas === undefined ? 403 : 200, headers: {}, text: JSON.stringify({ Quotas }) };
  return {
    region: 'us-west-2',
    iot: () => Promise.resolve({ config }),
    http: () => ({ send: () => Promise.resolve(reply) }),
  } as unknown as Connection;
}
async function warningsOf(connection: Connection, shards: number): Promise<string[]> {
  const size = { vehicles: 1000, shards, rate: 1, seconds: 60 };
  const { warnings } = await preflight(connection, size, 'slurm', new AbortController().signal);
  return warnings.map((message) => english(message)).filter((text) => text.includes('retained'));
}

describe('What is checked before a run starts', () => {
  it('has two retained messages a shard and one more, by the quota of the account', async () => {
    const small = account({
      'Retained messages per account': 500,
      'Retained message publish requests per second per account': 50,
    });
    assert.deepEqual(await warningsOf(small, 249), []);
    assert.deepEqual(await warningsOf(small, 250), [
      '501 retained messages exceed the quota of 500 of AWS IoT: use fewer shards.',
    ]);
  });

  it('says what an account may have where the quotas do not say it', async () => {
    for (const unknown of [account(undefined), account({ 'Something else': 1 })]) {
      assert.deepEqual(await warningsOf(unknown, 249), []);
      assert.deepEqual(await warningsOf(unknown, 250), [
        'The run keeps 501 retained messages in AWS IoT. An account may have 5000, in small regions 500.',
      ]);
    }
  });
});
