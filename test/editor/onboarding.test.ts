import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { OWNER, PASSWORD, SECOND, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { reportOf } from '../support/editor/reports.ts';
import { answerUpToReview } from '../support/editor/wizardSteps.ts';
import { until } from '../support/until.ts';

const NEW = '5YJSA1E26HF000337';

describe('the wizard that onboards a vehicle', function () {
  const world = useWorld(this, 'sandbox');
  const { person } = world;

  it('says what is wrong with a VIN while it is typed, and does not go on with it', async () => {
    void world.run('onboardVehicle');
    const vin = await person.question('VIN: 17 characters');
    await vin.type('LSH14J4C4LA04651');
    assert.match(vin.problem ?? '', /16 characters/);
    await vin.type('LSH14J4C4LA04651O');
    assert.match(vin.problem ?? '', /leaves out I, O and Q/);
    vin.accept();
    assert.equal(await person.question('VIN: 17 characters'), vin);
  });

  it('makes up a VIN when none is typed', async () => {
    void world.run('onboardVehicle');
    const vin = await person.question('VIN: 17 characters');
    vin.accept();
    assert.match(vin.value, /^[0-9A-Z]{17}$/);
    assert.equal(vin.problem, undefined);
  });

  it('goes back without losing an answer, and asks for the password masked', async () => {
    void world.run('onboardVehicle');
    await person.answer('VIN: 17 characters', VIN);
    (await person.question('User name of the owner')).press(vscode.QuickInputButtons.Back);
    assert.equal((await person.question('VIN: 17 characters')).value, VIN);
    await person.answer('VIN: 17 characters');
    await person.answer('User name of the owner', 'somebody');
    await person.answer('First name of the owner');
    await person.answer('Last name of the owner');
    assert.equal((await person.question('Password for the CMS user somebody')).password, true);
  });

  it('shows everything it will send, and takes a line that was changed only when it is right', async () => {
    void world.run('onboardVehicle');
    await answerUpToReview(person, VIN, PASSWORD);
    await person.pick('Review', 'Production key');
    await person.pick('Production key', 'EC P-256');
    assert.match((await person.row('Review', 'Production key')).description ?? '', /made here, EC P-256/);
    await person.pick('Review', 'Model year');
    const year = await person.question('Model year');
    await year.type('soon');
    assert.equal(year.problem, 'The value must be a number.');
    year.accept();
    assert.equal(await person.question('Model year'), year);
    await year.type('2019');
    year.accept();
    assert.equal((await person.row('Review', 'Model year')).description, '2019');
  });

  it('says which password is refused, and asks again with all other answers kept', async () => {
    void world.run('onboardVehicle');
    await answerUpToReview(person, NEW, PASSWORD);
    // The rules became stricter in the meantime.
    await world.sandbox.fault('cognito-idp:AdminCreateUser', {
      kind: 'error',
      code: 'InvalidPasswordException',
      message: 'Password did not conform with policy: Password too short',
    });
    await person.pick('Review', 'Onboard');
    await person.press('too short', 'Try Again');
    const password = await person.question('Password for the CMS user');
    password.press(vscode.QuickInputButtons.Back);
    assert.equal((await person.question('Last name of the owner')).value, 'User');
    await person.answer('Last name of the owner');
    await person.question('Password for the CMS user');
  });

  it('says that the user will be created, and takes no password that the user pool refuses', async () => {
    void world.run('onboardVehicle');
    await person.answer('VIN: 17 characters', NEW);
    await person.answer('User name of the owner', 'newcomer');
    await person.answer('First name of the owner');
    await person.answer('Last name of the owner');
    const password = await person.question(
      'Password for the CMS user newcomer, who will be created; it needs at least 8 characters, an upper-case letter',
    );
    await password.type('weak');
    assert.match(password.problem ?? '', /^The password needs at least 8 characters, an upper-case letter/);
    password.accept();
    assert.equal(await person.question('Password for the CMS user newcomer'), password);
    await password.type(PASSWORD);
    password.accept();
    await person.question('Supplier of the telematics unit');
  });

  it('onboards with a key made here, and says where to go next', async () => {
    const done = world.run('onboardVehicle');
    await answerUpToReview(person, NEW, PASSWORD);
    await person.pick('Review', 'Production key');
    await person.pick('Production key', 'EC P-256');
    await person.pick('Review', 'Onboard');
    const { message, buttons } = await person.notice('is onboarded');
    assert.equal(message, `${NEW} is onboarded onto cms-dev1 and live as Acme DN.`);
    assert.deepEqual(buttons, ['Simulate a Drive', 'Reveal Certificates']);
    assert.ok(existsSync(path.join(world.folder, 'certs', NEW, 'production-private.pem.key')));
    assert.ok(existsSync(path.join(world.folder, 'certs/.gitignore')));
    await person.press('is onboarded');
    await done;
  });

  it('goes to the row of the new vehicle: commands are about it', async () => {
    await vscode.commands.executeCommand('cmsEnablement.stacks.focus');
    await vscode.env.clipboard.writeText('');
    const done = world.run('onboardVehicle');
    await answerUpToReview(person, NEW, PASSWORD);
    await person.pick('Review', 'Onboard');
    await person.press('is onboarded');
    await done;
    await until('the VIN of the selected row', async () => {
      void world.run('copyVin');
      return (await vscode.env.clipboard.readText()) === NEW;
    });
  });
});

describe('onboarding that does not go through', function () {
  const world = useWorld(this, 'fleet');
  const { person, sandbox } = world;

  it('continues where it was cancelled', async () => {
    await sandbox.fault('iot:CreateCertificateFromCsr', { kind: 'hang' });
    void world.run('onboardVehicle');
    await answerUpToReview(person, NEW);
    await person.pick('Review', 'Onboard');
    await sandbox.faulted();
    (await person.working('Get the production certificate')).cancel();
    assert.equal(
      await person.told('Canceled:'),
      `Canceled: Onboarding ${NEW}. What has been created so far is kept; Continue picks up there.`,
    );
    await person.press('Canceled:', 'Continue');
    await person.told(`${NEW} is onboarded`);
  });

  it('offers to start the sandbox when it has ended mid-way, and goes on by itself', async () => {
    await sandbox.fault('iot:CreateCertificateFromCsr', { kind: 'hang' });
    void world.run('onboardVehicle');
    await answerUpToReview(person, NEW);
    await person.pick('Review', 'Onboard');
    await person.working('Get the production certificate');
    await sandbox.faulted();
    await sandbox.shutdown();
    assert.match(await person.told('Cannot reach'), /then try again/);
    await world.row('Local Sandbox, stopped');
    await person.press('Cannot reach', 'Start Local Sandbox');
    await person.told(`${NEW} is onboarded`);
    await world.row(`Vehicle ${NEW}`);
  });
});

describe('a fleet file', function () {
  const world = useWorld(this, 'fleet');
  const { person, sandbox } = world;
  const THIRD = '3VWFE21C04M000001';

  async function write(name: string, vins: string[]): Promise<vscode.Uri> {
    const file = path.join(world.folder, name);
    const lines = vins.map((vin, i) => `${vin},owner${i},A,B`);
    await writeFile(file, ['vin,username,firstName,lastName', ...lines, ''].join('\n'));
    return vscode.Uri.file(file);
  }

  it('with a problem is refused before anything is done', async () => {
    await world.run('onboardFleet', await write('broken.cms-fleet.csv', [NEW, '3VWFE21C04M00000']));
    await person.told('broken.cms-fleet.csv has problems; they are listed in the Problems view');
    assert.deepEqual(
      (await world.spoken()).filter((row) => row.startsWith('Vehicle ')).map((row) => row.slice(8, 25)),
      [VIN, SECOND].sort(),
    );
  });

  it('is onboarded after the person agreed to its vehicles', async () => {
    const file = await write('two.cms-fleet.csv', [NEW, THIRD]);
    void world.run('onboardFleet', file);
    const { modal, detail } = await person.notice(
      'Onboard 2 vehicles onto cms-dev1 (Local Sandbox, account 123456789012)?',
    );
    assert.ok(modal);
    assert.equal(detail, `• ${NEW} (owner0)\n• ${THIRD} (owner1)`);
    await person.press('Onboard 2 vehicles', 'Onboard 2 Vehicles');
    assert.equal(
      await person.told('All 2 vehicles are onboarded'),
      'All 2 vehicles are onboarded: 2 created.',
    );
    await world.row(`Vehicle ${THIRD}`);
  });

  it('that is large names no limits and no prices of AWS where something else answers', async () => {
    const vins = Array.from({ length: 30 }, (_, i) => `LSH14J4C4LA0${50_000 + i}`);
    void world.run('onboardFleet', await write('large.cms-fleet.csv', vins));
    const { detail } = await person.notice('Onboard 30 vehicles onto cms-dev1');
    assert.match(detail, /\n…$/);
  });

  it('ends with what was created, found and failed, and goes on with those that are there', async () => {
    const file = path.join(world.folder, 'mixed.cms-fleet.csv');
    const rows = [`${VIN},`, `${NEW},`, `${THIRD},Acme Electronics`].map((row) => {
      const [vin, supplier] = row.split(',');
      return `${vin},${OWNER},Test,User,${supplier}`;
    });
    await writeFile(file, ['vin,username,firstName,lastName,supplier', ...rows, ''].join('\n'));
    void world.run('onboardFleet', vscode.Uri.file(file));
    await person.press('Onboard 3 vehicles', 'Onboard 3 Vehicles');
    const { message, buttons } = await person.notice('2 of 3 vehicles');
    assert.equal(message, '2 of 3 vehicles are onboarded: 1 created, 1 already there, 1 failed.');
    assert.deepEqual(buttons, ['Continue', 'Show Failed', 'Simulate Fleet', 'Watch']);
    await person.press('2 of 3 vehicles', 'Show Failed');
    const report = await reportOf('Vehicles that are not onboarded');
    assert.deepEqual(
      report.split('\n').flatMap((line) => /^\| (\d+) \| (\w{17}) \| \S.* \|$/.exec(line)?.slice(1) ?? []),
      ['4', THIRD],
    );
    await person.press('2 of 3 vehicles', 'Simulate Fleet');
    await person.pick('Route to drive', 'Atlanta');
    await person.row('Enter to start', 'Start: 2 vehicles');
  });

  it('proposes an owner of the file to sign in as, and takes no password that the user pool would refuse', async () => {
    await world.run('forgetPasswords');
    void world.run('onboardFleet', await write('first.cms-fleet.csv', [NEW]));
    const name = await person.question('User name in the user pool');
    assert.equal(name.value, 'owner0');
    name.accept();
    const password = await person.question('Password for the CMS user owner0, who will be created');
    await password.type('abc');
    assert.match(password.problem ?? '', /at least 8 characters/);
    await password.type(PASSWORD);
    password.accept();
    await person.press('Onboard 1 vehicle onto', 'Onboard 1 Vehicle');
    await person.told('The vehicle is onboarded.');
    await world.row(`Vehicle ${NEW}, Acme DN 2019, owner owner0`);
  });

  it('is read as it is on the disk, also when the editor still shows what it held before', async () => {
    const file = await write('replaced.cms-fleet.csv', [NEW, THIRD]);
    await vscode.workspace.openTextDocument(file);
    await write('replaced.cms-fleet.csv', [NEW]);
    void world.run('onboardFleet', file);
    await person.notice('Onboard 1 vehicle onto cms-dev1 (Local Sandbox, account 123456789012)?');
  });

  it('is read again before it goes on after Cancel; nothing is asked twice', async () => {
    const file = await write('again.cms-fleet.csv', [NEW]);
    void world.run('onboardFleet', file);
    await person.notice('Onboard 1 vehicle onto cms-dev1 (Local Sandbox, account 123456789012)?');
    await sandbox.fault('cognito-idp:InitiateAuth', { kind: 'hang' });
    await person.press(
      'Onboard 1 vehicle onto cms-dev1 (Local Sandbox, account 123456789012)?',
      'Onboard 1 Vehicle',
    );
    await sandbox.faulted();
    (await person.working(`Onboarding ${NEW}`)).cancel();
    await person.told(`Canceled: Onboarding ${NEW}`);
    await writeFile(file.fsPath, `vin,username,firstName,lastName\n${NEW},corrected,A,B\n`);
    await person.press('Canceled:', 'Continue');
    await person.told('The vehicle is onboarded.');
    await world.row(`Vehicle ${NEW}, Acme DN 2019, owner corrected`);
  });

  it('is picked from those of the workspace', async () => {
    await write('one.cms-fleet.csv', [NEW]);
    // The editor searches files with a program of its own, which sees them at once.
    void world.run('onboardFleet');
    await person.pick('one vehicle per line', 'one.cms-fleet.csv');
    await person.notice('Onboard 1 vehicle onto cms-dev1 (Local Sandbox, account 123456789012)?');
  });
});

describe('a sign-in', function () {
  const world = useWorld(this, 'fleet');
  const { person } = world;

  it('with a wrong password is refused, and nothing is saved', async () => {
    await world.run('forgetPasswords');
    assert.equal(await person.told('forgotten'), '1 saved sign-in forgotten.');
    void world.run('signIn', await world.row('Sign in to see the vehicles'));
    await person.answer('User name in the user pool', OWNER);
    await person.answer('Password; stored only in VS Code’s secret storage', 'Wrong-pass1!');
    assert.equal(
      await person.told('is wrong'),
      'The user name or the password is wrong. Check both, and try again.',
    );
    await world.row('Sign in to see the vehicles');
    const logs = await texts(path.resolve(process.env.CMS_STORAGE ?? '', '../../../logs'));
    assert.match(logs, /USERNAME_OR_PASSWORD_WRONG|SIGN_IN_FAILED|The user name or the password is wrong/);
    assert.ok(!logs.includes('Wrong-pass1!'));
    await person.press('is wrong', 'Try Again');
    await person.answer('User name in the user pool', OWNER);
    await person.answer('Password; stored only in VS Code’s secret storage', PASSWORD);
    await world.row(`Vehicle ${VIN}`);
  });

  it('that was forgotten cannot be forgotten again', async () => {
    await world.run('forgetPasswords');
    await world.run('forgetPasswords');
    await person.told('No sign-ins were saved.');
  });

  it('goes with everything else when the sandbox is reset, which is asked first', async () => {
    void world.run('resetSandbox');
    const question = await person.notice('Reset the local sandbox?');
    assert.match(question.detail, /Every vehicle, user, certificate and message/);
    await person.press('Reset the local sandbox?');
    await world.row(`Vehicle ${VIN}`);
    const reset = world.run('resetSandbox');
    await person.press('Reset the local sandbox?', 'Reset');
    await reset;
    await world.row('Sign in to see the vehicles');
    await until('no vehicle', async () => !(await world.spoken()).some((row) => row.startsWith('Vehicle ')));
  });
});

/** What stands in all logs of a folder. */
async function texts(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.log'));
  return (await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))).join('\n');
}
