import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** The real workbench, as a person with a keyboard sees it. Every wait is for something that shows. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the extension's view; resolves once the extension host answers with rows or a welcome. */
  async openView(): Promise<void> {
    const icon = this.page.locator('.part.activitybar a.action-label[aria-label^="Connected Mobility"]');
    await icon.waitFor({ timeout: 60_000 });
    if ((await icon.getAttribute('aria-expanded')) !== 'true') await icon.click();
    await this.page
      .locator('.part.sidebar .monaco-list-row, .part.sidebar .welcome-view-content')
      .first()
      .waitFor({ timeout: 60_000 });
  }

  row(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text }).first();
  }

  /** What a screen reader says of the rows in view. */
  async rows(): Promise<string[]> {
    const rows = await this.page.locator('.part.sidebar .monaco-list-row').all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute('aria-label')) ?? ''));
  }

  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'false') {
      await row.click();
      await this.page.keyboard.press('ArrowRight');
    }
  }

  /** Runs a command through the palette by its whole title. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.input();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first().click();
  }

  input(): Locator {
    return this.page.locator('.quick-input-widget:visible input.input');
  }

  /** The question the quick input asks now. */
  async question(text: string | RegExp): Promise<void> {
    await this.page
      .locator('.quick-input-widget:visible')
      .filter({ hasText: text })
      .or(this.page.locator(`.quick-input-widget:visible:has(input[placeholder*="${String(text)}"])`))
      .first()
      .waitFor();
  }

  /** Waits for a question, types an answer with the keyboard and presses Enter. */
  async answer(question: string | RegExp, text: string): Promise<void> {
    await this.question(question);
    await this.input().fill(text);
    await this.page.keyboard.press('Enter');
  }

  async validation(): Promise<string> {
    return (await this.page.locator('.quick-input-widget:visible .quick-input-message').innerText()).trim();
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-toast').filter({ hasText: text }).first();
  }

  async press(toast: string | RegExp, button: string): Promise<void> {
    await this.toast(toast).locator('.monaco-button').filter({ hasText: button }).first().click();
  }

  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async contextMenu(row: string | RegExp, item: string): Promise<void> {
    await this.row(row).click({ button: 'right' });
    await this.page.locator('.monaco-menu .action-item').filter({ hasText: item }).first().click();
  }

  /** Into the git-ignored folder, to be looked at by people. */
  async screenshot(name: string): Promise<void> {
    const folder = path.resolve(import.meta.dirname, '../../../.test-output/screenshots');
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
