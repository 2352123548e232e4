import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { answerWizard, PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';

const LIVE = 'LSH14J4C4LA046511';
const BARE = '1FTFW1ET5DFC10312';
const BROKEN = '1HGCM82633A004352';

/** What the operating system asks for, and the class the workbench then has. */
const THEMES = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none', kind: 'vs' },
  { name: 'high contrast', colorScheme: 'dark', forcedColors: 'active', kind: 'hc-black' },
  { name: 'high contrast light', colorScheme: 'light', forcedColors: 'active', kind: 'hc-light' },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none', kind: 'vs-dark' },
] as const;

interface Row {
  spoken: string;
  /** What is written: label and description. */
  written: string;
  icon: string;
  /** Whether the icon has a colour of its own. */
  coloured: boolean;
  /** Names of the buttons at its end. */
  buttons: string[];
}

describe('what people see and hear', function () {
  const suite = useEditor(this, {
    settings: {
      'window.autoDetectColorScheme': true,
      'window.autoDetectHighContrast': true,
      'workbench.preferredHighContrastColorTheme': 'Default High Contrast',
      'workbench.preferredHighContrastLightColorTheme': 'Default High Contrast Light',
    },
  });

  /** A picture in every theme, changed as the operating system does it: nothing that is open is disturbed. */
  async function pictures(state: string): Promise<void> {
    const { workbench } = suite;
    // No hover in front of anything.
    await workbench.page.mouse.move(900, 500);
    for (const { name, kind, ...media } of THEMES) {
      await workbench.page.emulateMedia(media);
      await workbench.page.locator(`.monaco-workbench.${kind}`).waitFor();
      await workbench.screenshot(`${state}, ${name}`);
    }
  }

  /** Rows of the tree in view. As text, since these types know no browser. */
  function rows(): Promise<Row[]> {
    return suite.workbench.page.evaluate<Row[]>(`(() => {
      const plain = getComputedStyle(document.querySelector('.part.sidebar')).color;
      return [...document.querySelectorAll('.part.sidebar .monaco-list-row')].map((row) => {
        const icon = row.querySelector('.custom-view-tree-node-item-icon');
        return {
          spoken: row.getAttribute('aria-label') ?? '',
          written: row.querySelector('.monaco-icon-label')?.textContent ?? '',
          icon: [...(icon?.classList ?? [])].filter((name) => name.startsWith('codicon-')).join(' '),
          coloured: icon?.style.color !== '' && icon?.style.color !== plain,
          buttons: [...row.querySelectorAll('.actions .action-label')].map((a) => a.getAttribute('aria-label') ?? ''),
        };
      });
    })()`);
  }

  /** Whatever is in view can be heard, and nothing is said by a colour alone. */
  async function checkRows(): Promise<Row[]> {
    const { workbench } = suite;
    const tree = await workbench.page.locator('.part.sidebar').ariaSnapshot();
    assert.doesNotMatch(tree, /- (treeitem|button|link|checkbox)(?! ")/, tree);
    const all = await rows();
    const colours = new Map<string, string>();
    for (const { spoken, written, icon, coloured, buttons } of all) {
      assert.match(spoken, /\p{L}{3}/u, written);
      for (const button of buttons) assert.match(button, /\p{L}{3}/u, `${spoken}: ${buttons.join(' | ')}`);
      if (!coloured) continue;
      // The words of a state stand behind the label, and are the same that are said.
      const words = spoken.split(', ').slice(1);
      const error = spoken.startsWith('Error: ');
      assert.ok(error || words.some((word) => written.includes(word)), `${spoken} / ${written}`);
      // Another state has another form, too.
      const state = error ? 'error' : (words.at(-1) ?? '');
      assert.equal(colours.get(icon) ?? state, state, `${icon} for ${state}`);
      colours.set(icon, state);
    }
    return all;
  }

  async function fault(body: unknown): Promise<void> {
    const endpoint = await suite.editor.sandboxEndpoint();
    await fetch(`${endpoint}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(body) });
  }

  async function alterStack(change: unknown): Promise<void> {
    const endpoint = await suite.editor.sandboxEndpoint();
    await fetch(`${endpoint}/_sandbox/stacks/cms-dev1`, { method: 'PUT', body: JSON.stringify(change) });
    await suite.workbench.command('CMS: Refresh');
  }

  async function onboard(vin: string, password?: string): Promise<void> {
    const { workbench } = suite;
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, vin, password);
    await workbench.told(`${vin} is onboarded`);
  }

  it('in the welcome', async () => {
    await suite.workbench.openView();
    await pictures('welcome');
    await checkRows();
  });

  it('when the sandbox has started', async () => {
    await startFromWelcome(suite.workbench);
    await pictures('sandbox started');
    const [sandbox, stack] = await checkRows();
    assert.ok(sandbox?.coloured, 'the check of colours sees one');
    assert.equal(sandbox.spoken, 'Local Sandbox, running');
    assert.equal(stack?.spoken, 'Stack cms-dev1, CMS v1, ready');
    assert.ok(sandbox.buttons.includes('Stop Local Sandbox'), sandbox.buttons.join(', '));
  });

  it('while a wizard says what is wrong', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Onboard Vehicle');
    await workbench.question('VIN: 17 characters');
    await workbench.input().fill('LSH14J4C4LA04651');
    await workbench.says('16 characters');
    await pictures('wizard, wrong VIN');
    // Its buttons have names as well.
    const widget = await workbench.page.locator('.quick-input-widget').ariaSnapshot();
    assert.match(widget, /button "Make up a VIN"/);
    await workbench.leave();
  });

  it('with vehicles in each state', async () => {
    const { workbench, folder } = suite;
    await onboard(LIVE, PASSWORD);
    await pictures('onboarded');
    await onboard(BARE);
    await onboard(BROKEN);
    await workbench.clearNotifications();
    await rm(path.join(folder, 'certs', BARE), { recursive: true });
    await rm(path.join(folder, 'certs', BROKEN, 'production-private.pem.key'));
    await workbench
      .spoken(`Vehicle ${BROKEN}, Acme DN 2019, owner testCMSUser1, certificate unusable`)
      .waitFor();
    await workbench.expand(LIVE);
    await workbench.row('Last telemetry').waitFor();
    await workbench.expand('Owners');
    await workbench.spoken('testCMSUser1').waitFor();
    await workbench.expand('Provisioning');
    await workbench.row('Certificates in the workspace').waitFor();
    await pictures('tree');
    const all = await checkRows();
    const live = all.find(({ spoken }) => spoken.startsWith(`Vehicle ${LIVE}`));
    for (const button of ['Simulate a Drive…', 'Provision Certificates', 'Diagnose Vehicle'])
      assert.ok(live?.buttons.includes(button), live?.buttons.join(', '));
  });

  it('in the report of a diagnosis', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(BROKEN, 'Diagnose Vehicle');
    await workbench
      .webview()
      .getByRole('heading', { name: `Diagnosis of ${BROKEN}` })
      .waitFor();
    await workbench.webview().getByText('Problems in').waitFor();
    await pictures('diagnosis');
    // Each result in a word of its own, for whoever cannot see the icon.
    const report = await workbench.webview().locator('table').innerText();
    for (const word of ['problem', 'ok']) assert.ok(report.includes(word), report);
    await workbench.command('View: Close All Editors');
  });

  it('in the question before something is removed', async () => {
    const { workbench } = suite;
    await workbench.contextMenu(BROKEN, 'Offboard Vehicle…', workbench.dialog());
    await pictures('offboard plan');
    await workbench.page.keyboard.press('Escape');
    await workbench.dialog().waitFor({ state: 'hidden' });
  });

  it('of stacks that are not ready', async () => {
    const { workbench } = suite;
    await alterStack({ status: 'ROLLBACK_FAILED' });
    await workbench.spoken('Stack cms-dev1, CMS v1, failed').waitFor();
    await pictures('failed stack');
    await checkRows();
    await alterStack({ status: 'UPDATE_IN_PROGRESS' });
    await workbench.spoken('Stack cms-dev1, CMS v1, in progress').waitFor();
    await checkRows();
    await alterStack({ status: 'CREATE_COMPLETE' });
    await workbench.spoken('Stack cms-dev1, CMS v1, ready').waitFor();
  });

  it('of what could not be read', async () => {
    const { workbench } = suite;
    await fault({
      operation: 'cloudformation:DescribeStacks',
      count: 30,
      action: { kind: 'error', code: 'AccessDenied', message: 'User is not authorized to perform cloudformation:DescribeStacks', status: 403 },
    }); // prettier-ignore
    await workbench.command('CMS: Refresh');
    await workbench.spoken('Error: ').waitFor();
    await workbench.command('CMS: Copy Stack Outputs');
    await workbench.toast('Show Log').waitFor();
    await pictures('error');
    const all = await checkRows();
    const error = all.find(({ spoken }) => spoken.startsWith('Error: '));
    assert.deepEqual(error?.buttons, ['Retry', 'Show Log']);
    assert.match(error.spoken, /not authorized.*permission/s);
    const endpoint = await suite.editor.sandboxEndpoint();
    await fetch(`${endpoint}/_sandbox/faults`, { method: 'DELETE' });
    await workbench.clearNotifications();
  });

  it('when the sandbox is stopped', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Stop Local Sandbox');
    await workbench.spoken('Local Sandbox, stopped').waitFor();
    await pictures('sandbox stopped');
    await checkRows();
  });
});
