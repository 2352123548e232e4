import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { PASSWORD, VIN } from '../support/editor/fleetSnapshot.ts';
import { followSystem, looksGood } from '../support/editor/looks.ts';
import { answerWizard } from '../support/editor/steps.ts';
import { useWindow, type TestWindow } from '../support/editor/windows.ts';
import { until } from '../support/until.ts';

const STEPS = ['sandbox', 'onboard', 'certificates', 'drive', 'account'];

/** The part of a page's world that is needed; these types know no browser. */
interface Element {
  getAttribute(name: string): string;
}

/** The page of the walkthrough, in the window of a test. */
class Walkthrough {
  readonly #test: TestWindow;

  constructor(test: TestWindow) {
    this.#test = test;
  }

  get page(): Locator {
    return this.#test.workbench.page.locator('.gettingStartedContainer');
  }

  async open(): Promise<void> {
    await this.#test.workbench.openView();
    await this.#test.workbench.command('Connected Mobility: Get Started');
    await this.page.getByText('Get Started with Connected Mobility').first().waitFor();
    await this.step('sandbox').waitFor();
  }

  step(id: string): Locator {
    return this.page.locator(`[data-step-id$="#${id}"]`);
  }

  /** The picture beside the steps, as the page in its frame draws it. */
  get picture(): Locator {
    const frame = this.#test.workbench.page.locator('iframe.webview.ready').first().contentFrame();
    return frame.locator('iframe#active-frame').contentFrame().locator('svg');
  }

  async select(id: string): Promise<void> {
    const row = this.step(id);
    await this.picture.waitFor();
    if (!/\bexpanded\b/.test((await row.getAttribute('class')) ?? '')) {
      const before = await this.#title();
      await row.click();
      // Its picture takes the focus when it comes, and a question that was asked by then is gone.
      await until(`the picture of ${id}`, async () => (await this.#title()) !== before);
    }
    await this.page.locator(`.getting-started-step.expanded[data-step-id$="#${id}"]`).waitFor();
    await this.picture.waitFor();
  }

  /** What the picture beside the steps is called; empty while there is none. */
  async #title(): Promise<string> {
    const [title = ''] = await this.picture
      .locator('title')
      .allInnerTexts()
      .catch(() => []);
    return title || (await this.picture.innerHTML().catch(() => ''));
  }

  async press(id: string): Promise<void> {
    await this.select(id);
    await this.step(id).locator('.monaco-button').first().click();
  }

  async done(id: string): Promise<void> {
    await this.step(id).locator('.codicon-getting-started-step-checked:visible').first().waitFor();
  }
}

describe('the walkthrough', function () {
  const test = useWindow(this, { start: 'nothing', settings: followSystem });

  it('is not opened unasked; it goes from the sandbox to one’s own account, with words, a button and a picture for each step', async () => {
    const { workbench } = test;
    const walkthrough = new Walkthrough(test);
    await workbench.openView();
    assert.equal(await walkthrough.page.count(), 0);
    await walkthrough.open();
    const ids = await walkthrough.page
      .locator('[data-step-id]')
      .evaluateAll((all) =>
        (all as Element[]).map((one) => one.getAttribute('data-step-id').split('#').pop()),
      );
    assert.deepEqual([...new Set(ids)], STEPS);
    for (const id of STEPS) {
      await walkthrough.select(id);
      assert.match(await walkthrough.picture.locator('title').innerHTML(), /\w{4}/);
      await walkthrough.step(id).locator('.monaco-button').first().waitFor();
      const frame = walkthrough.picture.locator('xpath=..');
      await looksGood(workbench, `walkthrough ${id}`, frame);
    }
  });

  it('starts the sandbox and onboards with its first buttons, and ticks each step off', async () => {
    const { workbench } = test;
    const walkthrough = new Walkthrough(test);
    await walkthrough.open();
    await walkthrough.press('sandbox');
    await workbench.row('Provisioning').waitFor();
    await walkthrough.done('sandbox');
    await walkthrough.press('onboard');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('is onboarded');
    await walkthrough.done('onboard');
    await workbench.screenshot('walkthrough ticked off');
  });
});

describe('the walkthrough of somebody who did its first steps without it', function () {
  const test = useWindow(this, { start: 'nothing' });

  it('has them ticked off when it is opened', async () => {
    const { workbench } = test;
    const walkthrough = new Walkthrough(test);
    await workbench.openView();
    await workbench.command('Connected Mobility: Start Local Sandbox');
    await workbench.row('Provisioning').waitFor();
    await walkthrough.open();
    await walkthrough.done('sandbox');
    assert.equal(
      await walkthrough.step('onboard').locator('.codicon-getting-started-step-checked:visible').count(),
      0,
    );
  });
});

describe('the walkthrough of somebody with vehicles', function () {
  const test = useWindow(this, { start: 'fleet' });

  it('reveals certificates and drives with its buttons, and ticks each step off', async () => {
    const { workbench } = test;
    const walkthrough = new Walkthrough(test);
    await walkthrough.open();
    // The page is drawn anew when a step is ticked off, and a click at that moment is lost.
    await walkthrough.done('sandbox');
    await walkthrough.press('certificates');
    await workbench.question('Any part of a VIN');
    await workbench.pick(VIN);
    const explorer = workbench.page.locator('.explorer-folders-view .monaco-list-row');
    await explorer.filter({ hasText: 'production-certificate.pem.crt' }).first().waitFor();
    await walkthrough.done('certificates');
    await walkthrough.press('drive');
    await workbench.question('Vehicles to simulate');
    await workbench.item(VIN).click();
    await workbench.leaving(() => workbench.input().press('Enter'));
    await workbench.question('Route to drive');
    await workbench.pick('Atlanta');
    await workbench.question('Enter to start');
    await workbench.pick('Start');
    await workbench.tab(`${VIN} · atlanta`).waitFor();
    await workbench.spoken('Simulation').or(workbench.status('1 simulation')).first().waitFor();
    await workbench.page
      .locator('.tab')
      .filter({ hasText: /Welcome|Walkthrough/ })
      .first()
      .click();
    await walkthrough.done('drive');
  });

  it('has errors explained by their code, at their place on the page', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.command('Connected Mobility: Explain Error Code');
    await workbench.question('The code, as it appears in the log');
    await workbench.input().fill('CLAIM_REJECTED');
    await workbench.page.keyboard.press('Enter');
    const heading = workbench.webview().getByRole('heading', { name: 'CLAIM_REJECTED' });
    await heading.waitFor();
    assert.ok((await heading.boundingBox()) !== null);
    await workbench.screenshot('an error explained');
  });
});
