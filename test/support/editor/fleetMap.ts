import type { Locator } from 'playwright-core';
import { until } from '../until.ts';
import type { Workbench } from './workbench.ts';

/** A picture of a map that is all background and a few controls compresses to less. */
const BLANK_BYTES = 20_000;

/** What the page of a map says of itself, on its outermost element. */
export interface Shown {
  map?: 'loading' | 'ready' | 'none';
  view?: 'map' | 'table';
  /** Vehicles known, and those with a place that are drawn. */
  vehicles?: number;
  drawn?: number;
  selected?: string;
  follow?: boolean;
}

/** The fleet map in the panel that is in front. */
export class FleetMap {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Everything on the page. */
  get body(): Locator {
    return this.#workbench.webview();
  }

  /** Waits until the page says so of itself. */
  async shows(shown: Shown, options: { timeout?: number } = {}): Promise<void> {
    const conditions = Object.entries(shown).map(([key, value]) => `[data-${key}="${String(value)}"]`);
    await this.body.locator(`#app${conditions.join('')}`).waitFor({ state: 'attached', ...options });
  }

  /** Waits for words that can be seen. */
  async says(text: string | RegExp): Promise<void> {
    await this.body.getByText(text).locator('visible=true').first().waitFor();
  }

  /** What it says of the selected vehicle under this key, such as `speed`. */
  value(key: string): Locator {
    return this.body.locator(`dd[data-value="${key}"]`);
  }

  button(name: string | RegExp): Locator {
    return this.body.getByRole('button', { name }).first();
  }

  /** In place of a map that cannot be shown. */
  link(name: string): Locator {
    return this.body.getByRole('link', { name }).first();
  }

  /** Waits until the map has drawn more than its background: for pictures that people look at. */
  async painted(): Promise<void> {
    const canvas = this.body.locator('#map canvas');
    await until('more than a blank map', async () => (await canvas.screenshot()).length >= BLANK_BYTES, {
      everyMs: 100,
    });
  }

  /** Finds a vehicle by its VIN, as a person does: types a part and takes the first. */
  async find(vin: string): Promise<void> {
    const search = this.body.locator('#search');
    await search.fill(vin.slice(-6));
    await this.body.locator('#found').getByRole('option').filter({ hasText: vin }).waitFor();
    await search.press('ArrowDown');
    await search.press('Enter');
    await this.shows({ selected: vin });
  }
}
