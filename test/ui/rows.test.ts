import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWindow } from '../support/editor/windows.ts';

describe('the rows of a fleet', function () {
  const test = useWindow(this, { start: 'fleet' });

  it('have a menu, after which the keyboard goes on in them', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.contextMenu(VIN, 'Copy VIN');
    await workbench.status('VIN copied').waitFor();
    assert.equal(await workbench.clipboard(), VIN);
    await workbench.focusInRows();
  });

  it('are found by a VIN, and have the focus then', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.spoken(`Vehicle ${SECOND}`).waitFor();
    await workbench.command('Connected Mobility: Find Vehicle');
    await workbench.answer('Any part of a VIN', SECOND.slice(-8).toLowerCase());
    await workbench.page.locator(`.monaco-list-row.focused[aria-label^="Vehicle ${SECOND}"]`).waitFor();
    await workbench.focusInRows();
  });

  it('are told above their lines in a fleet file, where one click leads to them', async () => {
    const { workbench, folder } = test;
    const vins = [VIN, '5YJSA1E21HF001337', SECOND];
    const lines = ['vin,username,firstName,lastName', ...vins.map((vin) => `${vin},testCMSUser1,Test,User`)];
    await writeFile(path.join(folder, 'three.cms-fleet.csv'), `${lines.join('\n')}\n`);
    await workbench.openView();
    await workbench.spoken(`Vehicle ${SECOND}`).waitFor();
    await workbench.openFile('three.cms-fleet.csv');
    const lens = workbench.page.locator('.codelens-decoration');
    await lens.filter({ hasText: '2 of 3 vehicles are on cms-dev1' }).waitFor();
    await lens.filter({ hasText: 'not onboarded' }).waitFor();
    await workbench.screenshot('fleet file');
    await lens
      .filter({ hasText: /^onboarded/ })
      .last()
      .locator('a')
      .click();
    await workbench.page.locator(`.monaco-list-row.focused[aria-label^="Vehicle ${SECOND}"]`).waitFor();
  });

  it('get the focus back from a wizard that is left', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.contextMenu('Vehicles', 'Onboard Vehicle…');
    await workbench.question('VIN: 17 characters');
    await workbench.leave();
    await workbench.focusInRows();
  });

  it('open the page of the sandbox in the browser in place of a CMS UI', async () => {
    const { workbench, context } = test;
    await workbench.openView();
    const opened = context.waitForEvent('page');
    // The editor asks for addresses of other machines only.
    await workbench.contextMenu('cms-dev1', 'Open CMS UI');
    const page = await opened;
    await page.getByRole('heading', { name: 'Local sandbox' }).waitFor();
    assert.match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/_sandbox\/ui$/);
  });

  it('have a menu in the status bar with what one may want next', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.status('sandbox running').click();
    await workbench.question('Connected Mobility');
    for (const entry of ['Stop Local Sandbox', 'Onboard Vehicle…', 'Find Vehicle…', 'Add Connection…', 'Show Log'])
      await workbench.item(entry).waitFor(); // prettier-ignore
    await workbench.screenshot('status menu');
    await workbench.item('Copy AWS CLI Environment').click();
    await workbench.question('Shell to copy the environment for');
    await workbench.pick('bash');
    await workbench.status('Environment copied').waitFor();
    assert.match(await workbench.clipboard(), /export AWS_ENDPOINT_URL='http:\/\/127\.0\.0\.1:\d+/);
  });

  it('are joined by the vehicles of a fleet file once its problems are mended', async () => {
    const { workbench, folder } = test;
    const write = (second: string): Promise<void> =>
      writeFile(
        path.join(folder, 'new.cms-fleet.csv'),
        `vin,username,firstName,lastName\n5YJSA1E26HF000337,a1,A,B\n${second},b1,C,D\n`,
      );
    await write('3VWFE21C04M00000');
    await workbench.openView();
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    await workbench.command('Connected Mobility: Onboard Fleet from File');
    await workbench.question('one vehicle per line');
    await workbench.pick('new.cms-fleet.csv');
    await workbench.told('has problems; they are listed in the Problems view');
    const problems = workbench.page.locator('.markers-panel');
    await problems.getByText('16 characters').first().waitFor();
    await workbench.screenshot('fleet problems');
    await write('3VWFE21C04M000001');
    await problems.getByText('No problems').waitFor();
    await workbench.command('Connected Mobility: Onboard Fleet from File');
    await workbench.question('one vehicle per line');
    await workbench.pick('new.cms-fleet.csv');
    await workbench.choose('Onboard 2 Vehicles');
    await workbench.spoken('Vehicle 3VWFE21C04M000001').waitFor();
  });
});
