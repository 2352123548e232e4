import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
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
    assert.ok(statSync(path.join(root, 'dist/extension.js')).size < 400_000);
  });

  it('is asked for by its views and commands only', () => {
    const { activationEvents } = extension?.packageJSON as { activationEvents: string[] };
    assert.deepEqual(
      activationEvents.filter((event) => event === '*' || event === 'onStartupFinished'),
      [],
    );
  });
});
