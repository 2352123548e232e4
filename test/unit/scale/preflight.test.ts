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

describe('What keeps workers of AWS Batch from running', () => {
  const said = async (quotas: Record<string, number>, capacity?: { maxVcpus: number }) => {
    const size = { vehicles: 1000, shards: 4, rate: 1, seconds: 60 };
    const { signal } = new AbortController();
    const { warnings } = await preflight(account(quotas), size, 'batch', signal, capacity);
    return warnings.map((message) => english(message));
  };

  it('is the quota of Fargate, which is named with its code', async () => {
    assert.deepEqual(await said({ 'Fargate On-Demand vCPU resource count': 3 }), [
      '4 vCPUs exceed the quota of 3 of Fargate (L-3032A538): raise it first, or use fewer shards.',
    ]);
    assert.deepEqual(await said({ 'Fargate On-Demand vCPU resource count': 4 }), []);
  });

  it('is the compute environment, which says how it is raised', async () => {
    assert.deepEqual(await said({ other: 1 }, { maxVcpus: 2 }), [
      'The compute environment runs 2 workers at a time: raise it with cms-enablement scale setup --max-workers 4, or use fewer shards.',
    ]);
    assert.deepEqual(await said({ other: 1 }, { maxVcpus: 4 }), []);
  });

  it('costs what the processor of the workers costs', async () => {
    const size = { vehicles: 1000, shards: 100, rate: 1, seconds: 3600 };
    const { signal } = new AbortController();
    for (const [architecture, note] of [
      [undefined, 'Fargate takes about $3.95 for the workers (ARM).'],
      ['X86_64', 'Fargate takes about $4.94 for the workers (x86).'],
    ] as const) {
      const capacity = architecture && { maxVcpus: 100, architecture };
      const { notes } = await preflight(account({ other: 1 }), size, 'batch', signal, capacity);
      assert.ok(notes.map((message) => english(message)).includes(note), note);
    }
  });

  it('counts a connection of each worker and the controller besides those of the vehicles', async () => {
    const quota = 'Maximum concurrent client connections per account';
    assert.deepEqual(await said({ [quota]: 1004 }), [
      '1005 connections exceed the quota of 1004 of AWS IoT: raise it first.',
    ]);
    assert.deepEqual(await said({ [quota]: 1005 }), []);
  });
});
