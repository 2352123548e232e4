import type { Locator, Page } from 'playwright-core';

const WIDGET = '.quick-input-widget:visible';
const LIST = '.quick-input-list .monaco-list-row';
/** Enough for any step, even on a busy machine. */
const PATIENCE_MS = 60_000;
/** Identifies the current question by title, step and placeholder; '' while there is none. */
const CURRENT_QUESTION = `(() => {
  const widget = document.querySelector('.quick-input-widget');
  if (widget === null || widget.getClientRects().length === 0) return '';
  const title = widget.querySelector('.quick-input-title')?.textContent ?? '';
  return title + '\\n' + (widget.querySelector('input.input')?.placeholder ?? '');
})()`;

/** The quick inputs of the editor, answered by keyboard. Every key press waits for the expected state. */
export class QuickInputs {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  input(): Locator {
    return this.page.locator(`${WIDGET} input.input`);
  }

  /** Waits for a question with these words in its title, prompt or placeholder. The rows are not searched. */
  async question(text: string, options: { timeout?: number } = {}): Promise<void> {
    const words = ['.quick-input-title', '.quick-input-message', '.quick-input-description'];
    await this.page
      .locator(words.map((part) => `${WIDGET} ${part}:visible`).join(', '))
      .filter({ hasText: text })
      .or(this.page.locator(`${WIDGET} input.input[placeholder*="${text}"]`))
      .first()
      .waitFor(options);
  }

  /** Waits for a question, types an answer and presses Enter. Without an answer, accepts the current value. */
  async answer(question: string, text?: string): Promise<void> {
    await this.question(question);
    await this.leaving(async () => {
      if (text !== undefined) await this.input().fill(text);
      await this.input().press('Enter');
    });
  }

  /** Picks the row with this label in the open quick pick. */
  async pick(label: string): Promise<void> {
    await this.leaving(async () => {
      await this.item(label).waitFor();
      await this.focusItem(label);
      await this.input().press('Enter');
    });
  }

  /** Performs an action and waits until the question changes or closes. */
  async leaving(act: () => Promise<void>): Promise<void> {
    const before = await this.page.evaluate<string>(CURRENT_QUESTION);
    await act();
    await this.page.waitForFunction(`${CURRENT_QUESTION} !== ${JSON.stringify(before)}`);
  }

  /** Waits until the quick input shows this text below its box. */
  async says(text: string): Promise<void> {
    await this.page.locator(`${WIDGET} .quick-input-message`).filter({ hasText: text }).waitFor();
  }

  /** Waits until the value of the quick input matches. */
  async holds(form: RegExp): Promise<void> {
    await this.page.waitForFunction(
      `${String(form)}.test(document.querySelector('.quick-input-widget input.input')?.value ?? '')`,
    );
  }

  /** Returns to the previous question with the editor's key for it. */
  async back(): Promise<void> {
    await this.leaving(() => this.input().press('Control+Alt+Minus'));
  }

  /** Closes the quick input without an answer. */
  async leave(): Promise<void> {
    await this.leaving(() => this.input().press('Escape'));
  }

  /** A row of the open quick pick. */
  item(text: string): Locator {
    return this.page.locator(LIST).filter({ hasText: text }).first();
  }

  /** Moves down the open quick pick until the row with this label is focused. */
  async focusItem(label: string): Promise<void> {
    const focused = this.page.locator(`${LIST}.focused .label-name`).first();
    for (let i = 0; i < 50; i++) {
      if ((await focused.isVisible()) && (await focused.innerText()).trim().startsWith(label)) return;
      await this.input().press('ArrowDown');
    }
    throw new Error(`No row ${label} in the quick pick`);
  }

  /** Runs a command by its title from the command palette, by keyboard. */
  async command(title: string): Promise<void> {
    const palette = this.page.locator(`${WIDGET} input.input[placeholder*="name of a command"]`);
    await this.page.keyboard.press('F1');
    await palette.waitFor();
    await this.input().fill(`>${title}`);
    // Typing sorts the rows, so the row that Enter picks is then the first.
    const first = this.page.locator(`${LIST}[data-index="0"].focused .label-name`);
    await first.filter({ hasText: title }).waitFor();
    await this.input().press('Enter');
    await palette.waitFor({ state: 'hidden' });
  }

  /** Opens a file of the workspace by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.page.locator(`${WIDGET} input.input[placeholder*="Search files by name"]`).waitFor();
    await this.input().fill(name);
    await this.item(name).click();
    await this.page.locator('.tab.active').filter({ hasText: name }).waitFor();
  }
}
