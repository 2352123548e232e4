import { useWindow } from '../support/editor/windows.ts';
import { VIN } from '../support/editor/stage.ts';
describe('trial', function () {
  describe('nothing', function () {
    const test = useWindow(this, { start: 'nothing' });
    for (const i of [1,2]) it('opens '+i, async () => { await test.workbench.openView(); });
  });
  describe('sandbox', function () {
    const test = useWindow(this, { start: 'sandbox' });
    for (const i of [1,2]) it('opens '+i, async () => { await test.workbench.openView(); await test.workbench.row('Provisioning').waitFor(); });
  });
  describe('fleet', function () {
    const test = useWindow(this, { start: 'fleet' });
    for (const i of [1,2,3]) it('opens '+i, async () => { const t=Date.now(); await test.workbench.openView(); console.log('view', Date.now()-t); await test.workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner testCMSUser1, live`).waitFor(); });
  });
});
