import { spawn, type ChildProcess } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { installEditor } from './install.ts';

/** Settings of a quiet, repeatable window. */
const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.colorTheme': 'Default Dark Modern',
  'window.commandCenter': false,
  // The mouse of a test rests where it clicked last: no hover in front of the next row.
  'workbench.hover.delay': 60_000,
  'git.enabled': false,
  'files.hotExit': 'off',
  'window.confirmBeforeClose': 'never',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

export interface EditorOptions {
  /** `link`: the checkout; `none`: what `openForTests` brings along; otherwise the path of a VSIX to install. */
  extension: 'link' | 'none' | { vsix: string };
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
}

export interface Editor {
  readonly url: string;
  readonly dataFolder: string;
  /** A fresh workspace folder. */
  workspace(): Promise<string>;
  /** A window of its own with fresh state, on a workspace folder or on none. */
  open(folder: string | undefined, options?: { context?: BrowserContext }): Promise<Page>;
  /**
   * A window whose extension host runs tests of an extension that is under development.
   * Resolves with the exit code when they end; what they print goes to `print`.
   */
  runTests(
    folder: string,
    tests: { extension: string; entry: string; print: (line: string) => void },
  ): Promise<number>;
  /** State that pages can share, so that a reload or a second window sees it. */
  context(): Promise<BrowserContext>;
  /** Whether the extension is the checkout, and not an installed copy. */
  isLinked(): Promise<boolean>;
  /** Where the local sandbox of the extension listens; undefined while there is none. */
  sandboxEndpoint(): Promise<string | undefined>;
  stop(): Promise<void>;
}

const root = path.resolve(__dirname, '../../..');
const HOST_TESTS_MS = 180_000;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Starts a VS Code server with the extension in it, and a headless browser to look at it. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const editor = installEditor();
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), 'cms-editor-'));
  const extensions = path.join(dataFolder, 'extensions');
  await mkdir(path.join(dataFolder, 'data/User'), { recursive: true });
  await mkdir(extensions, { recursive: true });
  await writeFile(
    path.join(dataFolder, 'data/User/settings.json'),
    JSON.stringify({ ...quietSettings, ...options.settings }),
  );
  const program = path.join(editor, 'out/server-main.js');
  const common = [
    '--accept-server-license-terms',
    '--server-data-dir',
    dataFolder,
    '--extensions-dir',
    extensions,
  ];
  const env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...options.env };
  if (options.extension === 'link') {
    await symlink(root, path.join(extensions, 'cms-enablement.cms-enablement-0.1.0'));
  } else if (options.extension !== 'none') {
    await exited(
      spawn(
        process.execPath,
        [program, ...common, '--install-extension', options.extension.vsix, '--force'],
        { env, stdio: 'ignore' },
      ),
    );
  }
  const port = await freePort();
  const server = spawn(
    process.execPath,
    [
      program,
      ...common,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
      '--telemetry-level',
      'off',
    ],
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await listening(server, port);
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const workspaces: string[] = [];
  const url = `http://127.0.0.1:${port}`;

  async function newContext(): Promise<BrowserContext> {
    browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--disable-accelerated-2d-canvas',
        // Maps are drawn without a GPU, and that is not left to a default.
        '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
      ], // prettier-ignore
    });
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    // Without this answer the server's secrets do not survive a reload.
    await context.route('**/mint-key', (route) => route.fulfill({ body: Buffer.alloc(32, 7) }));
    contexts.push(context);
    return context;
  }

  async function sandboxEndpoint(): Promise<string | undefined> {
    const storage = path.join(dataFolder, 'data/User/globalStorage/cms-enablement.cms-enablement');
    try {
      const ready = JSON.parse(await readFile(path.join(storage, 'sandbox/ready.json'), 'utf8')) as {
        endpoint: string;
      };
      return ready.endpoint;
    } catch {
      return undefined;
    }
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
    async open(folder, { context } = {}) {
      const page = await (context ?? (await newContext())).newPage();
      await page.goto(
        folder === undefined ? `${url}/?ew=true` : `${url}/?folder=${encodeURIComponent(folder)}`,
      );
      await page.locator('.monaco-workbench .part.activitybar').waitFor({ timeout: 60_000 });
      return page;
    },
    sandboxEndpoint,
    async isLinked() {
      const names = (await readdir(extensions)).filter((name) => name.startsWith('cms-enablement.'));
      if (names.length !== 1) throw new Error(`Installed: ${names.join(', ')}`);
      return (await lstat(path.join(extensions, names[0] ?? ''))).isSymbolicLink();
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
      const endpoint = await sandboxEndpoint();
      if (endpoint !== undefined) {
        await fetch(`${endpoint}/_sandbox/shutdown`, { method: 'POST' }).catch(() => undefined);
      }
      for (const context of contexts) await context.close().catch(() => undefined);
      await browser?.close();
      if (server.pid !== undefined && server.exitCode === null) {
        const gone = exited(server).catch(() => undefined);
        process.kill(-server.pid);
        await gone;
      }
      for (const folder of [dataFolder, ...workspaces]) {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 || signal !== null ? resolve() : reject(new Error(`exit code ${String(code)}`)),
    );
  });
}

function listening(server: ChildProcess, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (data: Buffer): void => {
      said += data.toString();
      if (said.includes(`listening on ${port}`)) resolve();
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', (code) => reject(new Error(`The editor ended with code ${String(code)}: ${said}`)));
  });
}
