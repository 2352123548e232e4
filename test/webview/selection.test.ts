import assert from 'node:assert/strict';
import { mapRequestSchema } from '../../src/protocol/map.ts';
import { until } from '../support/until.ts';
import type { MapPage } from './mapPage.ts';
import { frame, scene, vehicle } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const IDS = ['WBA3A5C58CF256651', 'WBA3A5C58CF256652', 'WBA3A5C58CF256653'];
const [ONE = '', TWO = '', THREE = ''] = IDS;

describe('several vehicles selected on the map', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  beforeEach(async () => {
    map = await pages.open();
    await map.tell(
      scene(),
      frame(
        IDS.map((id, i) => vehicle(id, 11.5 + i / 100, 48.1 - i / 100)),
        { reset: true },
      ),
    );
    await map.shows({ drawn: '3' });
  });

  async function steered(): Promise<unknown> {
    const request = mapRequestSchema.parse(await map.request('steer'));
    await map.forgetSent();
    return request.kind === 'steer' ? request.control : undefined;
  }
  const scope = (): Promise<string> =>
    map.page.getByRole('combobox', { name: 'Steer' }).locator('option:checked').innerText();
  const press = (name: string): Promise<void> => map.page.getByRole('button', { name, exact: true }).click();

  /** Clicks a vehicle where the map has it, once the map rests. */
  async function clickAt(i: number, modifiers: ('Shift' | 'Control')[] = []): Promise<void> {
    // The details beside it take room from the map, which is drawn in its new size a moment later.
    if ((await map.data('selected')) !== '') await map.page.locator('#details h2').waitFor();
    await until('the map in its size', async () => {
      const [canvas, place] = await Promise.all(
        ['#map canvas', '#map'].map((part) => map.page.locator(part).boundingBox()),
      );
      return canvas?.width === place?.width;
    });
    const { x, y } = await map.pixelOf(11.5 + i / 100, 48.1 - i / 100);
    for (const key of modifiers) await map.page.keyboard.down(key);
    await map.page.mouse.click(x, y);
    for (const key of modifiers) await map.page.keyboard.up(key);
  }

  it('by clicks with Shift and Ctrl are what Pause, Stop and Send DTC are about', async () => {
    await clickAt(0);
    await map.shows({ selected: ONE, chosen: '1' });
    await clickAt(1, ['Control']);
    await map.shows({ selected: TWO, chosen: '2' });
    await clickAt(2, ['Shift']);
    await map.shows({ selected: THREE, chosen: '3' });
    assert.equal(await scope(), '3 selected vehicles');
    await clickAt(1, ['Control']);
    await map.shows({ chosen: '2' });
    await map.forgetSent();
    await press('Pause');
    assert.deepEqual(await steered(), { do: 'pause', ids: [ONE, THREE] });
    await map.page.getByRole('combobox', { name: 'Trouble code' }).fill('P0300');
    await press('Send DTC');
    assert.deepEqual(await steered(), { do: 'dtc', code: 'P0300', ids: [ONE, THREE] });
    await press('Stop');
    assert.deepEqual(await steered(), { do: 'stop', ids: [ONE, THREE] });
    await clickAt(0);
    await map.shows({ selected: ONE, chosen: '1' });
    assert.equal(await scope(), ONE);
  });

  it('by the keyboard on the map stay selected while others are stepped to', async () => {
    await map.page.locator('#map canvas').focus();
    await map.page.keyboard.press(']');
    await map.shows({ selected: ONE });
    await map.page.keyboard.press('m');
    await map.page.keyboard.press(']');
    await map.page.keyboard.press(']');
    await map.shows({ selected: THREE, chosen: '2' });
    await map.forgetSent();
    await press('Stop');
    assert.deepEqual(await steered(), { do: 'stop', ids: [ONE, THREE] });
    await map.page.locator('#map canvas').focus();
    await map.page.keyboard.press('Escape');
    await map.shows({ selected: '', chosen: '0' });
  });

  it('in the table by keys, and are said to be pressed', async () => {
    await press('Show Table');
    await map.shows({ view: 'table' });
    const row = (id: string) => map.page.getByRole('button', { name: id, exact: true });
    await row(ONE).click();
    await map.shows({ selected: ONE });
    await row(ONE).focus();
    await map.page.keyboard.press('Shift+ArrowDown');
    await map.shows({ chosen: '2' });
    await map.page.keyboard.press('ArrowDown');
    await map.page.keyboard.press('Control+ ');
    await map.shows({ chosen: '3' });
    await map.page.keyboard.press('Control+ ');
    await map.shows({ chosen: '2' });
    assert.deepEqual(await Promise.all(IDS.map((id) => row(id).getAttribute('aria-pressed'))), [
      'true',
      'true',
      'false',
    ]);
    await map.page.keyboard.press('Control+a');
    await map.shows({ chosen: '3' });
    await map.forgetSent();
    await press('Pause');
    const control = (await steered()) as { ids: string[] };
    assert.deepEqual([...control.ids].sort(), IDS);
  });

  it('are the same after the page was hidden', async () => {
    await map.page.locator('#map canvas').focus();
    for (const key of [']', 'm', ']']) await map.page.keyboard.press(key);
    await map.shows({ selected: TWO, chosen: '2' });
    await map.page.evaluate("window.dispatchEvent(new Event('pagehide'))");
    await map.reload();
    await map.tell(
      scene(),
      frame(
        IDS.map((id) => vehicle(id, 11.5, 48.1)),
        { reset: true },
      ),
    );
    await map.shows({ selected: TWO, chosen: '2' });
    assert.equal(await scope(), '2 selected vehicles');
  });
});
