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
  startedSandbox,
  startServer,
  storageOf,
  TOKEN_COOKIE,
  writeSettings,
} from '../../../tools/editor/server.ts';

/** Settings for a window without distractions and random behavior. */
const settingsOfTests = {
  ...quietSettings,
  // The tests open folders that they made themselves.
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.commandCenter': false,
  // The mouse stays where a test clicked last, and a hover there must not cover the next row.
  'workbench.hover.delay': 60_000,
  'git.enabled': false,
  'files.hotExit': 'off',
  'window.confirmBeforeClose': 'never',
};

export interface EditorOptions {
  /** `link`: the checkout; `none`: only the extension of `openForTests`; otherwise the path of a VSIX to install. */
  extension: 'link' | 'none' | { vsix: string };
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
}

/** Cookies, local storage and databases of the pages in a context. */
type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

export interface Editor {
  readonly url: string;
  readonly dataFolder: string;
  /** Creates a workspace folder. */
  workspace(): Promise<string>;
  /** Opens a window with fresh state on a workspace folder, a `.code-workspace` file or neither. */
  open(folder: string | undefined, options?: { context?: BrowserContext }): Promise<Page>;
  /**
   * Opens a window whose extension host runs tests of an extension under development.
   * Resolves with the exit code when they end; their output goes to `print`.
   */
  runTests(
    folder: string,
    tests: { extension: string; entry: string; print: (line: string) => void },
  ): Promise<number>;
  /** Browser state that windows share, so that it survives a reload. It is fresh, or a copy of an earlier state. */
  context(state?: StorageState): Promise<BrowserContext>;
  /**
   * Like `context`, but always the same one, whose windows were closed: the browser keeps on disk what it compiled for
   * earlier windows, and opens the next one in a good part of the time.
   */
  sameContext(state?: StorageState): Promise<BrowserContext>;
  /** Sets the user settings of windows that are opened later, in addition to the settings of all tests. */
  settings(settings: Record<string, unknown>): Promise<void>;
  /** Whether the extension is the checkout and not an installed copy. */
  isLinked(): Promise<boolean>;
  /** Endpoint of the extension's local sandbox; undefined while there is none. */
  sandboxEndpoint(): Promise<string | undefined>;
  stop(): Promise<void>;
}

const root = path.resolve(__dirname, '../../..');
const viewport = { width: 1400, height: 900 };
const browserOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--disable-accelerated-2d-canvas', '--disable-gpu-compositing',
    // Draws maps without a GPU, whatever the browser's default is.
    '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
  ], // prettier-ignore
};
/** Longer than any normal run, so that only a run that hangs times out. */
const HOST_TESTS_MS = 1_800_000;

/** Starts a VS Code server with the extension, and a headless browser that opens it. */
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
    // Newer editors run tests in the extension host only with this option, and then show no notifications.
    flags: extension === 'none' ? ['--enable-smoke-test-driver'] : [],
    // Tests in the extension host find the extension's stored data here.
    env: { CMS_STORAGE: storageOf(dataFolder), ...options.env },
  });
  let browser: Browser | undefined;
  let profile: { context: BrowserContext; folder: string } | undefined;
  const contexts: BrowserContext[] = [];
  const workspaces: string[] = [];
  const { url, token } = server;

  async function newContext(storageState?: StorageState): Promise<BrowserContext> {
    browser ??= await chromium.launch(browserOptions);
    const context = await browser.newContext({ viewport, ...defined({ storageState }) });
    contexts.push(context);
    return admit(context);
  }

  async function sameContext(
    storageState: StorageState = { cookies: [], origins: [] },
  ): Promise<BrowserContext> {
    if (profile === undefined) {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-profile-'));
      profile = {
        folder,
        context: await chromium.launchPersistentContext(folder, { ...browserOptions, viewport }),
      };
    }
    await profile.context.setStorageState(storageState);
    return admit(profile.context);
  }

  /** The server refuses browsers without its token. */
  async function admit(context: BrowserContext): Promise<BrowserContext> {
    await context.addCookies([{ name: TOKEN_COOKIE, value: token, url }]);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
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
    sameContext,
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
    sandboxEndpoint: async () => (await startedSandbox(dataFolder))?.endpoint,
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
            // Mocha's format strings arrive unformatted.
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
      const timeout = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error('The tests in the extension host did not end.')),
          HOST_TESTS_MS,
        );
      });
      try {
        return await Promise.race([ended, timeout]);
      } finally {
        clearTimeout(timer);
      }
    },
    async stop() {
      await (await startedSandbox(dataFolder))?.shutDown();
      for (const context of contexts) await context.close().catch(() => undefined);
      await browser?.close();
      await profile?.context.close();
      await server.stop();
      for (const folder of [dataFolder, ...workspaces, ...(profile === undefined ? [] : [profile.folder])]) {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}
