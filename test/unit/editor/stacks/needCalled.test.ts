import assert from 'node:assert/strict';
import { type CredentialNeed, IAM } from '../../../../src/cms/contract/credentials.ts';
import { nobodySignedIn, SIGN_IN_CODES } from '../../../../src/cms/contract/needs.ts';
import type { Deployment } from '../../../../src/cms/contract/deployment.ts';
import { sayingNeeds } from '../../../../src/cms/contract/sayingNeeds.ts';
import { CmsError } from '../../../../src/core/errors.ts';
import type { ErrorCode } from '../../../../src/core/errorCodes.ts';
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

  it('asks for what was refused, whatever is wrong with it, which the store is told if it never works', async () => {
    const told: string[] = [];
    const failing = (needs: CredentialNeed, code: ErrorCode) => ({
      ...{ needs, page: () => Promise.reject(new CmsError(code, label, { details: { status: 401 } })) },
    });
    const credentials = {
      password: () => assert.fail(),
      token: () => assert.fail(),
      refused: (need: CredentialNeed) => Promise.resolve(void told.push(need.kind)),
    };
    for (const need of [DEPOTS, PAINTS]) {
      for (const code of SIGN_IN_CODES) {
        const whole = { ...deploymentWith(IAM), lists: [failing(need, code)], checks: [] };
        const [list] = sayingNeeds(whole as unknown as Deployment, credentials).lists;
        const key = need === DEPOTS ? 'password depots' : 'issuer https://paint.example/';
        await assert.rejects(list!.page({ size: 1 }, signal), { code, details: { status: 401, need: key } });
      }
    }
    assert.deepEqual(told, ['password', 'password', 'issuer', 'issuer', 'issuer']);
  });

  it('finds out what something that can be done needs, and leaves other errors alone', async () => {
    const failing = (error: Error) => ({ list: 'owners', set: () => Promise.reject(error) });
    const credentials = { password: () => assert.fail(), token: () => assert.fail() };
    const whole = (error: Error) =>
      sayingNeeds(
        { ...deploymentWith(IAM), owners: failing(error), checks: [] } as unknown as Deployment,
        credentials,
      );
    const car = { vin: 'v', id: 'v', thingName: 'v' };
    const ended = new CmsError('CMS_UNAUTHORIZED', label);
    await assert.rejects(whole(ended).owners!.set(car, 'eva', signal), {
      details: { need: 'issuer https://paint.example/' },
    });
    const gone = new CmsError('ENDPOINT_UNREACHABLE', label);
    await assert.rejects(whole(gone).owners!.set(car, 'eva', signal), (error) => error === gone);
  });

  it('asks for what the vehicles need when that is not said, or not known any more', async () => {
    assert.equal(await needCalled(undefined)(deploymentWith(DEPOTS), signal), DEPOTS);
    assert.equal(await needCalled('password gone')(deploymentWith(IAM), signal), IAM);
  });
});
