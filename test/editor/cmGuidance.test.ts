import assert from 'node:assert/strict';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

const STACK = 'Stack cms-dev-ui, CM Guidance (SO9618)';
const VIN = 'LSH14J4C4LA081001';
const USER = 'fleet-manager@example.com';
const PASSWORD = 'Testing-1234';

describe('The Guidance in VS Code', function () {
  const world = useWorld(this, 'sandbox', ['cm-guidance:dev,change=present']);
  const { person } = world;
  const vehicle = () => world.row(`Vehicle ${VIN}`);

  it('onboards a vehicle, drives it, and has it carry out a command; the tree says what one may do', async () => {
    void world.run('onboardVehicle', await world.row(STACK));
    await person.answer('VIN: 17 characters', VIN);
    await person.answer('E-mail address of the user who signs in', USER);
    await person.answer('Password', PASSWORD);
    await person.answer('Name or id of the fleet');
    await person.pick('write into the table', 'yes');
    await person.pick('Review', 'Onboard');
    assert.match(await person.told(`${VIN} is onboarded`), /live/);
    await person.press(`${VIN} is onboarded`);
    await world.row('You are a platform-admin: you may work on all fleets.');

    void world.run('simulateDrive', await vehicle());
    await person.pick('Route to drive', 'Munich');
    await person.pick('Enter to start', 'Start');
    let said: string | undefined;
    await until(
      'a drive',
      async () => {
        said = (await world.spoken('simulations')).find((row) => row.startsWith(`Simulation ${VIN}`));
        return said?.includes(', running') === true && /[1-9]\d*\/\d+ points/.test(said);
      },
      { everyMs: 50, seen: () => said },
    );
    void world.run('sendCommand', await vehicle());
    await person.pick('Pick a command', 'lock_all_doors');
    await person.answer('Value for lock_all_doors', 'true');
    await person.pick('Account 123456789012', 'Send');
    assert.equal(await person.told('lock_all_doors'), `${VIN} carried out lock_all_doors.`);

    void world.run('sendCommand', await vehicle());
    await person.pick('Pick a command', 'set_cabin_temperature');
    await person.answer('Value for set_cabin_temperature', '21');
    await person.pick('Account 123456789012', 'Send');
    assert.match(await person.told('set_cabin_temperature'), /FAILED \(Unsupported command/);
  });
});
