import assert from 'node:assert/strict';
import { mapStateSchema } from '../../src/protocol/map.ts';
import type { MapPage } from './mapPage.ts';
import { cityRoute, fleet, frame, scene } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const VIN = 'CMS00000000000003';

describe('after a reload the map', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  before(async () => {
    pages.server.restore = { kind: 'watch', connectionId: 'c1' };
    map = await pages.open();
    await map.tell(scene({ routes: [cityRoute] }), frame(fleet(20), { reset: true }));
    await map.shows({ drawn: '20' });
  });

  it('is where it was, with the same selection, following and search', async () => {
    await map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' }).fill('CMS');
    await map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' }).press('Escape');
    await map.tell({ kind: 'select', id: VIN });
    await map.shows({ selected: VIN, follow: 'true' });
    await map.page.waitForFunction(() => testHost.state()?.selected !== undefined);
    await map.reload();
    await map.shows({ selected: VIN, follow: 'true', view: 'map', vehicles: '0' });
    await map.tell(scene({ routes: [cityRoute] }), frame(fleet(20), { reset: true }));
    await map.shows({ drawn: '20', selected: VIN, follow: 'true' });
    assert.equal(await map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' }).inputValue(), 'CMS');
  });

  it('has the camera somebody chose, though the scene comes again', async () => {
    await map.page.locator('#follow').click();
    await map.shows({ follow: 'false' });
    await map.page.locator('#map canvas').focus();
    const before = (await map.state())?.camera?.zoom ?? 0;
    await map.page.keyboard.press('+');
    await map.page.waitForFunction((zoom) => (testHost.state()?.camera?.zoom ?? 0) > zoom + 0.5, before);
    const kept = (await map.state())?.camera;
    await map.reload();
    await map.tell(scene({ routes: [cityRoute] }), frame(fleet(20), { reset: true }));
    await map.shows({ drawn: '20' });
    assert.deepEqual((await map.state())?.camera, kept);
  });

  it('shows the table if that was shown, in its order', async () => {
    await map.page.locator('#view').click();
    await map.shows({ view: 'table' });
    await map.page.getByRole('columnheader', { name: 'Fuel' }).getByRole('button').click();
    await map.page.waitForFunction(() => testHost.state()?.sort?.column === 'fuel');
    await map.reload();
    await map.shows({ view: 'table' });
    await map.tell(scene(), frame(fleet(20), { reset: true }));
    await map.page.locator('th[data-column=fuel][aria-sort=ascending]').waitFor();
  });

  it('gives the editor what it needs to open the same again', async () => {
    const state = mapStateSchema.parse(await map.state());
    assert.deepEqual(state.restore, { kind: 'watch', connectionId: 'c1' });
  });

  it('begins anew when what was kept cannot be read', async () => {
    await map.page.evaluate(`sessionStorage.setItem('kept state', '{"view":7}')`);
    // The page keeps its state when it goes; this must come after that.
    await map.page.addInitScript(
      `if (!sessionStorage.spoilt) { sessionStorage.spoilt = 1; sessionStorage.setItem('kept state', '{"view":7}'); }`,
    );
    await map.reload();
    await map.shows({ view: 'map', selected: '', follow: 'false' });
  });
});

/** There is one in the page only. */
declare const testHost: {
  state(): { selected?: string; camera?: { zoom: number }; sort?: { column: string } } | null;
};
