import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { useWorld } from '../support/editor/hostWorld.ts';
import type { Received } from '../support/simulated.ts';
import { until } from '../support/until.ts';

const QUESTION = 'Onboard and drive a sample vehicle?';

describe('who only wants to try it', function () {
  const world = useWorld(this, 'sandbox');
  const { person, folder, sandbox } = world;
  const vehicles = (): Promise<string[]> =>
    readdir(path.join(folder, 'certs')).then(
      (names) => names.filter((name) => /^[A-HJ-NPR-Z0-9]{17}$/.test(name)),
      () => [],
    );

  it('answers one question, and a vehicle with its own certificate drives', async () => {
    const trying = world.run('tryIt');
    await person.press(QUESTION, 'Try It');
    await trying;
    const [vin = '', ...others] = await vehicles();
    assert.deepEqual(others, []);
    await world.row(`Vehicle ${vin}`);
    await world.simulation(`Simulation ${vin}`);
    // The first position is sent by the onboarding.
    const accepted = await until('messages of the vehicle', async () => {
      const { totals } = (await sandbox.messages(vin)) as Received;
      return totals.accepted > 2 ? totals.accepted : undefined;
    });
    assert.ok(accepted > 2);
    // Its owner is signed in, with a password that nobody had to type.
    assert.ok((await world.spoken()).some((row) => row.includes(vin) && /sampleUser\d{4}/.test(row)));
  });

  it('gets another vehicle of the same owner the second time', async () => {
    for (let count = 1; count <= 2; count++) {
      const trying = world.run('tryIt');
      await person.press(QUESTION, 'Try It');
      await trying;
    }
    assert.equal((await vehicles()).length, 2);
    const owners = (await world.spoken()).flatMap((row) => /owner (sampleUser\d{4})/.exec(row)?.[1] ?? []);
    assert.equal(new Set(owners).size, 1, owners.join());
  });

  it('and says no leaves everything as it was', async () => {
    const trying = world.run('tryIt');
    await person.press(QUESTION);
    await trying;
    assert.deepEqual(await vehicles(), []);
  });
});
