// Runs test/editor in desktop VS Code, which @vscode/test-electron downloads: the newest, or the version CMS_DESKTOP.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';

const root = path.resolve(__dirname, '../../..');

async function main(): Promise<number> {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'cms-desktop-'));
  try {
    return await runTests({
      version: process.env.CMS_DESKTOP ?? 'stable',
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(__dirname, 'hostEntry.cjs'),
      launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
