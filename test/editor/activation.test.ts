import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

const root = path.resolve(__dirname, '../..');
const extension = vscode.extensions.getExtension('cms-enablement.cms-enablement');

describe('activation', () => {
  it('runs the extension of this folder', () => {
    assert.equal(extension?.extensionPath, root);
  });

  it('loads one light bundle and a part of it, and nothing of the work, the device or the sandbox', async () => {
    await extension?.activate();
    const dist = path.join(root, 'dist');
    const loaded = Object.keys(require.cache).filter((file) => file.startsWith(dist));
    assert.deepEqual(
      loaded.map((file) => path.relative(dist, file).replace(/^part-\w+/, 'part')),
      ['extension.js', 'part.js'],
    );
    const sizes = loaded.map((file) => statSync(file).size);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 470_000, sizes.join(', '));
  });

  it('comes with its views and commands, a map and charts to open again, a fleet file to check, and folders of vehicles; never by itself', () => {
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      activationEvents: string[];
    };
    assert.deepEqual(manifest.activationEvents, [
      'onWebviewPanel:cmsEnablement.map',
      'onWebviewPanel:cmsEnablement.chart',
      'workspaceContains:**/*.cms-fleet.csv',
      'workspaceContains:**/*.cms-fleet.json',
      'workspaceContains:certs/root.ca.pem',
    ]);
  });
});
