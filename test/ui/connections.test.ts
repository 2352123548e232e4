import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { useWindow } from '../support/editor/windows.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

describe('a connection to an account', function () {
  const home = mkdtempSync(path.join(os.tmpdir(), 'cms-aws-'));
  const test = useWindow(this, {
    start: 'nothing',
    env: {
      AWS_CONFIG_FILE: path.join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(home, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      // A machine's own would win over the profile's.
      AWS_CA_BUNDLE: '',
    },
  });
  let account: SandboxProcess;

  before(async () => {
    account = await startSandbox({ args: ['--stack', 'cms-prod', '--stack', 'cms-test'] });
    const facts = [
      'region = us-west-2',
      `endpoint_url = ${account.endpoint}`,
      `ca_bundle = ${account.caFile}`,
    ];
    writeFileSync(path.join(home, 'config'), ['[profile fleet]', ...facts, ''].join('\n'));
    writeFileSync(
      path.join(home, 'credentials'),
      '[fleet]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n',
    );
  });
  after(async () => {
    await account.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('is added from the welcome and tried at once; it shows its stacks, and its row removes it', async () => {
    const { workbench } = test;
    await workbench.openView();
    await workbench.page.locator('.welcome-view-content a').getByText('add a connection').press('Enter');
    await workbench.question('AWS profile');
    await workbench.item('fleet').waitFor();
    await workbench.screenshot('add connection');
    await workbench.pick('fleet');
    await workbench.answer('AWS region');
    assert.match(await workbench.told('Connected to account'), /^Connected to account \d{12} as /);
    await workbench.spoken('Connection fleet, region us-west-2').waitFor();
    await workbench.status('1 connection').waitFor();
    await workbench.expand('fleet');
    await workbench.spoken('Stack cms-prod, CMS v1, ready').waitFor();
    await workbench.spoken('Stack cms-test, CMS v1, ready').waitFor();
    await workbench.screenshot('connection');
    await workbench.contextMenu('fleet', 'Remove Connection');
    await workbench.page.locator('.welcome-view-content .monaco-button').first().waitFor();
  });
});
