import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { FleetMap } from '../support/editor/fleetMap.ts';
import { answerWizard, PASSWORD, useEditor } from '../support/editor/suite.ts';

const VIN = 'WAUZZZ8K9BA000001';
const STEPS = ['sandbox', 'onboard', 'certificates', 'drive', 'account'];
const THEMES = [
  ['Dark Modern', 'vs-dark'],
  ['Light Modern', 'vs'],
  ['Dark High Contrast', 'hc-black'],
  ['Light High Contrast', 'hc-light'],
] as const;

/** The part of a page's world that is needed; these types know no browser. */
interface Element {
  getAttribute(name: string): string;
}
interface Browser {
  getComputedStyle(node: unknown): { stroke: string };
}

describe('the walkthrough', function () {
  const suite = useEditor(this);

  const step = (id: string): Locator =>
    suite.workbench.page.locator(`.gettingStartedContainer [data-step-id$="#${id}"]`);
  /** The picture beside the steps, as the page in its frame draws it. */
  const picture = (): Locator =>
    suite.workbench.page
      .locator('.gettingStartedContainer iframe.webview.ready, iframe.webview.ready')
      .first()
      .contentFrame()
      .locator('iframe#active-frame')
      .contentFrame()
      .locator('svg');

  async function select(id: string): Promise<void> {
    const { page } = suite.workbench;
    const row = step(id);
    await row.waitFor();
    if (!/\bexpanded\b/.test((await row.getAttribute('class')) ?? '')) await row.click();
    await page
      .locator(`.gettingStartedContainer .getting-started-step.expanded[data-step-id$="#${id}"]`)
      .waitFor();
    await picture().waitFor();
  }

  async function done(id: string): Promise<void> {
    await step(id).locator('.codicon-getting-started-step-checked:visible').first().waitFor();
  }

  it('is not opened unasked, and is one command away', async () => {
    const { workbench } = suite;
    await workbench.openView();
    assert.equal(await workbench.page.locator('.gettingStartedContainer').count(), 0);
    await workbench.command('CMS: Get Started');
    await workbench.page
      .locator('.gettingStartedContainer')
      .getByText('Get started with CMS Enablement')
      .first()
      .waitFor();
  });

  it('goes from the sandbox to one’s own account, each step with a picture and words for it', async () => {
    const { page } = suite.workbench;
    await step('sandbox').waitFor();
    const ids = await page
      .locator('.gettingStartedContainer [data-step-id]')
      .evaluateAll((all) =>
        (all as Element[]).map((one) => one.getAttribute('data-step-id').split('#').pop()),
      );
    assert.deepEqual([...new Set(ids)], STEPS);
    for (const id of STEPS) {
      await select(id);
      assert.match(await picture().locator('title').innerHTML(), /\w{4}/);
      await step(id).locator('.monaco-button').first().waitFor();
    }
  });

  it('has pictures in the colours of every theme', async () => {
    const { workbench } = suite;
    const seen = new Set<string>();
    for (const [theme, kind] of THEMES) {
      await workbench.theme(theme, kind);
      for (const id of STEPS) {
        await select(id);
        await workbench.screenshot(`walkthrough ${id} in ${theme}`);
      }
      // The line around the laptop: text colour, so visible on the page's background.
      const line = picture().locator('rect').first();
      seen.add(
        await line.evaluate((node) => (globalThis as unknown as Browser).getComputedStyle(node).stroke),
      );
    }
    assert.ok(seen.size >= 2, [...seen].join(', '));
    assert.ok(!seen.has('none'), [...seen].join(', '));
    await workbench.theme('Dark Modern', 'vs-dark');
  });

  it('starts the sandbox with the first button, and ticks the step off', async () => {
    const { workbench } = suite;
    await select('sandbox');
    await step('sandbox').locator('.monaco-button').first().click();
    await workbench.row('Provisioning').waitFor();
    await done('sandbox');
  });

  it('onboards with the second, and ticks it off when the vehicle is live', async () => {
    const { workbench } = suite;
    await select('onboard');
    await step('onboard').locator('.monaco-button').first().click();
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('is onboarded');
    await workbench.clearNotifications();
    await done('onboard');
    await workbench.screenshot('walkthrough ticked off');
  });

  it('reveals the certificates with the third', async () => {
    const { workbench } = suite;
    await select('certificates');
    await step('certificates').locator('.monaco-button').first().click();
    await workbench.question('Pick a vehicle');
    await workbench.item(VIN).click();
    await workbench.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: 'production-certificate.pem.crt' })
      .first()
      .waitFor();
    await done('certificates');
  });

  it('drives with the fourth, and ticks it off when the vehicle is on its way', async () => {
    const { workbench, folder } = suite;
    // A list of vehicles is no route, though it is a CSV file.
    await writeFile(path.join(folder, 'fleet.csv'), `vin,username\n${VIN},testCMSUser1\n`);
    await writeFile(path.join(folder, 'home.csv'), '-84.39,33.77\n-84.38,33.78\n');
    await select('drive');
    await step('drive').locator('.monaco-button').first().click();
    await workbench.question('Route to drive');
    await workbench.item('home.csv').waitFor();
    assert.equal(await workbench.item('fleet.csv').count(), 0);
    await workbench.pick('Atlanta');
    await workbench.question('Enter starts');
    await workbench.pick('Start');
    await done('drive');
  });

  it('shows the vehicle in the tree and on the map, as the README does', async () => {
    const { workbench } = suite;
    await workbench.page.setViewportSize({ width: 1280, height: 720 });
    await workbench.command('View: Close All Editors');
    await workbench.openView();
    await workbench.expand(VIN);
    await workbench.command('CMS: Show Simulation on Map');
    const map = new FleetMap(workbench.page);
    await map.shows({ map: 'ready', drawn: 1 });
    await map.find(VIN);
    await map.says('Odometer');
    await workbench.clearNotifications();
    await workbench.screenshot('overview');
  });

  it('lets an error be explained by its code, at its place on the page', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Explain Error Code');
    await workbench.question('The code, as it stands in the log');
    await workbench.input().fill('CLAIM_REJECTED');
    await workbench.page.keyboard.press('Enter');
    const page = workbench.webview();
    await page.getByRole('heading', { name: 'CLAIM_REJECTED' }).waitFor();
    await workbench.screenshot('an error explained');
  });
});
