import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CmsEnablementApi } from '../../src/editor/automation/api.ts';
import { PASSWORD, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';

describe('the exported API', function () {
  const world = useWorld(this, 'sandbox');
  const { person } = world;
  const owner = { username: 'apiUser1', firstName: 'Test', lastName: 'User' };

  const api = (): CmsEnablementApi => {
    const extension = vscode.extensions.getExtension<CmsEnablementApi>('cms-enablement.cms-enablement');
    assert.ok(extension?.isActive);
    assert.equal(extension.exports.apiVersion, 1);
    return extension.exports;
  };

  it('onboards a vehicle in the sandbox, drives it and stops it, and asks nobody', async () => {
    const cms = api();
    await cms.startSandbox();
    const [deployment] = await cms.deployments();
    assert.equal(deployment?.name, 'cms-dev1');
    cms.signInAs(owner.username, PASSWORD);
    assert.equal((await cms.onboard({ vin: VIN, ...owner })).vin, VIN);
    assert.deepEqual(
      (await cms.vehicles()).map(({ vin }) => vin),
      [VIN],
    );
    const { simulationId } = await cms.simulate({ vins: [VIN], speed: 20, rate: 5 });
    const signal = AbortSignal.timeout(30_000);
    await cms.until(simulationId, ({ totals }) => (totals?.acknowledged ?? 0) > 0, signal);
    await cms.stop(simulationId);
    assert.equal((await cms.until(simulationId, ({ state }) => state !== 'running', signal)).state, 'ended');
    assert.equal(person.open, undefined);
  });

  it('rejects with a code of the documentation', async () => {
    await assert.rejects(api().simulate({ vins: [VIN], route: 'notes.txt' }), { code: 'ROUTE_INVALID' });
    await assert.rejects(api().stop(), { code: 'REQUEST_INVALID' });
    const { signal } = new AbortController();
    await assert.rejects(
      api().until('none', () => true, signal),
      { code: 'REQUEST_INVALID' },
    );
  });
});
