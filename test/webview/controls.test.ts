import assert from 'node:assert/strict';
import { mapRequestSchema } from '../../src/protocol/map.ts';
import type { MapPage } from './mapPage.ts';
import { frame, scene, vehicle } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const ONE = 'WBA3A5C58CF256651';
const TWO = 'WBA3A5C58CF256652';

describe('the controls of a run', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  before(async () => {
    map = await pages.open();
  });
  beforeEach(async () => {
    await map.tell(scene(), frame([vehicle(ONE, 11.5, 48.1), vehicle(TWO, 11.6, 48.2)], { reset: true }));
    await map.shows({ vehicles: '2' });
    await map.page.locator('#controls').waitFor();
    await map.forgetSent();
  });

  /** What was sent, which the editor must be able to read. */
  async function steered(): Promise<unknown> {
    const request = mapRequestSchema.parse(await map.request('steer'));
    return request.kind === 'steer' ? request.control : undefined;
  }

  it('pause and resume all vehicles', async () => {
    await map.page.getByRole('button', { name: 'Pause' }).click();
    assert.deepEqual(await steered(), { do: 'pause' });
    await map.forgetSent();
    await map.tell(frame([], { run: { state: 'paused', speed: 1, messagesPerSecond: 0 } }));
    await map.page.getByRole('button', { name: 'Resume' }).click();
    assert.deepEqual(await steered(), { do: 'resume' });
  });

  it('steer the vehicle that is selected, and say so; all when that is chosen, or none is selected', async () => {
    const stop = map.page.getByRole('button', { name: 'Stop' });
    const scope = map.page.getByRole('combobox', { name: 'Steer' });
    const chosen = (): Promise<string> => scope.locator('option:checked').innerText();
    assert.equal(await chosen(), 'all 2 vehicles');
    await map.tell({ kind: 'select', id: TWO });
    await map.shows({ selected: TWO });
    assert.equal(await chosen(), TWO);
    assert.match((await stop.getAttribute('title')) ?? '', new RegExp(TWO));
    await stop.click();
    assert.deepEqual(await steered(), { do: 'stop', ids: [TWO] });
    await map.forgetSent();

    await scope.selectOption('all');
    await stop.click();
    assert.deepEqual(await steered(), { do: 'stop' });
    await map.forgetSent();

    await map.tell({ kind: 'select', id: ONE });
    await map.shows({ selected: ONE });
    await map.page.getByRole('combobox', { name: 'Trouble code' }).fill('P0300');
    await map.page.getByRole('button', { name: 'Send DTC' }).click();
    assert.deepEqual(await steered(), { do: 'dtc', code: 'P0300', ids: [ONE] });

    await map.page.getByRole('button', { name: 'Close' }).click();
    await map.shows({ selected: '' });
    assert.equal(await chosen(), 'all 2 vehicles');
  });

  it('of a recording are of all its vehicles, whichever is selected', async () => {
    await map.tell(scene({ source: 'recording', steers: ['pause'] }), { kind: 'select', id: ONE });
    await map.shows({ selected: ONE });
    await map.page.getByRole('combobox', { name: 'Steer' }).waitFor({ state: 'hidden' });
    await map.page.getByRole('button', { name: 'Pause' }).click();
    assert.deepEqual(await steered(), { do: 'pause' });
    await map.page.getByRole('button', { name: 'Close' }).click();
    await map.shows({ selected: '' });
  });

  it('have a label and a value each beside another editor on a small screen', async () => {
    const narrow = await pages.open({ width: 465, height: 680 });
    await narrow.tell(scene(), frame([vehicle(ONE, 11.5, 48.1), vehicle(TWO, 11.6, 48.2)], { reset: true }));
    await narrow.tell({ kind: 'select', id: ONE });
    await narrow.shows({ drawn: '2', selected: ONE });
    const words = [
      ...['Golden Gate', 'Fit All', 'Follow', 'Show Table', 'Steer', ONE, 'Pause', 'Stop', 'Send DTC'],
      ...['Time scale', '×1', 'Position on the route', '25%', 'Trouble code'],
    ];
    const cut: string[] = [];
    for (const text of words) {
      const all = narrow.page.locator('#toolbar, #controls').getByText(text, { exact: true });
      if (text === ONE) {
        assert.equal(await narrow.page.locator('#controls select option:checked').innerText(), ONE);
        continue;
      }
      const box = await all.first().boundingBox();
      // Of what is cut off by its own edge, more is there than can be seen.
      const cutOff = await all.first().evaluate((element: unknown) => {
        const { scrollWidth, clientWidth } = element as { scrollWidth: number; clientWidth: number };
        return clientWidth > 0 && scrollWidth - clientWidth > 1;
      });
      if (!box || box.width < 8 || box.x < 0 || box.x + box.width > 465 || cutOff) cut.push(text);
    }
    assert.deepEqual(cut, []);
    assert.ok((await narrow.mapClip()).height > 150);
  });

  it('set the speed of time with the keyboard', async () => {
    await map.page.getByRole('slider', { name: 'Time scale' }).press('End');
    assert.deepEqual(await steered(), { do: 'speed', factor: 20 });
    await map.forgetSent();
    await map.page.getByRole('slider', { name: 'Time scale' }).press('Home');
    assert.deepEqual(await steered(), { do: 'speed', factor: 0.1 });
  });

  it('say the value of a slider with the slider, and stay silent while the drive moves it', async () => {
    const slider = map.page.getByRole('slider', { name: 'Position on the route' });
    await map.tell(frame([vehicle(ONE, 11.5, 48.1, { fraction: 0.5 }), vehicle(TWO, 11.6, 48.2)]));
    await map.page.locator('#controls [name=jump][aria-valuetext="38%"]').waitFor();
    assert.equal(
      await map.page.locator('#controls .slider', { has: slider }).locator('.value').innerText(),
      '38%',
    );
    // These are read out whenever they change.
    assert.equal(
      await map.page.locator('#controls').locator('output, [aria-live], [role=status]').count(),
      0,
    );
  });

  it('jump along the route', async () => {
    await map.page.getByRole('slider', { name: 'Position on the route' }).fill('500');
    assert.deepEqual(await steered(), { do: 'jump', to: 0.5 });
  });

  it('of a recording go anywhere in it, and play it again after its end', async () => {
    const played = { at: 60_000, length: 309_000 };
    const run = { state: 'running' as const, speed: 1, messagesPerSecond: 1, played };
    await map.tell(scene({ source: 'recording', steers: ['pause', 'speed', 'seek', 'stop'] }));
    await map.tell(frame([], { run }));
    await map.page.locator('#controls [name=seek][aria-valuetext="1:00 / 5:09"]').waitFor();
    await map.page.getByRole('slider', { name: 'Position in the recording' }).fill('500');
    assert.deepEqual(await steered(), { do: 'jump', to: 0.5 });
    await map.forgetSent();
    await map.tell(frame([], { run: { ...run, state: 'ended' } }));
    await map.page.locator('#controls [data-steer=stop]:disabled').waitFor();
    await map.page.getByRole('button', { name: 'Play Again' }).click();
    assert.deepEqual(await steered(), { do: 'resume' });
  });

  it('say that the run is being recorded', async () => {
    const run = { state: 'running' as const, speed: 1, messagesPerSecond: 1 };
    const mark = map.page.getByText('Recording to a file');
    await mark.waitFor({ state: 'hidden' });
    await map.tell(frame([], { run: { ...run, recording: true } }));
    await mark.waitFor();
    await map.tell(frame([], { run }));
    await mark.waitFor({ state: 'hidden' });
    assert.equal(await map.page.locator('#controls').isVisible(), true);
  });

  it('send a trouble code, and say what one is instead of sending nonsense', async () => {
    const input = map.page.getByRole('combobox', { name: 'Trouble code' });
    await input.fill('nope');
    await input.press('Enter');
    assert.match(await map.page.getByRole('alert').innerText(), /letter P, C, B or U/);
    assert.deepEqual(
      (await map.sent()).filter(({ kind }) => kind === 'steer'),
      [],
    );
    await input.fill('p1734');
    await input.press('Enter');
    assert.deepEqual(await steered(), { do: 'dtc', code: 'P1734' });
  });

  it('offer the usual trouble codes with what they mean', async () => {
    const input = map.page.getByRole('combobox', { name: 'Trouble code' });
    const options = map.page.locator(`datalist#${(await input.getAttribute('list')) ?? ''} option`);
    assert.ok((await options.count()) >= 6);
    assert.equal(await options.first().getAttribute('value'), 'P0217');
    assert.equal(await options.first().textContent(), 'Engine over temperature');
  });

  for (const [cause, end] of [
    ['another text', () => map.page.getByRole('combobox', { name: 'Trouble code' }).press('Backspace')],
    ['Escape', () => map.page.getByRole('combobox', { name: 'Trouble code' }).press('Escape')],
    ['leaving the field', () => map.page.locator('#map canvas').focus()],
    [
      'the end of the run',
      () => map.tell(frame([], { run: { state: 'ended', speed: 1, messagesPerSecond: 0 } })),
    ],
  ] as const) {
    it(`say no longer that a trouble code is wrong after ${cause}`, async () => {
      const input = map.page.getByRole('combobox', { name: 'Trouble code' });
      await input.fill('nope');
      await input.press('Enter');
      await map.page.getByRole('alert').waitFor();
      await end();
      await map.page.locator('#code-error').waitFor({ state: 'hidden' });
      assert.equal(await input.getAttribute('aria-invalid'), 'false');
    });
  }

  it('are only those that have an effect', async () => {
    await map.tell(scene({ steers: ['pause'] }));
    await map.page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
    assert.equal(await map.page.getByRole('button', { name: 'Pause' }).isVisible(), true);
    assert.equal(await map.page.getByRole('slider').count(), 0);
    await map.tell(scene({ steers: [] }));
    await map.page.locator('#controls').waitFor({ state: 'hidden' });
  });

  it('are out of use when the run has ended, and the note says why', async () => {
    const run = {
      state: 'ended' as const,
      speed: 1,
      messagesPerSecond: 0,
      note: 'All vehicles have arrived.',
    };
    await map.tell(frame([], { run }));
    await map.page.locator('#notes', { hasText: 'All vehicles have arrived.' }).waitFor();
    await map.page.locator('#controls button[data-steer=pause]:disabled').waitFor();
  });

  it('keep the focus when what has it goes out of use, and do nothing more', async () => {
    const ended = frame([], { run: { state: 'ended', speed: 1, messagesPerSecond: 0 } });
    const focused = (): Promise<string> =>
      map.page.evaluate<string>('document.activeElement.dataset.steer ?? document.activeElement.name');
    const stop = map.page.locator('#controls button[data-steer=stop]');
    await map.page.locator('#controls [data-steer=stop]:enabled').waitFor();
    await stop.press('Enter');
    assert.deepEqual(await steered(), { do: 'stop' });
    await map.tell(ended);
    await map.page.locator('#controls [data-steer=stop][aria-disabled=true]').waitFor();
    await map.forgetSent();
    assert.equal(await focused(), 'stop');
    await map.page.keyboard.press('Enter');
    await map.page.keyboard.press('Tab');
    await map.page.locator('#controls [data-steer=stop]:disabled:not([aria-disabled])').waitFor();

    await map.tell(frame([]));
    const slider = map.page.getByRole('slider', { name: 'Time scale' });
    await map.page.locator('#controls [name=speed]:enabled').waitFor();
    await slider.focus();
    await map.tell(ended);
    await map.page.locator('#controls [name=speed][aria-disabled=true]').waitFor();
    const before = await slider.inputValue();
    await slider.press('End');
    assert.equal(await slider.inputValue(), before);
    assert.equal(await focused(), 'speed');
    assert.deepEqual(
      (await map.sent()).filter(({ kind }) => kind === 'steer'),
      [],
    );
    await map.tell(frame([]));
    await map.page.locator('#controls [name=speed]:not([aria-disabled])').waitFor();
    await slider.press('End');
    assert.deepEqual(await steered(), { do: 'speed', factor: 20 });
  });

  it('pause with Space while the map has the focus', async () => {
    await map.page.locator('#map canvas').focus();
    await map.page.keyboard.press('Space');
    assert.deepEqual(await steered(), { do: 'pause' });
  });

  it('of the selected vehicle ask for its payload, the log and a diagnosis', async () => {
    await map.tell({ kind: 'select', id: ONE });
    await map.page.getByRole('button', { name: 'Show Last Payload' }).click();
    assert.deepEqual(await map.request('act'), { kind: 'act', act: 'show-payload', id: ONE });
    await map.forgetSent();
    await map.page.getByRole('button', { name: 'Diagnose' }).click();
    assert.deepEqual(await map.request('act'), { kind: 'act', act: 'diagnose', id: ONE });
    await map.tell(scene({ acts: ['show-log'] }));
    await map.page.getByRole('button', { name: 'Diagnose' }).waitFor({ state: 'hidden' });
  });
});
