import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** What the machine may take for anything on a busy day. */
const PATIENCE_MS = 60_000;
/** A menu that is not there by then was closed by something. */
const MENU_MS = 5_000;

/** The real workbench, as a person with a keyboard sees it. Every wait is for something that shows. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Opens the extension's view; resolves once the extension host answers with rows or a welcome. */
  async openView(): Promise<void> {
    const icon = this.page.locator('.part.activitybar a.action-label[aria-label^="Connected Mobility"]');
    await icon.waitFor();
    const title = this.page.locator('.part.sidebar .title-label').filter({ hasText: /connected mobility/i });
    if (!(await title.isVisible())) await icon.click();
    await title.waitFor();
    await this.page
      .locator('.part.sidebar .monaco-list-row, .part.sidebar .welcome-view-content .monaco-button')
      .first()
      .waitFor();
  }

  row(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text }).first();
  }

  /** A row by what a screen reader says of it. */
  spoken(label: string): Locator {
    return this.page.locator(`.part.sidebar .monaco-list-row[aria-label*="${label}"]`).first();
  }

  /** What a screen reader says of the rows in view. */
  async rows(): Promise<string[]> {
    const rows = '.part.sidebar .monaco-list-row';
    // As text: these types know no browser.
    return this.page.evaluate<string[]>(
      `[...document.querySelectorAll('${rows}')].map((row) => row.getAttribute('aria-label') ?? '')`,
    );
  }

  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
  }

  /** Runs a command through the palette by its title, with the keyboard. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.input().waitFor();
    await this.input().fill(`>${title}`);
    await this.item(title).waitFor();
    await this.focusItem(title);
    await this.page.keyboard.press('Enter');
  }

  input(): Locator {
    return this.page.locator('.quick-input-widget:visible input.input');
  }

  /** The question the quick input asks now. */
  async question(text: string): Promise<void> {
    await this.page
      .locator('.quick-input-widget:visible')
      .filter({ hasText: text })
      .or(this.page.locator(`.quick-input-widget:visible:has(input[placeholder*="${text}"])`))
      .first()
      .waitFor();
  }

  /** Waits for a question, types an answer and presses Enter; without one, accepts what stands there. */
  async answer(question: string, text?: string): Promise<void> {
    await this.question(question);
    if (text !== undefined) await this.input().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Waits until the quick input says something under its box. */
  async says(text: string): Promise<void> {
    await this.page
      .locator('.quick-input-widget:visible .quick-input-message')
      .filter({ hasText: text })
      .waitFor();
  }

  /** Waits until the box of the quick input holds a text of this form. */
  async holds(form: RegExp): Promise<void> {
    await this.page.waitForFunction(
      `${String(form)}.test(document.querySelector('.quick-input-widget input.input')?.value ?? '')`,
    );
  }

  /** Back to the question before, with the editor's own key for it. */
  async back(): Promise<void> {
    await this.page.keyboard.press('Control+Alt+Minus');
  }

  /** A row of the open quick pick. */
  item(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Moves down the open quick pick until the row with this label is the one Enter takes. */
  async focusItem(label: string): Promise<void> {
    const focused = this.page.locator('.quick-input-list .monaco-list-row.focused .label-name').first();
    for (let i = 0; i < 50; i++) {
      if ((await focused.isVisible()) && (await focused.innerText()).trim().startsWith(label)) return;
      await this.page.keyboard.press('ArrowDown');
    }
    throw new Error(`No row ${label} in the quick pick`);
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-toast').filter({ hasText: text }).first();
  }

  /** Waits for a notification and gives its words. */
  async told(text: string | RegExp): Promise<string> {
    const message = this.toast(text).locator('.notification-list-item-message');
    await message.waitFor();
    return message.innerText();
  }

  async press(toast: string | RegExp, button: string): Promise<void> {
    await this.toast(toast).locator('.monaco-button').filter({ hasText: button }).first().click();
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notifications-toasts .notification-toast').first().waitFor({ state: 'hidden' });
  }

  /** Changes the colour theme; `kind` is the class the workbench then has. */
  async theme(name: string, kind: string): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.question('Select Color Theme');
    await this.input().fill(name);
    await this.item(name).waitFor();
    await this.focusItem(name);
    await this.page.keyboard.press('Enter');
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async choose(button: string): Promise<void> {
    await this.dialog().locator('.monaco-button').getByText(button, { exact: true }).click();
    await this.dialog().waitFor({ state: 'hidden' });
  }

  /**
   * Opens the context menu of a row and picks an entry with the keyboard. As a person would, opens it again when
   * something that took the focus closed it.
   */
  async contextMenu(row: string | RegExp, entry: string): Promise<void> {
    const entries = this.page.locator('.monaco-menu .action-item:not(.disabled)');
    for (let attempt = 0; attempt < 5; attempt++) {
      await this.page.mouse.move(900, 500);
      await this.row(row).click({ button: 'right' });
      if (!(await this.focusEntry(entry))) continue;
      await this.page.keyboard.press('Enter');
      await entries.first().waitFor({ state: 'hidden' });
      return;
    }
    throw new Error(`No entry ${entry} in the context menu of ${String(row)}`);
  }

  /** Moves down the open menu to an entry; false when it closed meanwhile or has no such entry. */
  private async focusEntry(entry: string): Promise<boolean> {
    const entries = this.page.locator('.monaco-menu .action-item:not(.disabled)');
    const focused = this.page.locator('.monaco-menu .action-item.focused');
    try {
      await entries.filter({ hasText: entry }).first().waitFor({ timeout: MENU_MS });
      for (let i = await entries.count(); i >= 0; i--) {
        await this.page.keyboard.press('ArrowDown');
        if ((await focused.innerText({ timeout: MENU_MS })).trim() === entry) return true;
      }
    } catch {
      // It closed: the caller opens it again.
    }
    await this.page.keyboard.press('Escape');
    return false;
  }

  /** Words of the page in the webview that is open. */
  webview(): Locator {
    const frame = this.page.locator('iframe.webview.ready').first().contentFrame();
    return frame.locator('iframe#active-frame').contentFrame().locator('body');
  }

  /** Waits until the editor has written down a text among the extension's state: it does so every few seconds. */
  async remembered(text: string): Promise<void> {
    await this.page.waitForFunction(
      `(async () => {
        for (const { name } of await indexedDB.databases()) {
          if (!name.startsWith('vscode-web-state-db-')) continue;
          const db = await new Promise((resolve) => {
            const open = indexedDB.open(name);
            open.onsuccess = () => resolve(open.result);
          });
          const get = db.transaction('ItemTable').objectStore('ItemTable').getAll();
          const values = await new Promise((resolve) => { get.onsuccess = () => resolve(get.result); });
          db.close();
          if (values.some((value) => String(value).includes(${JSON.stringify(text)}))) return true;
        }
        return false;
      })()`,
    );
  }

  clipboard(): Promise<string> {
    // As text: these types know no browser.
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** Into the git-ignored folder, to be looked at by people. */
  async screenshot(name: string): Promise<void> {
    const folder = path.resolve(__dirname, '../../../.test-output/screenshots');
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
