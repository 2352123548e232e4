import assert from 'node:assert/strict';
import type { ChartedVehicle, ChartScene } from '../../src/protocol/chart.ts';
import { until } from '../support/until.ts';
import { type ChartPage, useChartPage } from './chartPage.ts';

const START = Date.UTC(2026, 10, 5, 9, 0, 0);

/** A sample a second; 10 m/s and 1 m/s more each second, a liter less each ten. */
function driven(id: string, samples: number, more: Partial<ChartedVehicle> = {}): ChartedVehicle {
  const seconds = Array.from({ length: samples }, (_, i) => i);
  return {
    id,
    times: seconds.map((i) => START + i * 1000),
    columns: {
      speed: seconds.map((i) => 10 + i),
      fuel: seconds.map((i) => 40 - i / 10),
      'Engine.Rpm': seconds.map((i) => 900 + 10 * i),
    },
    codes: [],
    dropped: 0,
    ...more,
  };
}

const scene = (vehicles: readonly ChartedVehicle[], more: Partial<ChartScene> = {}): ChartScene => ({
  ...{ kind: 'scene', title: 'Charts: 2 vehicles · Ring', live: true, acts: ['show-payload'] },
  vehicles: vehicles.map(({ id }) => ({ id, vin: `VIN-${id}` })),
  signals: [...new Set(vehicles.flatMap(({ columns }) => Object.keys(columns)))],
  ...more,
});

