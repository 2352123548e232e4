import assert from 'node:assert/strict';
import type { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Connection } from '../../../../src/aws/connection.ts';
import { namesOf } from '../../../../src/cms/cmGuidance/names.ts';
import { createStore } from '../../../../src/cms/cmGuidance/store.ts';

const ROW = { certificateId: 'a'.repeat(64), certificatePem: 'CERTIFICATE', privateKey: 'KEY' };
const { signal } = new AbortController();

/** A table that answers with the attributes it is asked for. Returns which left it. */
function tableAt(endpoint: string) {
  const told = new Set<string>();
  const send = ({ input }: GetItemCommand) => {
    const asked = input.ProjectionExpression?.split(', ');
    const names = Object.keys(ROW).filter((name) => asked?.includes(name) ?? true) as (keyof typeof ROW)[];
    for (const name of names) told.add(name);
    return Promise.resolve({ Item: Object.fromEntries(names.map((name) => [name, { S: ROW[name] }])) });
  };
  const connection = { endpoint, dynamoDb: () => Promise.resolve({ send }) } as unknown as Connection;
  return { store: createStore(connection, namesOf('dev')), told };
}

describe('The keys in the table of the guidance', () => {
  it('are not asked for over a network where others could read them', async () => {
    const { store, told } = tableAt('http://aws.example.com');
    const row = await store.certificate('VEH-1', signal);
    assert.deepEqual(
      [row?.certificateId, row?.privateKeyPem, store.hidesKeys],
      [ROW.certificateId, undefined, true],
    );
    assert.ok(!told.has('privateKey'));
  });

  it('are read with their certificates where the way is private', async () => {
    for (const endpoint of ['https://aws.example.com', 'http://127.0.0.1:4566']) {
      assert.equal(
        (await tableAt(endpoint).store.certificate('VEH-1', signal))?.privateKeyPem,
        'KEY',
        endpoint,
      );
    }
  });

  it('are never asked for where the id of a certificate is enough', async () => {
    const { store, told } = tableAt('https://aws.example.com');
    assert.equal(await store.certificateIdOf('VEH-1', signal), ROW.certificateId);
    assert.deepEqual([...told], ['certificateId']);
  });
});
