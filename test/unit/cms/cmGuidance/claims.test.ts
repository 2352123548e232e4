import assert from 'node:assert/strict';
import { claimsOf, judgeClaims } from '../../../../src/cms/cmGuidance/claims.ts';
import { english } from '../../../../src/core/wording.ts';

const token = (claims: object) =>
  ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.');
const judged = (groups: string[], fleetIds: string[] = []) => {
  const { words, wrong } = judgeClaims({ groups, fleetIds, email: undefined, issuedAt: undefined });
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
