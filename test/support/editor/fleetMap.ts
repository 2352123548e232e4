import type { Locator } from 'playwright-core';
import { until } from '../until.ts';
import type { Workbench } from './workbench.ts';

/** A screenshot of a map with only its background and controls is smaller. */
const BLANK_BYTES = 20_000;

/** The state that the page of a map publishes in attributes of `#app`. */
export interface Shown {
  map?: 'loading' | 'ready' | 'none';
  view?: 'map' | 'table';
  /** The number of vehicles, and how many of them have a position and are drawn. */
  vehicles?: number;
  drawn?: number;
  selected?: string;
  follow?: boolean;
}

/** The fleet map in the active panel. */
export class FleetMap {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** The body of the page. */
  get body(): Locator {
    return this.#workbench.webview();
  }

  /** Waits until the page publishes this state. */
  async shows(state: Shown, options: { timeout?: number } = {}): Promise<void> {
    const conditions = Object.entries(state).map(([key, value]) => `[data-${key}="${String(value)}"]`);
    await this.body.locator(`#app${conditions.join('')}`).waitFor({ state: 'attached', ...options });
  }

  /** Waits until this text is visible. */
  async says(text: string | RegExp): Promise<void> {
    await this.body.getByText(text).locator('visible=true').first().waitFor();
  }

  /** The text for the selected vehicle under this key, such as `speed`. */
  value(key: string): Locator {
    return this.body.locator(`dd[data-value="${key}"]`);
  }

  button(name: string | RegExp): Locator {
    return this.body.getByRole('button', { name }).first();
  }

  /** Shown instead of a map that cannot be displayed. */
  link(name: string): Locator {
    return this.body.getByRole('link', { name }).first();
  }

  /** Waits until the map has drawn more than its background. For screenshots that people look at. */
  async painted(): Promise<void> {
    const canvas = this.body.locator('#map canvas');
    await until('more than a blank map', async () => (await canvas.screenshot()).length >= BLANK_BYTES, {
      everyMs: 100,
    });
  }

  /**
   * Finds a vehicle by VIN as a user does: types a part of it and takes the first match.
   * @param id where its CMS calls it by another one than the VIN
   */
  async find(vin: string, id = vin): Promise<void> {
    const search = this.body.locator('#search');
    await search.fill(vin.slice(-6));
    await this.body.locator('#found').getByRole('option').filter({ hasText: vin }).waitFor();
    await search.press('ArrowDown');
    await search.press('Enter');
    await this.shows({ selected: id });
  }
}
