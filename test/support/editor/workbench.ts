import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { until, type Patience } from '../until.ts';
import { QuickInputs } from './quickInputs.ts';

/** Ends of the keys under which the editor stores its state in the browser. */
const STORAGE_KEYS = {
  tabs: 'workbench.parts.editor',
  extension: 'cms-enablement.cms-enablement',
} as const;

/** The name of an entry of a menu; its key is in a line of its own. */
const entryOf = (text: string): string => text.trim().split('\n')[0]!.trim();

/** The real workbench, used by keyboard. Every wait is for something visible. */
export class Workbench extends QuickInputs {
  /** Opens the extension's view; resolves once it shows rows or the welcome text. */
  async openView(): Promise<void> {
    const icon = this.icon();
    await icon.waitFor();
    // After a reload the editor may already have opened the view, and a click would close it. So first wait until the
    // side bar has content or is closed, as in a window without a folder.
    const title = this.page.locator('.part.sidebar .title-label').filter({ hasText: /\S/ }).first();
    await title.or(this.page.locator('.monaco-workbench.nosidebar')).first().waitFor();
    const ours = title.filter({ hasText: /connected mobility/i });
    if (!(await ours.isVisible())) {
      // The name can include the icon's badge.
      await icon.click({ force: true });
      await ours.waitFor();
    }
    await this.page
      .locator('.part.sidebar .monaco-list-row, .part.sidebar .welcome-view-content .monaco-button')
      .first()
      .waitFor();
  }

  /** The extension's icon in the activity bar. */
  icon(): Locator {
    return this.page.locator('.part.activitybar a.action-label[aria-label^="Connected Mobility"]');
  }

  /** Waits until no row is being loaded, since a row that is redrawn can neither be expanded nor used. */
  async idle(): Promise<void> {
    await this.page.waitForFunction(
      `document.querySelector('.part.sidebar .monaco-progress-container.active') === null`,
    );
  }

  /** Clicks a row until its question is there: a tree that draws itself again between press and release takes no click. */
  async clickFor(row: string | RegExp, question: string): Promise<void> {
    const asked = async (): Promise<boolean> => {
      await this.row(row).click();
      return this.question(question, { timeout: 20_000 }).then(
        () => true,
        () => false,
      );
    };
    await until(`the question “${question}”`, asked, { withinMs: 60_000 });
  }

