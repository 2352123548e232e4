import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { SECOND } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { strangers } from '../support/strangers.ts';
import { until } from '../support/until.ts';

const PASSPHRASE = 'Kq7-factory-gate';
const [ALLOWED, STRANGER] = ['1FAHP2E80DG000077', '1FAHP2E80DG000088'] as const;

describe('vehicles of an own CA are let in', function () {
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
    for (const name of ['factory.csv', 'certs/manifest.csv', `certs/${ALLOWED}`, `certs/${STRANGER}`]) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  });

  it('by a person who watches: the list’s vehicle comes in, another is revoked, and the end says how many', async () => {
    await writeFile(path.join(folder, 'factory.csv'), `vin\n${ALLOWED}\n${STRANGER}\n`);
    await writeFile(list, `vin\n${ALLOWED}\n`);
    void world.run('issueCertificates');
    await person.pick('CSV or JSON with one vehicle', 'factory.csv');
    await person.pick('Check this before it is done', 'Issue 2 certificates');
    await person.press('Certificates: 2 made, 0 found, 0 failed.');

    person.opens.push(vscode.Uri.file(list));
    void world.run('watchRegistrations', await world.row('jitr · expires '));
    await person.pick('What happens to certificates that are not on the list?', 'Revoke them');
    const { modal, detail } = await person.notice('Revoke the certificates of all vehicles that are not');
    assert.ok(modal);
    assert.match(detail, /^Account 123456789012, us-west-2, cms-dev1\nThe list allows 1 vehicle\./);
    await person.press('Revoke the certificates of all vehicles', 'Watch and Revoke');
    const watch = await person.working('0 let in, 0 not');

    const ready = await world.sandbox.ready();
    const they = strangers({ ...ready, ready }, folder);
    const pairOf = (vin: string) => ({
      crt: `certs/${vin}/production-certificate.pem.crt`,
      key: `certs/${vin}/production-private.pem.key`,
    });
    const shown = (words: RegExp): Promise<string> =>
      until(`the newcomer, ${String(words)}`, () => watch.messages.find((each) => words.test(each)), {
        seen: () => watch.messages,
      });
    assert.equal(await they.send(pairOf(ALLOWED), ALLOWED), false, 'the first connect is closed');
    await shown(new RegExp(`^${ALLOWED} is let in with certificate [0-9a-f]{64}\\. 1 let in, 0 not`));
    await they.sendAgain(pairOf(ALLOWED), ALLOWED);
    assert.equal(await they.send(pairOf(STRANGER), STRANGER), false);
    const refused = await shown(/is revoked: 1FAHP2E80DG000088 is not in the list\. 1 let in, 1 not/);
    const [certificateId = ''] = /[0-9a-f]{64}/.exec(refused) ?? [];
    const found = await they.aws('iot', 'describe-certificate', '--certificate-id', certificateId);
    assert.equal((found.certificateDescription as { status: string }).status, 'REVOKED');

    watch.cancel();
    await person.told('The watch has ended: 1 let in, 1 not.');
  });

  async function setUp(target: object): Promise<void> {
    person.opens.push(vscode.Uri.file(list));
    void world.run('setUpRegistrationFunction', target);
    await person.pick('What happens to certificates that are not on the list?', 'Leave them pending');
  }

  it('by a function that is set up from its row, which says what it does, and removed', async () => {
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

  it('by a function whose review is a command line, and nothing is deployed when the person leaves', async () => {
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

  it('by no function, when there is none to remove: that is said', async () => {
    void world.run('removeRegistrationFunction', await world.row('jitr · expires '));
    await person.told(/^CA \w+ has no registration function here\.$/);
    assert.equal(person.isTold('Remove the registration function'), false);
  });
});