describe('charts', function () {
  const pages = useChartPage(this);

  /** The page with these vehicles, as far as it wants them. */
  async function drawn(
    vehicles: readonly ChartedVehicle[],
    options: Parameters<typeof pages.open>[0] = {},
    more: Partial<ChartScene> = {},
  ): Promise<ChartPage> {
    const charts = await pages.open(options);
    await charts.tell(scene(vehicles, more));
    await until('what is wanted', () => charts.wanted());
    await charts.answer(vehicles);
    await charts.page.locator('#plots canvas').first().waitFor();
    return charts;
  }

  it('are drawn under a policy without eval and without styles from attributes', async () => {
    const charts = await drawn([driven('a', 30), driven('b', 20)]);
    await charts.shows({ samples: '50', plots: '2' });
    assert.deepEqual(await charts.complaints(), []);
    assert.deepEqual(await charts.page.locator('#plots h2').allInnerTexts(), ['Speed, km/h', 'Fuel, L']);
  });

  it('ask for the vehicles and signals that are checked, and for no others', async () => {
    const all = [driven('a', 5), driven('b', 5), driven('c', 5), driven('d', 5)];
    const charts = await drawn(all);
    assert.deepEqual(await charts.wanted(), {
      ...{ kind: 'want', vehicles: ['a', 'b', 'c'], signals: ['speed', 'fuel'] },
    });
    await charts.page.getByRole('checkbox', { name: 'VIN-a' }).uncheck();
    await charts.page.getByRole('checkbox', { name: 'Engine.Rpm' }).check();
    await charts.page.getByRole('checkbox', { name: 'VIN-d' }).check();
    const { vehicles, signals } = (await charts.wanted())!;
    assert.deepEqual(vehicles, ['b', 'c', 'd']);
    assert.deepEqual(signals, ['speed', 'fuel', 'Engine.Rpm']);
    assert.deepEqual((await charts.state())?.vehicles, ['b', 'c', 'd']);
  });

  it('show the latest values, and by arrow keys those of any moment', async () => {
    const charts = await drawn([driven('a', 21)]);
    // 30 m/s are 108 km/h.
    await until('the latest values', async () => (await charts.values())[1]?.[1] === '108');
    await charts.page.locator('#plots').focus();
    for (let i = 0; i < 3; i += 1) await charts.page.keyboard.press('ArrowLeft');
    await until('the values three seconds before', async () => (await charts.values())[1]?.[1] === '97.2');
    assert.match(await charts.page.locator('#values caption').innerText(), /^Values at 9:00:17/);
    await charts.page.keyboard.press('Home');
    await until('the first values', async () => (await charts.values())[1]?.[1] === '36');
    await charts.page.keyboard.press('Escape');
    await until('the latest values again', async () => (await charts.values())[1]?.[1] === '108');
  });

  it('tell screen readers what is under the cursor', async () => {
    const charts = await drawn([driven('a', 21)]);
    const slider = charts.page.getByRole('slider', { name: /^Time cursor/ });
    await slider.focus();
    await charts.page.keyboard.press('Home');
    assert.equal(
      (await slider.getAttribute('aria-valuetext'))?.replaceAll(/\s/g, ' '),
      '9:00:00 AM. VIN-a: Speed 36 km/h, Fuel 40 L',
    );
    assert.deepEqual(
      await Promise.all(['min', 'now', 'max'].map((name) => slider.getAttribute(`aria-value${name}`))),
      ['0', '0', '20'],
    );
  });

  it('go on while more comes, without taking the focus or the cursor from anybody', async () => {
    const charts = await drawn([driven('a', 11)]);
    await charts.page.locator('#plots').focus();
    await charts.page.keyboard.press('Home');
    await until('the first values', async () => (await charts.values())[1]?.[1] === '36');
    await charts.answer([driven('a', 31)]);
    await charts.shows({ samples: '31' });
    assert.equal((await charts.values())[1]?.[1], '36');
    assert.equal(await charts.page.evaluate('document.activeElement.id'), 'plots');
    const box = charts.page.getByRole('checkbox', { name: 'VIN-a' });
    await box.focus();
    await charts.tell(scene([driven('a', 31), driven('b', 2)]));
    await charts.page.getByRole('checkbox', { name: 'VIN-b' }).waitFor();
    assert.equal(await charts.page.evaluate('document.activeElement.closest("label").title'), 'VIN-a');
  });

  it('are in the units of the setting', async () => {
    const charts = await drawn([driven('a', 2)], { units: 'us' });
    assert.deepEqual(await charts.page.locator('#plots h2').allInnerTexts(), ['Speed, mph', 'Fuel, gal']);
    // 11 m/s are 24.6 mph, 39.9 l are 10.54 US gallons.
    await until('the values', async () => (await charts.values())[1]?.slice(1, 3).join() === '24.6,10.54');
  });

  it('say that samples were thinned out, and which trouble codes came', async () => {
    const codes = [{ time: START + 2000, code: 'P0217' }];
    const charts = await drawn([driven('a', 10, { dropped: 12_000, codes })]);
    assert.equal(
      await charts.page.locator('#thinned').innerText(),
      'VIN-a: 10 of 12,010 samples are kept, evenly spread over the drive.',
    );
    assert.match(await charts.page.locator('section').innerText(), /P0217 at 9:00:02/);
  });

  it('ask for the last payload of a vehicle', async () => {
    const charts = await drawn([driven('a', 3)]);
    await charts.page.getByRole('button', { name: 'Show the last payload of VIN-a' }).click();
    assert.deepEqual((await charts.sent()).at(-1), { kind: 'act', act: 'show-payload', id: 'a' });
  });

  it('zoom by keys and show everything again', async () => {
    const charts = await drawn([driven('a', 61)]);
    await charts.page.locator('#plots').focus();
    await charts.page.keyboard.press('+');
    const all = charts.page.getByRole('button', { name: 'Show All' });
    await all.waitFor();
    await all.click();
    await all.waitFor({ state: 'hidden' });
    assert.equal(await charts.page.evaluate('document.activeElement.id'), 'plots');
  });

  it('say what is missing where there is nothing to draw', async () => {
    const charts = await pages.open();
    await charts.tell(scene([]));
    await until(
      'the words',
      async () => (await charts.page.locator('#empty').innerText()) === 'No samples yet.',
    );
    await charts.tell(scene([driven('a', 2)]));
    await charts.page.getByRole('checkbox', { name: 'VIN-a' }).uncheck();
    await until(
      'the other words',
      async () => (await charts.page.locator('#empty').innerText()) === 'Choose a vehicle and a signal.',
    );
  });

  it('refuse messages that are none, and draw on', async () => {
    const charts = await drawn([driven('a', 2)]);
    await charts.tell({ kind: 'data', vehicles: [{ id: 7 }] }, { kind: 'evil' });
    await until('the refusals', async () => (await charts.complaints()).length === 2);
    await charts.answer([driven('a', 4)]);
    await charts.shows({ samples: '4' });
  });

  for (const theme of ['dark', 'light', 'contrast', 'contrastLight'] as const)
    it(`are drawn in the theme ${theme}, and in it after a change`, async () => {
      const charts = await drawn([driven('a', 60), driven('b', 40)], {
        theme: theme === 'dark' ? 'light' : 'dark',
      });
      await charts.theme(theme);
      const pictures = process.env.CHART_PICTURES;
      if (pictures !== undefined) await charts.page.screenshot({ path: `${pictures}/${theme}.png` });
      const stroke = (await charts.page.locator('#values .sample path').first().getAttribute('style')) ?? '';
      assert.match(stroke, /stroke: (rgb\(|#)/);
      assert.deepEqual(await charts.complaints(), []);
    });

  it('tell lines apart by their dashes with forced colors, and fit beside another editor', async () => {
    const charts = await drawn([driven('a', 60), driven('b', 40)], {
      ...{ forcedColors: true, width: 480, height: 800 },
    });
    const pictures = process.env.CHART_PICTURES;
    if (pictures !== undefined) await charts.page.screenshot({ path: `${pictures}/forced.png` });
    const dashes = await charts.page
      .locator('#values .sample path')
      .evaluateAll((paths) =>
        paths.map((each) =>
          (each as { getAttribute(name: string): string | null }).getAttribute('stroke-dasharray'),
        ),
      );
    assert.deepEqual(dashes, [null, '8 4']);
    const widths = await charts.page.evaluate<number[]>('[document.body.scrollWidth, window.innerWidth]');
    assert.ok(widths[0]! <= widths[1]!, widths.join());
  });
});