  row(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text }).first();
  }

  /** A row by its screen reader label. */
  spoken(label: string): Locator {
    return this.page.locator(`.part.sidebar .monaco-list-row[aria-label*="${label}"]`).first();
  }

  /** The screen reader labels of the visible rows. */
  async rows(): Promise<string[]> {
    const rows = '.part.sidebar .monaco-list-row';
    // A string, since no browser types are available here.
    return this.page.evaluate<string[]>(
      `[...document.querySelectorAll('${rows}')].map((row) => row.getAttribute('aria-label') ?? '')`,
    );
  }

  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    await row.waitFor();
    await this.idle();
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    await this.page
      .locator('.part.sidebar .monaco-list-row[aria-expanded="true"]')
      .filter({ hasText: text })
      .first()
      .waitFor();
  }

  /** A notification, as a toast or in the notification center. */
  toast(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-toast, .notifications-center .notification-list-item')
      .filter({ hasText: text, visible: true })
      .first();
  }

  /** Waits for a notification and returns its text. */
  async told(text: string | RegExp): Promise<string> {
    return this.toast(text).locator('.notification-list-item-message').innerText();
  }

  /** Presses a button of a notification, which closes it. */
  async press(toast: string | RegExp, button: string): Promise<void> {
    const target = this.toast(toast).locator('.monaco-button').filter({ hasText: button }).first();
    await target.click();
    await target.waitFor({ state: 'hidden' });
  }

  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Answers the modal dialog. */
  async choose(button: string): Promise<void> {
    await this.dialog().locator('.monaco-button').getByText(button, { exact: true }).click();
    await this.dialog().waitFor({ state: 'hidden' });
  }

  /** Cancels the modal dialog. */
  async refuse(): Promise<void> {
    await this.dialog().waitFor();
    await this.page.keyboard.press('Escape');
    await this.dialog().waitFor({ state: 'hidden' });
  }

  /** Opens the context menu of a row and picks an entry by keyboard; the names of submenus come before its own. */
  async contextMenu(row: string | RegExp, ...entries: readonly string[]): Promise<void> {
    const menu = this.page.locator('.monaco-menu .action-item:not(.disabled)');
    const focused = this.page.locator('.monaco-menu .action-item.focused');
    // The extension's menus are available once its icon is shown.
    await this.icon().waitFor();
    await this.row(row).waitFor();
    await this.idle();
    await this.row(row).click({ button: 'right' });
    for (const [depth, entry] of entries.entries()) {
      await menu.filter({ hasText: entry }).first().waitFor();
      const names = (await menu.allInnerTexts()).map(entryOf);
      // A submenu opens with its first entry focused.
      if (depth === 0) await this.page.keyboard.press('ArrowDown');
      for (let i = 0; entryOf(await focused.last().innerText()) !== entry; i++) {
        if (i > names.length)
          throw new Error(`No entry ${entry} in the menu of ${String(row)}: ${names.join(', ')}`);
        await this.page.keyboard.press('ArrowDown');
      }
      await this.page.keyboard.press('Enter');
    }
    await menu.first().waitFor({ state: 'hidden' });
  }

  /** The entries of a submenu in the context menu of a row. */
  async entriesOf(row: string | RegExp, submenu: string, picture: string): Promise<string[]> {
    const item = this.page.locator('.monaco-menu .action-item').filter({ hasText: submenu }).first();
    const entries = this.page.locator('.monaco-submenu .action-item:not(.disabled)');
    await this.icon().waitFor();
    await this.row(row).waitFor();
    await this.idle();
    await this.row(row).click({ button: 'right' });
    await item.hover();
    await entries.first().waitFor();
    await this.screenshot(picture);
    const names = (await entries.allInnerTexts()).map(entryOf);
    // Both menus close.
    for (let i = 0; i < 2; i++) await this.page.keyboard.press('Escape');
    await item.waitFor({ state: 'hidden' });
    return names;
  }

  /** Waits until a row has the keyboard focus. */
  async focusInRows(): Promise<void> {
    await this.page.locator('.part.sidebar .monaco-list:focus-within').waitFor();
  }

  /** An item of the status bar. */
  status(text: string): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first();
  }

  /** The tab of an editor or of a panel. */
  tab(title: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: title }).first();
  }

  /** The body of the page in the open webview. */
  webview(): Locator {
    const frame = this.page.locator('iframe.webview.ready').first().contentFrame();
    return frame.locator('iframe#active-frame').contentFrame().locator('body');
  }

  /**
   * Waits until the editor has saved its state with these texts in it. It saves its tabs once a minute, on a reload if
   * there is time, and when the window loses focus, which this triggers.
   * @param by the open tabs, or the extension's state
   */
  async remembered(
    by: keyof typeof STORAGE_KEYS,
    texts: readonly string[],
    patience?: Patience,
  ): Promise<void> {
    const what = `${texts.join(', ')} in what the ${by} keep`;
    await until(what, () => this.#keeps(STORAGE_KEYS[by], texts), { everyMs: 100, ...patience });
  }

  /** Makes the window lose and regain focus, then checks whether a value under the key contains all texts. */
  #keeps(key: string, texts: readonly string[]): Promise<boolean> {
    // A string, since no browser types are available here.
    return this.page.evaluate<boolean>(`(async () => {
      document.hasFocus = () => false;
      window.dispatchEvent(new Event('blur'));
      // The editor reacts in a later turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 50));
      delete document.hasFocus;
      window.dispatchEvent(new Event('focus'));
      const answer = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const { name } of await indexedDB.databases()) {
        if (!name.startsWith('vscode-web-state-db-')) continue;
        const db = await answer(indexedDB.open(name));
        const table = db.transaction('ItemTable').objectStore('ItemTable');
        const [keys, values] = await Promise.all([answer(table.getAllKeys()), answer(table.getAll())]);
        db.close();
        const kept = values.filter((_, i) => String(keys[i]).endsWith(${JSON.stringify(key)})).map(String);
        if (kept.some((value) => ${JSON.stringify(texts)}.every((text) => value.includes(text)))) return true;
      }
      return false;
    })()`);
  }

  /** Reloads the window like a user, so that the editor has time to save its state. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
  }

  clipboard(): Promise<string> {
    // A string, since no browser types are available here.
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** Saves a screenshot for people to look at, in a folder that git ignores. */
  async screenshot(name: string): Promise<void> {
    const folder = path.resolve(__dirname, '../../../.test-output/screenshots');
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}
