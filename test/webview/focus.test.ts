import assert from 'node:assert/strict';
import type { MapPage } from './mapPage.ts';
import { fleet, frame, scene } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const VIN = 'CMS00000000000003';

describe('the focus', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  before(async () => {
    map = await pages.open();
    await map.tell(scene(), frame(fleet(250), { reset: true }));
    await map.shows({ drawn: '250' });
  });

  async function show(view: 'map' | 'table'): Promise<void> {
    if ((await map.data('view')) !== view) await map.page.locator('#view').click();
    await map.shows({ view });
  }
  async function select(): Promise<void> {
    await map.tell({ kind: 'select', id: VIN });
    await map.shows({ selected: VIN });
    await map.page.locator('#details').waitFor();
  }
  const close = () => map.page.getByRole('button', { name: 'Close', exact: true });
  const row = (vin: string) => map.page.locator('tbody tr', { hasText: vin }).getByRole('button');

  /** Where it is after the browser has drawn: what is hidden by then has lost it. */
  function focused(): Promise<string> {
    return map.page.evaluate<string>(`new Promise((resolve) => {
      const say = () => resolve(document.activeElement.tagName === 'CANVAS' ? 'map' : document.activeElement.id || document.activeElement.textContent.slice(0, 40));
      requestAnimationFrame(() => requestAnimationFrame(say));
    })`);
  }

  for (const key of ['Enter', 'Escape']) {
    it(`goes to the map when ${key} closes the panel of a vehicle`, async () => {
      await show('map');
      await select();
      await close().press(key);
      await map.shows({ selected: '' });
      assert.equal(await focused(), 'map');
    });

    it(`goes to the row of the vehicle when ${key} closes its panel beside the table`, async () => {
      await show('table');
      await select();
      await close().press(key);
      await map.shows({ selected: '' });
      assert.equal(await focused(), VIN);
    });
  }

  it('goes from the map to the table and back with T', async () => {
    await show('map');
    await map.page.locator('#map canvas').press('t');
    await map.shows({ view: 'table' });
    assert.match(await focused(), /^CMS\d+$/);
    await map.page.keyboard.press('t');
    await map.shows({ view: 'map' });
    assert.equal(await focused(), 'map');
    await select();
    await map.page.keyboard.press('t');
    await map.shows({ view: 'table' });
    assert.equal(await focused(), VIN);
  });

  it('stays with the button that changes the view', async () => {
    await show('map');
    await map.page.locator('#view').press('Enter');
    await map.shows({ view: 'table' });
    assert.equal(await focused(), 'view');
  });

  it('stays in the table when Escape clears the selection', async () => {
    await show('table');
    await select();
    await row('CMS00000000000005').press('Escape');
    await map.shows({ selected: '' });
    assert.equal(await focused(), 'CMS00000000000005');
  });

  it('stays in the search, where letters are typed and Escape is for the list', async () => {
    await show('table');
    await select();
    const search = map.page.locator('#search');
    await search.press('t');
    await search.press('Escape');
    await search.press('Escape');
    assert.equal(await focused(), 'search');
    assert.equal(await map.data('view'), 'table');
    assert.equal(await map.data('selected'), VIN);
  });

  it('stays with the button of the last page, though there is no next one', async () => {
    await show('table');
    const next = map.page.getByRole('button', { name: 'Next Page' });
    await next.press('Enter');
    await next.press('Enter');
    await map.page.getByText('Page 3 of 3').waitFor();
    assert.equal(await next.getAttribute('aria-disabled'), 'true');
    await focused();
    await map.page.keyboard.press('Enter');
    await map.page.getByText('Page 3 of 3').waitFor();
    await map.page.keyboard.press('Shift+Tab');
    assert.equal(await map.page.evaluate('document.activeElement.ariaLabel'), 'Previous Page');
    assert.equal(await next.isDisabled(), true);
    await map.page.getByRole('button', { name: 'Previous Page' }).press('Enter');
    await map.page.getByRole('button', { name: 'Previous Page' }).press('Enter');
    await map.page.getByText('Page 1 of 3').waitFor();
  });

  it('is in the view when what had it is no longer there', async () => {
    await show('map');
    await map.page.locator('#controls button[data-steer=pause]').focus();
    await map.tell(scene({ steers: [] }));
    await map.page.locator('#controls').waitFor({ state: 'hidden' });
    assert.equal(await focused(), 'map');
    await map.tell(scene());
    await map.page.locator('#controls').waitFor();
  });

  it('is where it was for who comes back to the page', async () => {
    const leave = () => map.page.evaluate('document.activeElement.blur()');
    const comeBack = () => map.page.evaluate("window.dispatchEvent(new Event('focus'))");
    await show('table');
    await row('CMS00000000000007').focus();
    await leave();
    await comeBack();
    assert.equal(await focused(), 'CMS00000000000007');
    await map.page.locator('#view').focus();
    await comeBack();
    assert.equal(await focused(), 'view', 'what has the focus keeps it');
    // Gone meanwhile.
    await select();
    await map.page.locator('#details').getByRole('button', { name: 'Diagnose' }).focus();
    await leave();
    await map.tell(scene({ acts: [] }));
    await map.page.getByRole('button', { name: 'Diagnose' }).waitFor({ state: 'hidden' });
    await comeBack();
    assert.equal(await focused(), VIN);
  });
});
