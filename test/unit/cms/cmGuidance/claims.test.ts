import assert from 'node:assert/strict';
import type { Api } from '../../../../src/cms/cmGuidance/api.ts';
import { claimsOf, judgeClaims } from '../../../../src/cms/cmGuidance/claims.ts';
import { createNamedLists } from '../../../../src/cms/cmGuidance/namedLists.ts';
import { IAM } from '../../../../src/cms/contract/credentials.ts';
import { english } from '../../../../src/core/wording.ts';

const token = (claims: object) =>
  ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.');
const judged = (groups: string[], fleetIds: string[] = [], email?: string) => {
  const { words, wrong } = judgeClaims({ groups, fleetIds, email, issuedAt: undefined });
  return [english(words), wrong] as const;
};

describe('Who is signed in to the Guidance', () => {
  it('stands in the id token: groups, and fleets separated by commas', () => {
    const claims = claimsOf(
      token({
        token_use: 'id',
        'cognito:groups': ['fleet-operator'],
        'custom:fleetIds': 'FLEET-1, FLEET-2,',
      }),
    );
    assert.deepEqual([claims?.groups, claims?.fleetIds], [['fleet-operator'], ['FLEET-1', 'FLEET-2']]);
  });

  it('is nobody with an access token, or with no token', () => {
    assert.equal(claimsOf(token({ token_use: 'access', 'cognito:groups': ['platform-admin'] })), undefined);
    assert.equal(claimsOf('nonsense'), undefined);
  });

  it('sees nothing as an operator without fleets, which is said', () => {
    const [words, wrong] = judged(['fleet-operator']);
    assert.match(words, /fleet-operator without fleets: you will see nothing/);
    assert.equal(wrong, true);
  });

  it('is told of the limits of the demo user, until somebody gives it fleets', () => {
    const email = 'FleetManager@example.com';
    assert.match(judged(['fleet-operator'], [], email)[0], /^You are the demo user, .*cannot create a fleet/);
    assert.deepEqual(judged(['fleet-operator'], ['FLEET-1'], email), [
      'You are a fleet-operator: you may work on the fleets FLEET-1.',
      false,
    ]);
  });

  it('is a list of its own: the user and what it means, its groups, its fleets', async () => {
    const claims = { groups: ['fleet-operator'], fleetIds: ['FLEET-1'], email: 'a@b.c', issuedAt: undefined };
    const entry = { claims: () => Promise.resolve(claims) };
    const list = createNamedLists({} as Api, entry, IAM).find(({ id }) => id === 'access');
    const { items, next } = (await list?.page({ size: 100 }, new AbortController().signal)) ?? { items: [] };
    assert.deepEqual(
      [items.map(({ cells }) => cells), next],
      [
        [
          ['a@b.c', 'user', 'You are a fleet-operator: you may work on the fleets FLEET-1.'],
          ['fleet-operator', 'group', ''],
          ['FLEET-1', 'fleet', ''],
        ],
        undefined,
      ],
    );
  });

  it('may work on all fleets, on some, or only look', () => {
    assert.deepEqual(judged(['platform-admin']), [
      'You are a platform-admin: you may work on all fleets.',
      false,
    ]);
    assert.deepEqual(judged(['fleet-viewer']), [
      'You are a fleet-viewer: you may look at all fleets.',
      false,
    ]);
    assert.deepEqual(judged(['fleet-operator'], ['FLEET-1']), [
      'You are a fleet-operator: you may work on the fleets FLEET-1.',
      false,
    ]);
  });

  it('is told when groups give no access, or there are none', () => {
    assert.equal(judged(['dealer-admin'])[1], true);
    assert.equal(judged([])[1], true);
  });
});
