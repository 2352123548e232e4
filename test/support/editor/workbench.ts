import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { actUntil, PATIENCE_MS } from './actUntil.ts';
import { QuickInputs } from './quickInputs.ts';

/** A menu that is not there by then was closed by something. */
const MENU_MS = 5_000;
/** A toast that did not show by then may have come and gone: the notification centre keeps it. */
const TOAST_MS = 20_000;

/** The real workbench, as a person with a keyboard sees it. Every wait is for something that shows. */
export class Workbench extends QuickInputs {
  /** Opens the extension's view; resolves once the extension host answers with rows or a welcome. */
  async openView(): Promise<void> {
    const icon = this.page.locator('.part.activitybar a.action-label[aria-label^="Connected Mobility"]');
    await icon.waitFor();
    const title = this.page.locator('.part.sidebar .title-label').filter({ hasText: /connected mobility/i });
    await actUntil(
      async () => {
        // A badge on the icon is part of it.
        if (!(await title.isVisible())) await icon.click({ force: true });
      },
      (timeout) => title.waitFor({ timeout }),
    );
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
    await actUntil(
      async () => {
        if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
      },
      (timeout) =>
        this.page
          .locator('.monaco-list-row[aria-expanded="true"]')
          .filter({ hasText: text })
          .first()
          .waitFor({ timeout }),
    );
  }

  /** A notification, as a toast or in the notification centre. */
  toast(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-toast, .notifications-center .notification-list-item')
      .filter({ hasText: text, visible: true })
      .first();
  }

  /** Waits for a notification and gives its words; looks into the notification centre for one that went by. */
  async told(text: string | RegExp): Promise<string> {
    const message = this.toast(text).locator('.notification-list-item-message');
    try {
      await message.waitFor({ timeout: TOAST_MS });
    } catch {
      await this.openNotifications();
      await message.waitFor();
    }
    return message.innerText();
  }

  /** Presses a button of a notification, which goes away by that. */
  async press(toast: string | RegExp, button: string): Promise<void> {
    const target = this.toast(toast).locator('.monaco-button').filter({ hasText: button }).first();
    await actUntil(
      async () => {
        if (!(await target.isVisible())) await this.openNotifications();
        await target.click({ timeout: MENU_MS });
      },
      (timeout) => target.waitFor({ state: 'hidden', timeout }),
    );
  }

  private async openNotifications(): Promise<void> {
    const centre = this.page.locator('.notifications-center.visible');
    if (await centre.isVisible()) return;
    await this.page.locator('[id="status.notifications"]').click({ timeout: MENU_MS });
    await centre.waitFor({ timeout: MENU_MS });
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
    await this.toast(/./).waitFor({ state: 'hidden' });
  }

  /** Changes the colour theme; `kind` is the class the workbench then has. */
  async theme(name: string, kind: string): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.question('Select Color Theme');
    await this.input().fill(name);
    await this.pick(name);
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  async choose(button: string): Promise<void> {
    const target = this.dialog().locator('.monaco-button').getByText(button, { exact: true });
    await target.waitFor();
    await actUntil(
      () => target.click({ timeout: MENU_MS }),
      (timeout) => this.dialog().waitFor({ state: 'hidden', timeout }),
    );
  }

  /**
   * Opens the context menu of a row and picks an entry with the keyboard. As a person would, opens it again when
   * something that took the focus closed it.
   * @param seen what the entry makes show, so that one that was not taken is picked again
   */
  async contextMenu(row: string | RegExp, entry: string, seen?: Locator): Promise<void> {
    const entries = this.page.locator('.monaco-menu .action-item:not(.disabled)');
    await actUntil(
      async () => {
        await this.page.mouse.move(900, 500);
        await this.row(row).click({ button: 'right', timeout: PATIENCE_MS / 4 });
        if (!(await this.focusEntry(entry)))
          throw new Error(`No entry ${entry} in the context menu of ${String(row)}`);
        await this.page.keyboard.press('Enter');
      },
      async (timeout) => {
        await entries.first().waitFor({ state: 'hidden', timeout });
        await seen?.waitFor({ timeout });
      },
    );
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

  /** The tab of an editor or of a panel. */
  tab(title: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: title }).first();
  }

  async closeTab(title: string): Promise<void> {
    const close = this.tab(title).locator('.tab-actions .action-label').first();
    await actUntil(
      async () => {
        if (await this.tab(title).isVisible()) await close.click({ timeout: MENU_MS });
      },
      (timeout) => this.tab(title).waitFor({ state: 'hidden', timeout }),
    );
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
