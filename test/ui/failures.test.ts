import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { answerWizard, PASSWORD, startFromWelcome, useEditor } from '../support/editor/suite.ts';

const VIN = '1FTFW1ET5DFC10312';

describe('what goes wrong in the editor', function () {
  const suite = useEditor(this);

  async function sandbox(method: 'GET' | 'POST', name: string, body?: unknown): Promise<Response> {
    const endpoint = await suite.editor.sandboxEndpoint();
    assert.ok(endpoint !== undefined, 'no sandbox runs');
    return fetch(`${endpoint}/_sandbox/${name}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  it('says which password is refused, and asks again with all other answers kept', async () => {
    const { workbench } = suite;
    await startFromWelcome(workbench);
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, VIN, 'weak');
    assert.match(
      await workbench.told('The password needs'),
      /at least 8 characters.*Choose another password/,
    );
    await workbench.screenshot('weak password');
    await workbench.press('The password needs', 'Try Again');
    await workbench.question('VIN: 17 characters');
    assert.equal(await workbench.input().inputValue(), VIN);
    await workbench.leave();
  });

  it('cancels, says what stays, and continues from there', async () => {
    const { workbench } = suite;
    await workbench.clearNotifications();
    await sandbox('POST', 'faults', {
      operation: 'iot:CreateKeysAndCertificate',
      count: 1,
      action: { kind: 'hang' },
    });
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, VIN, PASSWORD);
    await workbench.told('Get the production certificate');
    await workbench.press('Get the production certificate', 'Cancel');
    assert.equal(
      await workbench.told('Cancelled:'),
      `Cancelled: Onboarding ${VIN}. What was made so far stays; continuing picks up there.`,
    );
    await workbench.press('Cancelled:', 'Continue');
    await workbench.told('is onboarded');
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
    await workbench.clearNotifications();
  });

  it('offers to start the sandbox when it ends mid-way, and goes on by itself', async () => {
    const { workbench } = suite;
    const vin = '1HGCM82633A004352';
    await sandbox('POST', 'faults', {
      operation: 'iot:CreateKeysAndCertificate',
      count: 1,
      action: { kind: 'hang' },
    });
    await workbench.command('CMS: Onboard Vehicle');
    await answerWizard(workbench, vin);
    await workbench.told('Get the production certificate');
    await sandbox('POST', 'shutdown');
    assert.match(await workbench.told('Cannot reach'), /then try again/);
    await workbench.spoken('Local Sandbox, stopped').waitFor();
    await workbench.screenshot('sandbox ended mid-way');
    await workbench.press('Cannot reach', 'Start Local Sandbox');
    await workbench.told(`${vin} is onboarded`);
    await workbench.spoken(`Vehicle ${vin}`).waitFor();
    await workbench.clearNotifications();
  });

  it('shows a failed read as a row with its reason, which reads again when picked', async () => {
    const { workbench } = suite;
    await sandbox('POST', 'faults', {
      operation: 'cloudformation:DescribeStacks',
      count: 20,
      action: { kind: 'error', code: 'AccessDenied', message: 'not for you', status: 403 },
    });
    await workbench.command('CMS: Refresh');
    const row = workbench.spoken('Error: ');
    await row.waitFor();
    assert.match((await row.getAttribute('aria-label')) ?? '', /^Error: .{20,}/);
    await workbench.screenshot('error row');
    const endpoint = await suite.editor.sandboxEndpoint();
    await fetch(`${endpoint}/_sandbox/faults`, { method: 'DELETE' });
    await row.click();
    await workbench.row('cms-dev1').waitFor();
  });

  it('refuses a wrong password of a user that exists, and saves nothing', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Forget Saved Passwords');
    await workbench.told('saved password forgotten');
    await workbench.row('Sign in to see the vehicles').click();
    await workbench.answer('User name in the user pool', 'testCMSUser1');
    await workbench.answer('Password; kept in the secret storage only', 'Wrong-pass1!');
    assert.equal(
      await workbench.told('is wrong'),
      'The user name or the password is wrong. Check both, and try again.',
    );
    await workbench.screenshot('wrong password');
    await workbench.row('Sign in to see the vehicles').waitFor();
    await workbench.press('is wrong', 'Try Again');
    await workbench.answer('User name in the user pool', 'testCMSUser1');
    await workbench.answer('Password; kept in the secret storage only', PASSWORD);
    await workbench.spoken(`Vehicle ${VIN}`).waitFor();
  });

  it('writes no password and no key into its log', async () => {
    const logs = path.join(suite.editor.dataFolder, 'data/logs');
    const names = (await readdir(logs, { recursive: true })).filter((name) => name.endsWith('.log'));
    const texts = await Promise.all(names.map((name) => readFile(path.join(logs, name), 'utf8')));
    assert.ok(texts.some((text) => text.includes(`Onboarding ${VIN}`)));
    for (const text of texts) {
      assert.ok(!text.includes(PASSWORD) && !text.includes('Wrong-pass1!'));
      assert.ok(!text.includes('PRIVATE KEY'));
    }
  });

  it('checks a fleet file before anything is done, and onboards it once it is right', async () => {
    const { workbench, folder } = suite;
    await workbench.clearNotifications();
    const file = path.join(folder, 'new.cms-fleet.csv');
    await writeFile(
      file,
      'vin,username,firstName,lastName\n5YJSA1E26HF000337,a1,A,B\n5YJSA1E26HF00033,b1,C,D\n',
    );
    await workbench.command('CMS: Onboard Fleet from File');
    await workbench.question('one vehicle a line');
    await workbench.item('new.cms-fleet.csv').click();
    await workbench.told('has problems; they are listed in the Problems view');
    await workbench.page.locator('.markers-panel').getByText('16 characters').first().waitFor();
    await workbench.screenshot('fleet problems');
    await writeFile(
      file,
      'vin,username,firstName,lastName\n5YJSA1E26HF000337,a1,A,B\n3VWFE21C04M000001,b1,C,D\n',
    );
    await workbench.page.locator('.markers-panel').getByText('No problems').waitFor();
    await workbench.command('CMS: Onboard Fleet from File');
    await workbench.question('one vehicle a line');
    await workbench.item('new.cms-fleet.csv').click();
    await workbench.choose('Onboard 2 Vehicles');
    await workbench.told('All 2 vehicles are onboarded');
    await workbench.spoken('Vehicle 3VWFE21C04M000001').waitFor();
    await workbench.screenshot('fleet onboarded');
  });

  it('checks fleet files in JSON while they are typed', async () => {
    const { workbench, folder } = suite;
    await writeFile(path.join(folder, 'more.cms-fleet.json'), '{ "vehicles": [ { "modelYear": 2020 } ] }');
    await workbench.openFile('more.cms-fleet.json');
    await workbench.page.locator('.markers-panel').getByText('Missing property "vin"').waitFor();
  });

  it('empties the sandbox after asking, and starts over with the welcome to sign in', async () => {
    const { workbench } = suite;
    await workbench.command('CMS: Reset Sandbox');
    await workbench.dialog().filter({ hasText: 'Reset the local sandbox?' }).waitFor();
    await workbench.choose('Reset');
    await workbench.row('Onboard a vehicle').waitFor();
    await workbench.row('Sign in to see the vehicles').waitFor();
  });
});
