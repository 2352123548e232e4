import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { startFromWelcome } from '../support/editor/steps.ts';
import { useWindow } from '../support/editor/windows.ts';
import { until } from '../support/until.ts';

const VIN = 'LSH14J4C4LA046511';

describe('five minutes with CMS on AWS, and no other CMS', function () {
  const test = useWindow(this, {
    start: 'nothing',
    settings: { 'cmsEnablement.sandbox.installations': ['cms-on-aws:cms,post-delay-ms=50'] },
  });

  it('lead from the welcome to a vehicle that drives on the map and is found by GraphQL, without a password', async () => {
    const { workbench, folder } = test;
    await startFromWelcome(workbench);
    const rows = await workbench.rows();
    assert.ok(
      rows.some((row) => row.includes('CMS on AWS (SO0241)')),
      rows.join('\n'),
    );
    for (const row of ['Vehicles with telemetry', 'Alerts']) assert.ok(rows.includes(row), row);
    assert.ok(rows.includes('No vehicles yet. Onboard one…'), rows.join('\n'));
    await workbench.screenshot('cms-on-aws tree');

    await workbench.command('Connected Mobility: Onboard Vehicle');
    await workbench.answer('VIN: 17 characters', VIN);
    await workbench.question('Give this one the right?');
    await workbench.pick('by a thing group');
    await workbench.question('Review');
    await workbench.screenshot('cms-on-aws review');
    await workbench.pick('Onboard');
    await workbench.told(`${VIN} is onboarded`);
    await workbench.spoken(`Vehicle ${VIN}`).first().waitFor();
    assert.ok(existsSync(path.join(folder, 'certs', VIN, 'production-private.pem.key')));
    await workbench.screenshot('cms-on-aws onboarded');

    await workbench.press(`${VIN} is onboarded`, 'Simulate a Drive');
    await workbench.question('Route to drive');
    await workbench.pick('Atlanta');
    await workbench.question('Enter to start');
    await workbench.pick('Start');
    await workbench.spoken(`Simulation ${VIN} · atlanta, running`).waitFor();
    const map = new FleetMap(workbench);
    await map.shows({ map: 'ready', drawn: 1 });
    await map.find(VIN);
    await workbench.screenshot('cms-on-aws drive');

    // What it sent is where the CMS keeps it, and GraphQL finds it.
    await workbench.expand('Vehicles with telemetry');
    const ofVehicle = workbench.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: VIN });
    await until('the vehicle in the list of GraphQL', async () => (await ofVehicle.count()) === 3);
  });
});
