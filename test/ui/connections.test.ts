import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { actUntil } from '../support/editor/actUntil.ts';
import { answerWizard, PASSWORD, useEditor } from '../support/editor/suite.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

const VIN = 'JTDKN3DU5A0000001';

describe('connections to an account', function () {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cms-aws-'));
  const suite = useEditor(this, {
    env: {
      AWS_CONFIG_FILE: path.join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      // A machine's own would win over the profile's.
      AWS_CA_BUNDLE: '',
    },
  });
  let account: SandboxProcess;

  before(async () => {
    account = await startSandbox({ args: ['--stack', 'cms-prod', '--stack', 'cms-test'] });
    writeFileSync(
      path.join(folder, 'config'),
      [
        '[profile fleet]',
        'region = us-west-2',
        `endpoint_url = ${account.endpoint}`,
        `ca_bundle = ${account.caFile}`,
        '[profile empty]',
        'region = eu-west-1',
        '',
      ].join('\n'),
    );
    writeFileSync(
      path.join(folder, 'credentials'),
      '[fleet]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n',
    );
  });
  after(async () => {
    await account.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are added from the profiles of ~/.aws, and tried at once', async () => {
    const { workbench } = suite;
    await workbench.openView();
    await actUntil(
      () => workbench.page.locator('.welcome-view-content a').getByText('add a connection').press('Enter'),
      (timeout) => workbench.question('AWS profile', { timeout }),
    );
    await workbench.item('fleet').waitFor();
    await workbench.screenshot('add connection');
    await workbench.pick('fleet');
    await workbench.question('AWS region');
    assert.equal(await workbench.input().inputValue(), 'us-west-2');
    await workbench.input().fill('Oregon');
    await workbench.says('A region looks like us-west-2');
    await workbench.answer('A region looks like', 'us-west-2');
    assert.match(await workbench.told('Connected to account'), /^Connected to account \d{12} as /);
    await workbench.spoken('Connection fleet, region us-west-2').waitFor();
    await workbench.page.locator('.part.statusbar').getByText('1 connection').waitFor();
  });

  it('show the stacks of the account, each to be worked on', async () => {
    const { workbench } = suite;
    await workbench.expand('fleet');
    await workbench.spoken('Stack cms-prod, CMS v1, ready').waitFor();
    await workbench.spoken('Stack cms-test, CMS v1, ready').waitFor();
    await workbench.command('CMS: Onboard Vehicle');
    await workbench.question('Stack');
    await workbench.pick('cms-test');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told(`${VIN} is onboarded onto cms-test`);
    await workbench.expand('cms-test');
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    await workbench.screenshot('connection');
  });

  it('show deployments honestly that are failed or in progress', async () => {
    const { workbench } = suite;
    await account.alterStack('cms-prod', { status: 'UPDATE_IN_PROGRESS' });
    await workbench.command('CMS: Refresh');
    await workbench.spoken('Stack cms-prod, CMS v1, in progress').waitFor();
    await account.alterStack('cms-prod', { status: 'ROLLBACK_FAILED' });
    await workbench.command('CMS: Refresh');
    await workbench.spoken('Stack cms-prod, CMS v1, failed').waitFor();
    await workbench.screenshot('failed stack');
  });

  it('without credentials say so in a sentence, and in a row', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Add Connection');
    await workbench.question('AWS profile');
    await workbench.pick('empty');
    await workbench.answer('AWS region');
    const toast = workbench.page.locator('.notification-toast').filter({ hasText: 'Show Log' }).first();
    await toast.waitFor();
    assert.match(await toast.innerText(), /credentials/i);
    await workbench.expand('empty');
    await workbench.spoken('Error: ').waitFor();
    await workbench.screenshot('connection without credentials');
  });

  it('are put in order and removed', async () => {
    const { workbench } = suite;
    await workbench.clearNotifications();
    const first = workbench.page.locator('.part.sidebar .monaco-list-row').first();
    await workbench.contextMenu('empty', 'Move Connection Up', first.getByText('empty'));
    const connections = async (): Promise<string[]> =>
      (await workbench.rows()).filter((row) => row.startsWith('Connection '));
    assert.deepEqual(await connections(), [
      'Connection empty, region eu-west-1',
      'Connection fleet, region us-west-2',
    ]);
    await workbench.contextMenu('empty', 'Remove Connection');
    await workbench.spoken('Connection empty').waitFor({ state: 'hidden' });
    await workbench.contextMenu('fleet', 'Remove Connection');
    await workbench.page.locator('.welcome-view-content .monaco-button').first().waitFor();
  });
});
