import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { pulledIdentities, pushedVehicles, pushIdentities } from '../../../src/scale/identities.ts';

const PLACE = { bucket: 'cms-keys', prefix: 'fleet' };
const KEY = 'arn:aws:kms:us-west-2:123456789012:key/1';

/** A bucket as far as identities need it. `puts` is how many more it takes. */
function setUp() {
  const objects = new Map<string, string>();
  const state = { puts: Infinity };
  const send = ({ constructor: { name }, input }: { constructor: { name: string }; input: Put }) => {
    const { Key, Body = '' } = input;
    const said = objects.get(Key);
    if (name === 'PutObjectCommand') {
      if (state.puts-- <= 0) return Promise.reject(new Error('killed'));
      objects.set(Key, Body);
    } else if (name === 'DeleteObjectCommand') objects.delete(Key);
    else if (said === undefined)
      return Promise.reject(Object.assign(new Error('none'), { name: 'NoSuchKey' }));
    return Promise.resolve({ Body: { transformToString: () => Promise.resolve(said) } });
  };
  const connection = { s3: () => Promise.resolve({ send }) } as unknown as Connection;
  const push = (...ids: string[]) =>
    pushIdentities(connection, { ...PLACE, kmsKey: KEY }, new Map(ids.map((id) => [id, identityOf(id)])));
  return { objects, state, connection, push };
}
interface Put {
  Key: string;
  Body?: string;
}
const identityOf = (id: string) => ({
  ...{ certificateId: `certificate ${id}`, certificatePem: 'pem', privateKeyPem: `key of ${id}` },
});
const kindsOf = async (from: ReturnType<typeof pulledIdentities>, ...ids: string[]) =>
  Promise.all(ids.map(async (id) => (await from.production(id)).kind));

describe('Certificates and keys in a bucket', () => {
  it('of an earlier push are gone after the next, and nothing else is', async () => {
    const { objects, connection, push } = setUp();
    objects.set('fleet-2/blocks/0.json', 'of somebody else');
    assert.equal(await pushedVehicles(connection, PLACE), 0);
    await push(...Array.from({ length: 150 }, (_, i) => `OLD${i}`));
    assert.equal(await pushedVehicles(connection, PLACE), 150);
    assert.equal(objects.size, 4, 'two blocks and the index');
    await push('NEW');
    assert.equal(await pushedVehicles(connection, PLACE), 1);
    assert.equal(objects.size, 3);
    assert.doesNotMatch([...objects.values()].join(''), /key of OLD/);
    assert.deepEqual(await kindsOf(pulledIdentities(connection, PLACE), 'NEW', 'OLD1'), ['ok', 'none']);
  });

  it('are those of the earlier push when the next one dies in the middle', async () => {
    const { state, connection, push } = setUp();
    const old = Array.from({ length: 250 }, (_, i) => `OLD${i}`);
    await push(...old);
    state.puts = 2;
    await assert.rejects(push(...Array.from({ length: 250 }, (_, i) => `NEW${i}`)), { code: 'STORE_FAILED' });
    assert.equal(await pushedVehicles(connection, PLACE), 250);
    const kinds = await kindsOf(pulledIdentities(connection, PLACE), ...old);
    assert.deepEqual(new Set(kinds), new Set(['ok']));
  });

  it('that another push takes away meanwhile are an error, not vehicles without any', async () => {
    const { objects, connection, push } = setUp();
    await push('VIN1');
    for (const key of [...objects.keys()]) if (key.includes('/blocks/')) objects.delete(key);
    await assert.rejects(pulledIdentities(connection, PLACE).production('VIN1'), { code: 'STORE_FAILED' });
  });
});
