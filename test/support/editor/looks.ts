import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** Preferences of the operating system, and the class that the workbench then has. */
const THEMES = [
  { name: 'light', colorScheme: 'light', forcedColors: 'none', kind: 'vs' },
  { name: 'high contrast', colorScheme: 'dark', forcedColors: 'active', kind: 'hc-black' },
  { name: 'high contrast light', colorScheme: 'light', forcedColors: 'active', kind: 'hc-light' },
  { name: 'dark', colorScheme: 'dark', forcedColors: 'none', kind: 'vs-dark' },
] as const;

/** With these settings the window follows the operating system, so that a theme change does not close anything. */
export const followSystem = {
  'window.autoDetectColorScheme': true,
  'window.autoDetectHighContrast': true,
  'workbench.preferredHighContrastColorTheme': 'Default High Contrast',
  'workbench.preferredHighContrastLightColorTheme': 'Default High Contrast Light',
};

/** Below WCAG 2 AA for text, since the editor's own dimmed descriptions do not reach that in some themes. */
const LEAST_CONTRAST = 3;

/** Finds texts of an element that are cut off or hard to read. A string, since no browser types are available here. */
const PROBLEMS = `(root) => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
  // The page of a webview has the editor's background.
  const ground = () => {
    const probe = document.body.appendChild(document.createElement('div'));
    probe.style.backgroundColor = 'var(--vscode-editor-background, white)';
    const color = numbers(getComputedStyle(probe).backgroundColor);
    probe.remove();
    return color.slice(0, 3);
  };
  const background = (element) => {
    if (element === null) return ground();
    const own = numbers(getComputedStyle(element).backgroundColor);
    return own[3] === 0 ? background(element.parentElement) : over(own, background(element.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opacity = (element) => (element === null ? 1 : Number(getComputedStyle(element).opacity) * opacity(element.parentElement));
  const problems = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (!/[\\p{L}\\p{N}]/u.test(text) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest('script, style, .codicon') !== null) continue;
    const below = background(element);
    const [r, g, b, a = 1] = numbers(getComputedStyle(element).color);
    const color = over([r, g, b, a * opacity(element)], below);
    const [low, high] = [luminance(color), luminance(below)].sort((x, y) => x - y);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < ${LEAST_CONTRAST}) problems.push('“' + text + '” has a contrast of ' + contrast.toFixed(1));
  }
  if (root.scrollWidth > root.clientWidth + 1) problems.push('It is wider than its place: ' + root.scrollWidth + ' of ' + root.clientWidth);
  return problems;
}`;

/** Checks in every theme that all text of the element is readable and nothing overflows. Saves a screenshot of each. */
export async function looksGood(workbench: Workbench, state: string, element: Locator): Promise<void> {
  for await (const name of inEveryTheme(workbench, state)) {
    const problems = await element.evaluate<string[], string>(
      (root, check) =>
        (globalThis as unknown as { eval(text: string): (root: unknown) => string[] }).eval(check)(root),
      PROBLEMS,
    );
    assert.deepEqual(problems, [], `${state}, ${name}`);
  }
}

/** Puts the window into each theme, and saves a screenshot there. */
export async function* inEveryTheme(workbench: Workbench, state: string): AsyncGenerator<string> {
  const { page } = workbench;
  // Moves the mouse away, so that no hover covers anything.
  await page.mouse.move(900, 500);
  for (const { name, kind, ...media } of THEMES) {
    await page.emulateMedia(media);
    await page.locator(`.monaco-workbench.${kind}`).waitFor();
    await workbench.screenshot(`${state}, ${name}`);
    yield name;
  }
}

interface Row {
  spoken: string;
  /** The visible text: label and description. */
  written: string;
  icon: string;
  /** Whether the icon has its own color. */
  colored: boolean;
  /** Names of the buttons at its end. */
  buttons: string[];
}

/** Checks the visible rows: a screen reader reads everything, and no state is shown only by a color. */
export async function checkRows(workbench: Workbench): Promise<Row[]> {
  const tree = await workbench.page.locator('.part.sidebar').ariaSnapshot();
  assert.doesNotMatch(tree, /- (treeitem|button|link|checkbox)(?! ")/, tree);
  const rows = await workbench.page.evaluate<Row[]>(`(() => {
    const plain = getComputedStyle(document.querySelector('.part.sidebar')).color;
    return [...document.querySelectorAll('.part.sidebar .monaco-list-row')].map((row) => {
      const icon = row.querySelector('.custom-view-tree-node-item-icon');
      return {
        spoken: row.getAttribute('aria-label') ?? '',
        written: row.querySelector('.monaco-icon-label')?.textContent ?? '',
        icon: [...(icon?.classList ?? [])].filter((name) => name.startsWith('codicon-')).join(' '),
        colored: icon?.style.color !== '' && icon?.style.color !== plain,
        buttons: [...row.querySelectorAll('.actions .action-label')].map((a) => a.getAttribute('aria-label') ?? ''),
      };
    });
  })()`);
  const stateOfIcon = new Map<string, string>();
  for (const { spoken, written, icon, colored, buttons } of rows) {
    assert.match(spoken, /\p{L}{3}/u, written);
    for (const button of buttons) assert.match(button, /\p{L}{3}/u, `${spoken}: ${buttons.join(' | ')}`);
    if (!colored) continue;
    // The words for a state follow the label, and a screen reader reads the same words.
    const words = spoken.split(', ').slice(1);
    const error = spoken.startsWith('Error: ');
    assert.ok(error || words.some((word) => written.includes(word)), `${spoken} / ${written}`);
    // Each state of a kind of row ("Vehicle …", "Simulation …") also has its own icon.
    const state = error ? 'error' : (words.at(-1) ?? '');
    const form = `${spoken.split(' ', 1).join('')} ${icon}`;
    assert.equal(stateOfIcon.get(form) ?? state, state, `${form} for ${state}`);
    stateOfIcon.set(form, state);
  }
  return rows;
}
