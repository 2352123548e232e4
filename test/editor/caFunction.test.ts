import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { SECOND } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

const PASSPHRASE = 'Kq7-factory-gate';

describe('the function that lets vehicles of an own CA in', function () {
  const world = useWorld(this, 'fleet');
  const { person, folder } = world;
  const list = path.join(folder, 'allow.csv');

  beforeEach('registers a CA for jitr', async () => {
    await writeFile(list, `vin\n${SECOND}\n`);
    void world.run('createCa');
    await person.answer('Name of the CA', 'Acme Vehicle CA');
    await person.answer('New passphrase for the key of the CA', PASSPHRASE);
    await person.answer('Type the passphrase again', PASSPHRASE);
    await person.press('The CA is in', 'Register It…');
    await person.pick('How are this CA’s vehicles let in?', 'You let its vehicles in');
    await person.press('Register the CA', 'Register');
    await person.press('The CA is registered.');
  });
  afterEach(async () => {
    await rm(path.join(folder, 'ca'), { recursive: true, force: true });
    await rm(list, { force: true });
  });

  async function setUp(target: object): Promise<void> {
    person.opens.push(vscode.Uri.file(list));
    void world.run('setUpRegistrationFunction', target);
    await person.pick('What happens to certificates that are not on the list?', 'Leave them pending');
  }

  it('is set up from its row, which says what it does, and removed', async () => {
    await setUp(await world.row('Registration function, none'));
    const { modal, detail } = await person.notice('Deploy a registration function for CA');
    assert.ok(modal);
    assert.match(
      detail,
      /^Account 123456789012, us-west-2, cms-dev1\n• the stack cms-enablement-registrations-/,
    );
    assert.match(detail, /It lets in 1 vehicle; the certificates of all others are left pending\./);
    await person.press('Deploy a registration function for CA', 'Deploy');
    await person.told(/^Stack cms-enablement-registrations-\w+ is deployed\. The list: 1 added/);
    const there = await world.row('Registration function, lets in 1 vehicle');

    void world.run('removeRegistrationFunction', there);
    const asked = await person.notice('Remove the registration function cms-enablement-registrations-');
    assert.ok(asked.modal);
    assert.match(
      asked.detail,
      /^Account 123456789012, us-west-2, cms-dev1\nTo remove: .*its list of 1 vehicle\.\n/,
    );
    await person.press('Remove the registration function', 'Remove');
    await person.told(/^The registration function of CA \w+ is removed\.$/);
    await world.row('Registration function, none');
  });

  it('is a command line in its review, and nothing is deployed when the person leaves', async () => {
    await setUp(await world.row('jitr · expires '));
    await person.press('Deploy a registration function for CA', 'Copy as CLI Command');
    const copied = await until('the command', async () => {
      const text = await vscode.env.clipboard.readText();
      return text.includes('ca function setup') ? text : undefined;
    });
    assert.match(copied, /ca function setup --id [0-9a-f]{64} --allow \S+allow\.csv --stack cms-dev1$/);
    await person.press('Deploy a registration function for CA');
    await world.row('Registration function, none');
  });

  it('is said to be missing when there is none to remove', async () => {
    void world.run('removeRegistrationFunction', await world.row('jitr · expires '));
    await person.told(/^CA \w+ has no registration function here\.$/);
    assert.equal(person.isTold('Remove the registration function'), false);
  });
});
