import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { PASSWORD, VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { answerUpToReview } from '../support/editor/wizardSteps.ts';
import { until } from '../support/until.ts';

const COPY = 'Copy as CLI Command';

/** The last line; those before it lead to the sandbox. */
async function copied(begin: string): Promise<string> {
  const line = async () => (await vscode.env.clipboard.readText()).split('\n').at(-1) ?? '';
  return until('the command', async () => {
    const text = await line();
    return text.includes(begin) ? text : undefined;
  });
}

describe('Copy as CLI Command', function () {
  const world = useWorld(this, 'fleet');
  const { person } = world;
  beforeEach(() => vscode.env.clipboard.writeText(''));

  it('copies what the wizard is about to do, without the password, and leaves the review open', async () => {
    await world.run('forgetPasswords');
    void world.run('onboardVehicle');
    await answerUpToReview(person, '5YJSA1E26HF000337', PASSWORD);
    await person.pick('Review', COPY);
    const line = await copied('cms-enablement onboard');
    assert.match(line, /--vin 5YJSA1E26HF000337 .*--stack cms-dev1 --certs /);
    const all = await vscode.env.clipboard.readText();
    assert.ok(!all.includes(PASSWORD));
    assert.match(all, /AWS_ENDPOINT_URL/);
    assert.ok((await person.row('Review', 'Onboard')).label.includes('Onboard'));
  });

  it('copies an offboarding from its dialog, which stays', async () => {
    const vehicle = await world.row(`Vehicle ${VIN}`);
    void world.run('offboardVehicle', vehicle);
    await person.press(`Offboard ${VIN} from`, COPY);
    assert.match(
      await copied('cms-enablement offboard'),
      new RegExp(`--vin ${VIN} --username \\w+ --stack cms-dev1`),
    );
    await person.notice(`Offboard ${VIN} from`);
  });
});
