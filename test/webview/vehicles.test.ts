import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import type { MapPage } from './mapPage.ts';
import { drive, fleet, frame, minutes, scene, vehicle } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const VIN = 'WBA3A5C58CF256651';

describe('vehicles in words', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  before(async () => {
    map = await pages.open();
  });

  async function show(view: 'map' | 'table'): Promise<void> {
    if ((await map.data('view')) !== view) await map.page.locator('#view').click();
    await map.shows({ view });
  }
  const firstVins = async (): Promise<string[]> =>
    (await map.page.locator('tbody tr:not([hidden]) th').allInnerTexts())
      .slice(0, 3)
      .map((text) => text.trim());
  const header = (name: string) => map.page.getByRole('columnheader', { name }).getByRole('button');

  describe('in the menu of the editor', () => {
    const stack = { connectionId: 'sandbox', stack: 'cms-dev1' };
    /** What the editor reads from the elements around the one that was clicked. */
    const contextAt = async (selector: string): Promise<Record<string, unknown> | undefined> => {
      const around = map.page
        .locator(selector)
        .first()
        .locator('xpath=ancestor-or-self::*[@data-vscode-context]');
      if ((await around.count()) === 0) return undefined;
      const text = (await around.last().getAttribute('data-vscode-context')) ?? '';
      return JSON.parse(text) as Record<string, unknown>;
    };

    it('are those of their rows', async () => {
      await map.tell(
        scene({ stack }),
        frame([vehicle(VIN, 11, 48, { id: 'vehicle-1', phase: 'paused' })], { reset: true }),
      );
      await show('table');
      await map.page.locator('tbody tr:not([hidden])').filter({ hasText: VIN }).waitFor();
      assert.deepEqual(await contextAt('tbody tr:not([hidden]) th'), {
        webviewSection: 'vehicle',
        preventDefaultContextMenuItems: true,
        mapSource: 'simulation',
        isDriving: false,
        isPaused: true,
        isRunning: true,
        vin: VIN,
        id: 'vehicle-1',
        ref: stack,
      });
    });

    it('are all that are selected, in the menu of one of them', async () => {
      const others = ['OTHER1', 'OTHER2'].map((vin, i) => vehicle(vin, 11, 49 + i, { phase: 'paused' }));
      await map.tell(
        scene({ stack }),
        frame([vehicle(VIN, 11, 48, { phase: 'driving' }), ...others], { reset: true }),
      );
      await show('table');
      const rowOf = (vin: string) => map.page.locator('tbody tr:not([hidden])').filter({ hasText: vin });
      const contextOf = async (vin: string): Promise<Record<string, unknown>> =>
        JSON.parse((await rowOf(vin).getAttribute('data-vscode-context')) ?? '{}') as Record<string, unknown>;
      await rowOf(VIN).getByRole('button').first().click();
      await rowOf('OTHER1')
        .getByRole('button')
        .first()
        .click({ modifiers: ['Control'] });
      await until('both in the menu', async () => (await contextOf(VIN)).severalVehicles === true);
      const { vin, others: also, isDriving, isPaused } = await contextOf(VIN);
      assert.deepEqual([vin, also], [VIN, [{ vin: 'OTHER1', id: 'OTHER1', ref: stack }]]);
      assert.deepEqual([isDriving, isPaused], [true, true]);
      assert.equal((await contextOf('OTHER2')).severalVehicles, undefined);
    });

    it('are those under the pointer on the map; beside them there is none', async () => {
      await map.tell(
        scene({ stack, source: 'watch', steers: [] }),
        frame([vehicle(VIN, 11, 48, { id: 'thing-1', phase: 'watched' })], { reset: true }),
        { kind: 'select', id: 'thing-1' },
      );
      await show('map');
      await map.shows({ selected: 'thing-1', drawn: '1', follow: 'true' });
      // It is followed: it stands in the middle.
      const canvas = map.page.locator('#map canvas');
      const box = await canvas.boundingBox();
      assert.ok(box);
      await until('the vehicle under the pointer', async () => {
        await canvas.click({ button: 'right', position: { x: box.width / 2, y: box.height / 2 } });
        return (await contextAt('#map canvas'))?.vin === 'thing-1';
      });
      assert.deepEqual((await contextAt('#map canvas'))?.ref, stack);
      await canvas.click({ button: 'right', position: { x: box.width / 2, y: box.height / 4 } });
      assert.equal(await contextAt('#map canvas'), undefined);
      assert.equal((await contextAt('#details h2'))?.vin, 'thing-1');
    });
  });

  describe('that were seen before the map was opened', () => {
    it('say that, and when, instead of figures that nobody knows', async () => {
      const at = Date.UTC(2026, 0, 2, 12);
      await map.tell(
        scene({ source: 'watch', steers: [], routes: [] }),
        frame(
          [
            vehicle(VIN, 11, 48, { id: 'dated', phase: 'watched', earlier: { at } }),
            vehicle(VIN, 12, 48, { id: 'undated', phase: 'watched', earlier: {} }),
          ],
          { reset: true },
        ),
        { kind: 'select', id: 'dated' },
      );
      await show('map');
      await map.shows({ selected: 'dated', drawn: '2' });
      const state = map.page.locator('#details .state');
      await state.filter({ hasText: /Last known position · .*2026/ }).waitFor();
      await map.tell({ kind: 'select', id: 'undated' });
      await state.filter({ hasText: 'Last known position · time unknown' }).waitFor();
      assert.equal(await map.page.locator('#details .big').innerText(), '');
      await map.page.locator('#legend', { hasText: 'Last known position 2' }).waitFor();
      await show('table');
      await map.page
        .locator('tbody tr:not([hidden]) td', { hasText: 'Last known position' })
        .first()
        .waitFor();
    });
  });

  describe('the selected one', () => {
    it('has its figures, messages, trouble codes and problem beside the map', async () => {
      await show('map');
      await map.tell(
        scene(),
        frame(
          [
            {
              ...drive(VIN),
              troubleCodes: ['P0217', 'P0217', 'P1734'],
              problem: 'The broker did not answer.',
            },
          ],
          {
            reset: true,
          },
        ),
        { kind: 'select', id: VIN },
      );
      await map.shows({ selected: VIN, drawn: '1' });
      const details = map.page.locator('#details');
      await details.getByText('Driving · Online').waitFor();
      const text = await details.innerText();
      for (const part of [
        VIN,
        '112 km/h',
        '63° NE',
        '12.3 km',
        '41.5 L',
        '70%',
        'sample',
        '249',
        '12 ms',
        '248',
      ]) {
        assert.ok(text.includes(part), `${part} in ${text}`);
      }
      assert.ok(text.includes('The broker did not answer.'));
      assert.deepEqual(await details.locator('.code').allInnerTexts(), ['P0217', 'P1734']);
    });

    it('has its battery where others have fuel', async () => {
      const rows = (key: string) => map.page.locator(`#details .row:has([data-value=${key}])`);
      await show('map');
      await map.tell(
        scene(),
        frame([vehicle('BATTERY', 1, 1, { place: { fuel: 0, charge: 0.79 } }), vehicle('TANK', 2, 2)], {
          reset: true,
        }),
        { kind: 'select', id: 'BATTERY' },
      );
      await rows('battery').waitFor();
      assert.match(await rows('battery').innerText(), /^Battery\s+79%$/);
      assert.equal(await rows('fuel').isVisible(), false);
      await map.tell({ kind: 'select', id: 'TANK' });
      await rows('fuel').waitFor();
      assert.match(await rows('fuel').innerText(), /^Fuel\s+41\.5 L$/);
      assert.equal(await rows('battery').isVisible(), false);
    });

    it('has a strip with the speeds of the last minutes, told in words as well', async () => {
      await map.tell(frame([], { reset: true }), ...minutes(VIN, 60), { kind: 'select', id: VIN });
      const strip = map.page.locator('#details svg[role=img]');
      await map.page.locator('#details svg[aria-label*="now"]').waitFor();
      assert.match((await strip.getAttribute('aria-label')) ?? '', /lowest \d+ km\/h, highest 83 km\/h/);
      assert.ok(((await strip.locator('.chart-line').getAttribute('d')) ?? '').split('L').length > 30);
    });

    it('goes with Escape on the map', async () => {
      await show('map');
      await map.tell(frame([vehicle(VIN, 1, 1)], { reset: true }), { kind: 'select', id: VIN });
      await map.shows({ selected: VIN });
      await map.page.locator('#map canvas').focus();
      await map.page.keyboard.press('Escape');
      await map.shows({ selected: '' });
      await map.page.locator('#details').waitFor({ state: 'hidden' });
    });

    it('is the next and the one before with [ and ]', async () => {
      await map.tell(
        scene(),
        frame([vehicle('A', 1, 1), vehicle('B', 2, 2), vehicle('C', 3, 3)], { reset: true }),
      );
      await map.shows({ vehicles: '3' });
      await map.page.locator('#map canvas').focus();
      await map.page.keyboard.press(']');
      await map.shows({ selected: 'A' });
      await map.page.keyboard.press(']');
      await map.shows({ selected: 'B' });
      await map.page.keyboard.press('[');
      await map.page.keyboard.press('[');
      await map.shows({ selected: 'C' });
    });

    it('can be watched: nothing is said of acknowledgements nobody knows', async () => {
      await map.tell(
        scene({ source: 'watch', steers: [], acts: [] }),
        frame([vehicle(VIN, 1, 1, { phase: 'watched' })], { reset: true }),
        { kind: 'select', id: VIN },
      );
      await map.page.locator('#details .state', { hasText: 'Watched' }).waitFor();
      assert.equal(await map.page.locator('[data-value=acknowledged]').isVisible(), false);
    });
  });

  describe('the search', () => {
    before(async () => {
      await show('map');
      await map.tell(scene(), frame(fleet(1000), { reset: true }));
      await map.shows({ vehicles: '1000' });
    });

    it('finds by a part of the VIN and selects with the keyboard', async () => {
      const search = map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' });
      await search.fill('cms0000000000042');
      await map.page.locator('#found').getByRole('option').nth(5).waitFor();
      assert.equal(await map.page.locator('#found').getByRole('option').count(), 10);
      assert.equal(await search.getAttribute('aria-expanded'), 'true');
      await search.press('ArrowDown');
      await search.press('ArrowDown');
      const active = await search.getAttribute('aria-activedescendant');
      assert.match(await map.text(`#${active}`), /CMS00000000000421/);
      await search.press('Enter');
      await map.shows({ selected: 'CMS00000000000421' });
      assert.equal(await search.getAttribute('aria-expanded'), 'false');
    });

    it('says when there is none, and how many more there are', async () => {
      const search = map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' });
      await search.fill('XYZ');
      await map.page.getByText('No vehicle with “XYZ” in its VIN').first().waitFor();
      await search.fill('CMS0000000000042');
      await map.page
        .getByRole('status')
        .filter({ hasText: /^10 found$/ })
        .waitFor({ state: 'attached' });
      await search.fill('CMS00000000000421');
      await map.page
        .getByRole('status')
        .filter({ hasText: /^1 found$/ })
        .waitFor({ state: 'attached' });
      await search.fill('CMS');
      await map.page.getByText('950 more').waitFor();
      await search.press('Escape');
      await map.page.locator('.popup').waitFor({ state: 'hidden' });
      await search.press('Escape');
      assert.equal(await search.inputValue(), '');
    });

    it('is reached from the map with a slash', async () => {
      await map.page.locator('#map canvas').focus();
      await map.page.keyboard.press('/');
      assert.equal(await map.page.evaluate<string>('document.activeElement.id'), 'search');
    });
  });

  describe('the table', () => {
    before(async () => {
      await map.page.locator('#search').fill('');
      await map.tell(scene(), frame(fleet(1000), { reset: true }));
      await map.shows({ vehicles: '1000' });
      await show('table');
    });

    it('has the same vehicles, in pages', async () => {
      assert.equal(await map.page.getByRole('table').getAttribute('aria-rowcount'), '1001');
      assert.equal(await map.page.locator('tbody tr:visible').count(), 100);
      await map.page.getByText('Vehicles, 1 to 100 of 1,000').waitFor();
      await map.page.getByRole('button', { name: 'Next Page' }).click();
      await map.page.getByText('Vehicles, 101 to 200 of 1,000').waitFor();
      assert.deepEqual((await firstVins())[0], 'CMS00000000000100');
      await map.page.getByRole('button', { name: 'Previous Page' }).click();
      await map.page.getByText('Page 1 of 10').waitFor();
    });

    it('is sorted by any column, both ways, and says so', async () => {
      await header('Speed').click();
      await map.page.locator('th[data-column=speed][aria-sort=ascending]').waitFor();
      assert.deepEqual(await firstVins(), ['CMS00000000000000', 'CMS00000000000031', 'CMS00000000000062']);
      await header('Speed').click();
      await map.page.locator('th[data-column=speed][aria-sort=descending]').waitFor();
      assert.deepEqual((await firstVins())[0], 'CMS00000000000030');
      // The arrow is for the eyes.
      await map.page.getByRole('button', { name: 'Speed', exact: true }).waitFor();
      for (const order of ['descending', 'ascending']) {
        assert.match(
          await map.page.evaluate<string>(
            `getComputedStyle(document.querySelector('th[aria-sort=${order}] button'), '::after').content`,
          ),
          /^"[▲▼]" \/ ""$/,
        );
        if (order === 'descending') await header('Speed').click();
      }
      await header('VIN').click();
      await map.page.locator('th[data-column=vin][aria-sort=ascending]').waitFor();
    });

    it('has batteries and tanks in one column, and each kind together when sorted by it', async () => {
      const charged = (vin: string, charge: number) => vehicle(vin, 1, 1, { place: { fuel: 30, charge } });
      const tank = (vin: string, fuel: number) => vehicle(vin, 1, 1, { place: { fuel } });
      await map.tell(
        frame([charged('FULL', 1), tank('DRY', 0), charged('LOW', 0.1), tank('HALF', 25)], { reset: true }),
      );
      await map.page.getByText('Vehicles, 1 to 4 of 4').waitFor();
      await header('Fuel or battery').click();
      await map.page.locator('th[data-column=fuel][aria-sort=ascending]').waitFor();
      const column = await map.page
        .locator('thead th')
        .evaluateAll((cells) =>
          (cells as unknown as { dataset: { column?: string } }[]).findIndex(
            ({ dataset }) => dataset.column === 'fuel',
          ),
        );
      const cells = map.page.locator(`tbody tr:not([hidden]) > :nth-child(${column + 1})`);
      assert.deepEqual(await cells.allInnerTexts(), ['10%', '100%', '0.0 L', '25.0 L']);
      await header('VIN').click();
      await map.tell(frame(fleet(1000), { reset: true }));
      await map.page.getByText('Vehicles, 1 to 100 of 1,000').waitFor();
    });

    it('is walked with the arrow keys; Enter selects', async () => {
      await map.page.locator('tbody tr:first-child button').focus();
      await map.page.keyboard.press('ArrowDown');
      await map.page.keyboard.press('ArrowDown');
      await map.page.keyboard.press('Enter');
      await map.shows({ selected: 'CMS00000000000002' });
      await map.page.keyboard.press('End');
      await map.page.keyboard.press('Enter');
      await map.shows({ selected: 'CMS00000000000099' });
      await map.page.locator('tr[aria-current=true]', { hasText: 'CMS00000000000099' }).waitFor();
    });

    it('keeps its order while somebody reads it, and shows new values', async () => {
      await header('Speed').click();
      await map.page.locator('tbody tr:first-child button').focus();
      const before = await firstVins();
      await map.tell(frame([vehicle(before[0]!, 1, 1, { place: { speed: 100 } })]));
      await map.page.locator('tbody tr:first-child td', { hasText: '360 km/h' }).waitFor();
      assert.deepEqual(await firstVins(), before);
      await header('VIN').click();
    });

    it('has only what the search leaves', async () => {
      await map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' }).fill('99');
      await map.page.locator('caption', { hasText: 'of 19' }).waitFor();
      await map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' }).fill('nothing');
      await map.page.locator('.table-empty', { hasText: 'No vehicle matches.' }).waitFor();
      await map.page.getByRole('combobox', { name: 'Find a vehicle by VIN' }).fill('');
      await map.page.locator('caption', { hasText: 'of 1,000' }).waitFor();
    });

    it('tells screen readers a summary, and seldom', async () => {
      const summary = map.page.locator('#summary');
      await map.page.locator('#summary', { hasText: '1,000 vehicles' }).waitFor({ state: 'attached' });
      assert.match(await summary.innerText(), /Driving, .* Failed/);
      await map.page.evaluate(
        `globalThis.said = 0; new MutationObserver(() => (said += 1)).observe(document.getElementById('summary'), { childList: true, characterData: true, subtree: true })`,
      );
      const started = Date.now();
      for (let i = 1; i <= 60; i++) {
        await map.tell(frame([vehicle(`NEW${i}`, 1, 1)]));
      }
      await map.page.locator('#summary', { hasText: '1,060 vehicles' }).waitFor({ state: 'attached' });
      const most = 2 + Math.ceil((Date.now() - started) / 5000);
      const said = await map.page.evaluate<number>('said');
      assert.ok(said <= most, `${said} times, at most ${most}`);
    });
  });
});
