import assert from 'node:assert/strict';
import type { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { Connection } from '../../../../src/aws/connection.ts';
import { newestOn } from '../../../../src/cms/cmsOnAws/newestObject.ts';

const NOW = Date.UTC(2026, 3, 5);

/** A bucket; counts the lists that were asked for. */
function bucketOf(keys: string[]) {
  let asked = 0;
  const sorted = keys.toSorted();
  const send = ({ input }: ListObjectsV2Command) => {
    asked += 1;
    const { Prefix = '', StartAfter = '', MaxKeys = 1000, ContinuationToken } = input;
    const after = ContinuationToken ?? StartAfter;
    const left = sorted.filter((key) => key.startsWith(Prefix) && key > after);
    const found = left.slice(0, MaxKeys);
    const isMore = left.length > found.length;
    return Promise.resolve({
      Contents: found.map((Key) => ({ Key })),
      IsTruncated: isMore,
      NextContinuationToken: isMore ? found.at(-1) : undefined,
    });
  };
  const connection = { clock: { now: () => NOW }, s3: () => Promise.resolve({ send }) };
  return { connection: connection as unknown as Connection, asked: () => asked };
}

describe('The newest stored message of a vehicle', () => {
  const { signal } = new AbortController();
  const shelf = { bucket: 'b', topic: 'cms/data/Vehicle_V' };
  const below = Array.from({ length: 3000 }, (_, i) => `cms/data/Vehicle_V/trips/${NOW - i}`);

  it('is found beside those of topics below', async () => {
    const times = [NOW - 90_000_000, NOW - 50_000, NOW - 40_000];
    const { connection } = bucketOf([...times.map((time) => `cms/data/Vehicle_V/${time}`), ...below]);
    assert.equal((await newestOn(connection, shelf, 0, signal))?.time, NOW - 40_000);
    assert.equal(await newestOn(connection, shelf, NOW - 40_000, signal), undefined);
  });

  it('is not searched for among those of topics below', async () => {
    const { connection, asked } = bucketOf(below);
    assert.equal(await newestOn(connection, shelf, 0, signal), undefined);
    assert.equal(asked(), 1);
  });
});
