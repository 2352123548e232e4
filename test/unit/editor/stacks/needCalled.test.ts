import assert from 'node:assert/strict';
import { type CredentialNeed, IAM } from '../../../../src/cms/contract/credentials.ts';
import { nobodySignedIn } from '../../../../src/cms/contract/needs.ts';
import { l10n } from '../../../../src/core/message.ts';
import { needCalled, type PickNeed } from '../../../../src/editor/stacks/needCalled.ts';

const label = l10n.verbatim('-');
const DEPOTS = { kind: 'password', realm: 'depots', label } as const;
const PAINTS = { kind: 'issuer', issuer: 'https://paint.example/', label } as const;
const { signal } = new AbortController();

function deploymentWith(vehicles: CredentialNeed): Parameters<PickNeed>[0] {
  return {
    vehicles: { needs: vehicles },
    lists: [{ needs: DEPOTS }],
    capabilities: () => Promise.resolve([{ id: 'owners', title: label, needs: PAINTS, no: undefined }]),
  } as unknown as Parameters<PickNeed>[0];
}

describe('Sign In… after an error', () => {
  it('asks for what was missing then, be it of a list or of something that can be done', async () => {
    for (const need of [DEPOTS, PAINTS]) {
      const { details } = nobodySignedIn(need);
      assert.equal(await needCalled(details.need)(deploymentWith(IAM), signal), need);
    }
  });

  it('asks for what the vehicles need when that is not said, or not known any more', async () => {
    assert.equal(await needCalled(undefined)(deploymentWith(DEPOTS), signal), DEPOTS);
    assert.equal(await needCalled('password gone')(deploymentWith(IAM), signal), IAM);
  });
});
