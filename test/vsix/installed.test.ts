import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { PASSWORD, VIN } from '../support/editor/fleetSnapshot.ts';
import { answerWizard, startFromWelcome } from '../support/editor/steps.ts';
import { useWindow } from '../support/editor/windows.ts';

describe('the installed VSIX', function () {
  const test = useWindow(this, { start: 'nothing' });

  // That it is the installed copy, and not the checkout, is asserted where the editor starts.
  it('goes from the welcome to a vehicle that drives on the map', async () => {
    assert.ok(process.env.CMS_VSIX, 'CMS_VSIX names the VSIX');
    const { workbench, folder } = test;
    await startFromWelcome(workbench);
    await workbench.command('Connected Mobility: Onboard Vehicle');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told(`${VIN} is onboarded`);
    assert.ok(existsSync(path.join(folder, 'certs', VIN, 'production-private.pem.key')));
    await workbench.press('is onboarded', 'Simulate a Drive');
    await workbench.question('Route to drive');
    await workbench.pick('Munich');
    await workbench.question('Enter to start');
    await workbench.pick('Start');
    const map = new FleetMap(workbench);
    await map.shows({ map: 'ready', vehicles: 1, drawn: 1 });
    await map.painted();
  });
});
