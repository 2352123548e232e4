import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { defined } from '../../../src/core/defined.ts';
import { installEditor } from '../../../tools/editor/install.ts';
import { freePort } from '../../../tools/editor/ports.ts';
import {
  quietSettings,
  sandboxEndpoint,
  startServer,
  storageOf,
  writeSettings,
} from '../../../tools/editor/server.ts';

/** Settings of a quiet, repeatable window. */
const settingsOfTests = {
  ...quietSettings,
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.commandCenter': false,
  // The mouse of a test rests where it clicked last: no hover in front of the next row.
  'workbench.hover.delay': 60_000,
  'git.enabled': false,
  'files.hotExit': 'off',
  'window.confirmBeforeClose': 'never',
};

export interface EditorOptions {
  /** `link`: the checkout; `none`: what `openForTests` brings along; otherwise the path of a VSIX to install. */
  extension: 'link' | 'none' | { vsix: string };
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
}

/** Cookies, local storage and databases of the pages in a context. */
type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

export interface Editor {
  readonly url: string;
  readonly dataFolder: string;
  /** A fresh workspace folder. */
  workspace(): Promise<string>;
  /** A window of its own with fresh state, on a workspace folder, on a `.code-workspace` file or on none. */
  open(folder: string | undefined, options?: { context?: BrowserContext }): Promise<Page>;
  /**
   * A window whose extension host runs tests of an extension that is under development.
   * Resolves with the exit code when they end; what they print goes to `print`.
   */
  runTests(
    folder: string,
    tests: { extension: string; entry: string; print: (line: string) => void },
  ): Promise<number>;
  /** State that pages can share, so that a reload or a second window sees it; fresh, or as another one was left. */
  context(state?: StorageState): Promise<BrowserContext>;
  /** What the windows opened from now on find as the user's settings, beside those of a quiet window. */
  settings(settings: Record<string, unknown>): Promise<void>;
  /** Whether the extension is the checkout, and not an installed copy. */
  isLinked(): Promise<boolean>;
  /** Where the local sandbox of the extension listens; undefined while there is none. */
  sandboxEndpoint(): Promise<string | undefined>;
  stop(): Promise<void>;
}

const root = path.resolve(__dirname, '../../..');
/** Beyond any run: it is for one that hangs. */
const HOST_TESTS_MS = 900_000;

/** Starts a VS Code server with the extension in it, and a headless browser to look at it. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const editor = installEditor();
  if (editor.missing.length > 0) throw new Error(`Not compiled: ${editor.missing.join(', ')}`);
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), 'cms-editor-'));
  await writeSettings(dataFolder, { ...settingsOfTests, ...options.settings });
  const port = await freePort();
  const { extension } = options;
  const server = await startServer({
    editor,
    dataFolder,
    port,
    ...(extension === 'none' ? {} : { extension: extension === 'link' ? { link: root } : extension }),
    // Newer editors run tests in the extension host only when told so, and then show no notifications.
    flags: extension === 'none' ? ['--enable-smoke-test-driver'] : [],
    // Where tests in the extension host find what the extension keeps.
    env: { CMS_STORAGE: storageOf(dataFolder), ...options.env },
  });
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const workspaces: string[] = [];
  const { url } = server;

  async function newContext(storageState?: StorageState): Promise<BrowserContext> {
    browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--disable-accelerated-2d-canvas', '--disable-gpu-compositing',
        // Maps are drawn without a GPU, and that is not left to a default.
        '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
      ], // prettier-ignore
    });
    const context = await browser.newContext({
      viewport: { width: 1400, height: 900 },
      ...defined({ storageState }),
    });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    contexts.push(context);
    return context;
  }

  return {
    url,
    dataFolder,
    async workspace() {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-workspace-'));
      workspaces.push(folder);
      return folder;
    },
    context: newContext,
    settings: (settings) =>
      writeSettings(dataFolder, { ...settingsOfTests, ...options.settings, ...settings }),
    async open(folder, { context } = {}) {
      const page = await (context ?? (await newContext())).newPage();
      const kind = folder?.endsWith('.code-workspace') === true ? 'workspace' : 'folder';
      await page.goto(
        folder === undefined ? `${url}/?ew=true` : `${url}/?${kind}=${encodeURIComponent(folder)}`,
      );
      await page.locator('.monaco-workbench .part.activitybar').waitFor({ timeout: 60_000 });
      return page;
    },
    sandboxEndpoint: () => sandboxEndpoint(dataFolder),
    async isLinked() {
      const names = (await readdir(path.join(dataFolder, 'extensions'))).filter((name) =>
        name.startsWith('cms-enablement.'),
      );
      if (names.length !== 1) throw new Error(`Installed: ${names.join(', ')}`);
      return (await lstat(path.join(dataFolder, 'extensions', names[0] ?? ''))).isSymbolicLink();
    },
    async runTests(folder, { extension, entry, print }) {
      const page = await (await newContext()).newPage();
      const remote = (file: string): string => `vscode-remote://127.0.0.1:${port}${file}`;
      const payload = [
        ['extensionDevelopmentPath', remote(extension)],
        ['extensionTestsPath', remote(entry)],
        ['skipWelcome', 'true'],
      ];
      const ended = new Promise<number>((resolve, reject) => {
        const expose = async (): Promise<void> => {
          await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) =>
            // Mocha's format strings arrive as they are.
            print(util.format(...args)),
          );
          await page.exposeFunction('codeAutomationExit', resolve);
          await page.goto(
            `${url}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
          );
        };
        expose().catch(reject);
      });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error('The tests in the extension host did not end.')),
          HOST_TESTS_MS,
        );
      });
      try {
        return await Promise.race([ended, late]);
      } finally {
        clearTimeout(timer);
      }
    },
    async stop() {
      const endpoint = await sandboxEndpoint(dataFolder);
      if (endpoint !== undefined) {
        await fetch(`${endpoint}/_sandbox/shutdown`, { method: 'POST' }).catch(() => undefined);
      }
      for (const context of contexts) await context.close().catch(() => undefined);
      await browser?.close();
      await server.stop();
      for (const folder of [dataFolder, ...workspaces]) {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}
