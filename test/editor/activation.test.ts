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

  it('loads one light bundle and nothing of the work, the device or the sandbox', async () => {
    await extension?.activate();
    const loaded = Object.keys(require.cache).filter((file) => file.startsWith(path.join(root, 'dist')));
    assert.deepEqual(loaded, [path.join(root, 'dist/extension.js')]);
  });

  it('is small: the AWS SDK and all else that is heavy is in the backend', () => {
    assert.ok(statSync(path.join(root, 'dist/extension.js')).size < 570_000);
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
