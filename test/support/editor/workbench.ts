import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { until, type Patience } from '../until.ts';
import { QuickInputs } from './quickInputs.ts';

/** Under which keys of the browser's storage the editor keeps things. */
const KEPT_UNDER = {
  tabs: 'workbench.parts.editor',
  extension: 'cms-enablement.cms-enablement',
} as const;

/** The real workbench, as a person with a keyboard sees it. Every wait is for something that shows. */
export class Workbench extends QuickInputs {
  /** Opens the extension's view; resolves once the extension host answers with rows or a welcome. */
  async openView(): Promise<void> {
    const icon = this.icon();
    await icon.waitFor();
    // After a reload the editor may have opened it by itself, and another click would close it: so first of all
    // something is in the side bar, or it is closed, as in a window without a folder.
    const title = this.page.locator('.part.sidebar .title-label').filter({ hasText: /\S/ }).first();
    await title.or(this.page.locator('.monaco-workbench.nosidebar')).first().waitFor();
    const ours = title.filter({ hasText: /connected mobility/i });
    if (!(await ours.isVisible())) {
      // A badge on the icon is part of it.
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

  /** Waits until no row is being read: one that is drawn anew can neither be opened nor acted on. */
  async idle(): Promise<void> {
    await this.page.waitForFunction(
      `document.querySelector('.part.sidebar .monaco-progress-container.active') === null`,
    );
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
    await this.idle();
    if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    await this.page
      .locator('.part.sidebar .monaco-list-row[aria-expanded="true"]')
      .filter({ hasText: text })
      .first()
      .waitFor();
  }

  /** A notification, as a toast or in the notification centre. */
  toast(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-toast, .notifications-center .notification-list-item')
      .filter({ hasText: text, visible: true })
      .first();
  }

  /** Waits for a notification and gives its words. */
  async told(text: string | RegExp): Promise<string> {
    return this.toast(text).locator('.notification-list-item-message').innerText();
  }

  /** Presses a button of a notification, which goes away by that. */
  async press(toast: string | RegExp, button: string): Promise<void> {
    const target = this.toast(toast).locator('.monaco-button').filter({ hasText: button }).first();
    await target.click();
    await target.waitFor({ state: 'hidden' });
  }

  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Answers the question in front of the window. */
  async choose(button: string): Promise<void> {
    await this.dialog().locator('.monaco-button').getByText(button, { exact: true }).click();
    await this.dialog().waitFor({ state: 'hidden' });
  }

  /** Leaves the question in front of the window. */
  async refuse(): Promise<void> {
    await this.dialog().waitFor();
    await this.page.keyboard.press('Escape');
    await this.dialog().waitFor({ state: 'hidden' });
  }

  /** Opens the context menu of a row and picks an entry with the keyboard. */
  async contextMenu(row: string | RegExp, entry: string): Promise<void> {
    const menu = this.page.locator('.monaco-menu .action-item:not(.disabled)');
    const focused = this.page.locator('.monaco-menu .action-item.focused');
    // The editor knows the extension's menus once it shows its icon.
    await this.icon().waitFor();
    await this.row(row).waitFor();
    await this.idle();
    await this.row(row).click({ button: 'right' });
    await menu.filter({ hasText: entry }).first().waitFor();
    const names = (await menu.allInnerTexts()).map((name) => name.trim());
    for (let i = 0; i <= names.length; i++) {
      await this.page.keyboard.press('ArrowDown');
      if ((await focused.innerText()).trim() === entry) break;
      if (i === names.length)
        throw new Error(`No entry ${entry} in the menu of ${String(row)}: ${names.join(', ')}`);
    }
    await this.page.keyboard.press('Enter');
    await menu.first().waitFor({ state: 'hidden' });
  }

  /** Waits until the keyboard goes on in the rows. */
  async focusInRows(): Promise<void> {
    await this.page.locator('.part.sidebar .monaco-list:focus-within').waitFor();
  }

  /** A part of the status bar. */
  status(text: string): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first();
  }

  /** The tab of an editor or of a panel. */
  tab(title: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: title }).first();
  }

  /** The body of the page in the webview that is open. */
  webview(): Locator {
    const frame = this.page.locator('iframe.webview.ready').first().contentFrame();
    return frame.locator('iframe#active-frame').contentFrame().locator('body');
  }

  /**
   * Waits until the editor has written down what it keeps with these texts in it. What it keeps of its tabs it writes
   * once a minute, at a reload as far as there is time, and when somebody turns to another window: so that is done here.
   * @param by the editor's own tabs, or the extension's state
   */
  async remembered(
    by: keyof typeof KEPT_UNDER,
    texts: readonly string[],
    patience?: Patience,
  ): Promise<void> {
    const what = `${texts.join(', ')} in what the ${by} keep`;
    await until(what, () => this.#keeps(KEPT_UNDER[by], texts), { everyMs: 100, ...patience });
  }

  /** Turns to another window and back, and looks whether one value under a key has all the texts. */
  #keeps(key: string, texts: readonly string[]): Promise<boolean> {
    // As text: these types know no browser.
    return this.page.evaluate<boolean>(`(async () => {
      document.hasFocus = () => false;
      window.dispatchEvent(new Event('blur'));
      // The editor takes a turn to notice.
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

  /** Reloads the window as a person does: the editor has time to write down what it keeps. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.command('Developer: Reload Window');
    await loaded;
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
