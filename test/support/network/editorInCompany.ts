// Runs inside the extension host of an editor in a network of its own, which test/ui/companyNetwork.test.ts starts.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { PASSWORD } from '../editor/fleetSnapshot.ts';
import { HostWorld } from '../editor/hostWorld.ts';
import { answerUpToReview } from '../editor/wizardSteps.ts';
import { until } from '../until.ts';

/** What the test outside says of this network. */
export interface Company {
  /** A proxy, and who may use it; HTTPS_PROXY names it for somebody else. */
  proxy: { url: string; user: string; password: string };
  /** The profile that has keys. */
  profile: string;
}

const { proxy, profile } = JSON.parse(process.env.CMS_COMPANY ?? '{}') as Company;

describe('an editor behind a proxy that wants a login', function () {
  this.timeout(90_000);
  const world = new HostWorld();
  const { person, folder } = world;
  const set = (name: string, value: unknown) =>
    vscode.workspace.getConfiguration('http').update(name, value, vscode.ConfigurationTarget.Global);

  before(async () => {
    await vscode.extensions.getExtension('cms-enablement.cms-enablement')?.activate();
  });
  beforeEach(() => person.arrive());
  afterEach(async () => {
    person.leave();
    person.arrive();
    await world.run('removeConnection', await world.row(`Connection ${profile}`));
    for (const name of ['proxy', 'proxyAuthorization']) await set(name, undefined);
    person.leave();
  });

  /** From nothing to a vehicle that CMS shows. */
  async function onboard(vin: string): Promise<void> {
    void world.run('addConnection');
    await person.pick('AWS profile', profile);
    await person.answer('AWS region');
    await person.told('Connected to account 123456789012');
    void world.run('onboardVehicle', await world.row('Stack cms-dev1'));
    await answerUpToReview(person, vin, PASSWORD);
    await person.pick('Review', 'Onboard');
    await person.told(`${vin} is onboarded onto cms-dev1`);
    assert.ok(existsSync(path.join(folder, 'certs', vin, 'production-private.pem.key')));
    await until('the row of the vehicle', async () =>
      (await world.spoken()).some((row) => row.startsWith(`Vehicle ${vin}`)),
    );
  }

  it('onboards a vehicle by the variable of its environment', () => onboard('5YJSA1E26HF000337'));

  it('onboards a vehicle by the settings of the editor', async () => {
    const { url, user, password } = proxy;
    await set('proxy', url);
    await set('proxyAuthorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
    await onboard('1M8GDM9AXKP042788');
  });
});
