import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { DescribeThingGroupCommand, IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { authorizeAll, enterSimulator, SIMULATOR_USER, tablesOf } from '../support/cmsOnAws.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { Maps } from '../support/editor/openMaps.ts';
import { writtenTo } from '../support/editor/person.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const STACK = 'Stack cms-app--cms-config, CMS on AWS (SO0241)';
const VINS = ['LSH14J4C4LA080001', 'LSH14J4C4LA080002', 'LSH14J4C4LA080003'] as const;
const [VIN] = VINS;

describe('CMS on AWS in VS Code', function () {
  const world = useWorld(this, 'sandbox', ['cms-on-aws:cms,post-delay-ms=20']);
  const { person, folder } = world;

  async function options() {
    const endpoint = await world.sandbox.endpoint();
    return { endpoint, region: 'us-west-2', credentials: testCredentials };
  }
  const vehicle = (vin: string) => world.row(`Vehicle ${vin}`);
  describe('hands vehicles over to the simulator of the solution', () => {
    beforeEach(async () => {
      const given = await options();
      const { authorized } = await tablesOf('cms', given);
      await authorizeAll(VINS, authorized, given);
      await enterSimulator('cms', given);
      await world.run('refresh');
    });
    const said = () => world.spoken('simulations');
    const running = (title: string) => world.simulation(`Simulation in the cloud, ${title}, running`);
    /** Begins, answers everything and agrees. @returns what the question says */
    async function simulate(rows: readonly object[], duration: string, interval: string): Promise<string> {
      void world.run('simulateInCloud', rows[0], rows);
      await person.answer('How long each vehicle sends', duration);
      await person.answer('Seconds between two messages', interval);
      const { detail, modal } = await person.notice('Let the CMS simulator send telemetry');
      assert.ok(modal);
      await person.press('Let the CMS simulator send telemetry', 'Copy as CLI Command');
      const copied = `--duration ${duration}`;
      await until('the command', async () => {
        const text = await vscode.env.clipboard.readText();
        return text.includes('cms-enablement simulate-in-cloud') && text.includes(copied);
      });
      await person.press('Let the CMS simulator send telemetry', 'Start');
      await person.answer('E-mail address of a user', SIMULATOR_USER.username);
      await person.answer('Password; stored only', SIMULATOR_USER.password);
      return detail;
    }
    /** Things that the simulator made of our vehicles. */
    async function things(): Promise<string[]> {
      const { things: found = [] } = await new IoTClient(await options()).send(new ListThingsCommand({}));
      return found.flatMap(({ thingName = '' }) =>
        thingName.startsWith(VIN.slice(0, -1)) ? [thingName] : [],
      );
    }
    /** Runs that somebody has to end, each with its vehicles. */
    async function noted(): Promise<string[][]> {
      const at = path.join(folder, 'certs/.cloud-runs');
      const names = await readdir(at).catch(() => []);
      const texts = await Promise.all(names.map((name) => readFile(path.join(at, name), 'utf8')));
      return texts.map((text) => (JSON.parse(text) as { run: { vins: string[] } }).run.vins);
    }

    it('says before what is not tested, shows how a run gets on, and at its end what arrived', async () => {
      const detail = await simulate([await vehicle(VIN)], '4', '2');
      assert.match(
        detail,
        /random values without positions.*certificates and policies of your vehicles, and TLS, are not tested/,
      );
      await running(VIN);
      assert.deepEqual([await things(), (await noted()).flat()], [[`${VIN}-0`], [VIN]]);
      assert.equal(
        await person.told('has ended'),
        `${VIN}: the simulation in the cloud has ended. The CMS has telemetry of 1 of 1 vehicle.`,
      );
      assert.deepEqual(await said(), [`Simulation in the cloud, ${VIN}, ended, telemetry of 1 of 1`]);
      assert.deepEqual([await things(), await noted()], [[], []]);
    });

    it('splits vehicles by its limits, and its row stops all of them', async () => {
      const rows = await Promise.all(VINS.map(vehicle));
      // So many messages that a run of the simulator takes one vehicle.
      await simulate(rows, '2000', '1');
      const row = await running('3 vehicles in the cloud');
      await until('a thing of each vehicle', async () => (await things()).length === VINS.length);
      const runs = await noted();
      assert.deepEqual([runs.length, runs.flat().sort()], [3, [...VINS]]);
      void world.run('stopCloudRun', row, [row]);
      assert.equal(
        await person.told('was stopped'),
        '3 vehicles in the cloud: the simulation in the cloud was stopped.',
      );
      assert.deepEqual(await said(), ['Simulation in the cloud, 3 vehicles in the cloud, stopped']);
      assert.deepEqual([await things(), await noted()], [[], []]);
    });

    it('starts nothing that no run of it can do, and says what would work', async () => {
      await simulate([await vehicle(VIN)], '9000', '1');
      const { message } = await person.notice('A vehicle would send 9001 messages');
      assert.match(message, /Send every 4 seconds/);
      assert.deepEqual(await said(), [`Simulation in the cloud, ${VIN}, failed`]);
      assert.deepEqual([await things(), await noted()], [[], []]);
    });

    it('starts nothing when the question is left', async () => {
      const row = await vehicle(VIN);
      const asked = world.run('simulateInCloud', row, [row]);
      const duration = await person.question('How long each vehicle sends');
      await duration.type('half an hour');
      assert.equal(duration.problem, 'A whole number of seconds');
      await person.answer('How long each vehicle sends', '60');
      await person.answer('Seconds between two messages', '5');
      const { detail } = await person.notice('Let the CMS simulator send telemetry');
      assert.match(detail, /^Account 123456789012, us-west-2, /);
      await person.press('Let the CMS simulator send telemetry');
      await asked;
      assert.deepEqual([await said(), await noted()], [[], []]);
      assert.ok(!person.isAsked('E-mail address of a user'));
    });
  });

  it('shows alerts on the map of the fleet and in the output, as they come', async () => {
    const maps = new Maps();
    try {
      void world.run('watchFleet', await world.row(STACK));
      const map = await maps.next();
      await until('a connection', () => map.run?.state === 'running');
      let count = 0;
      await until(
        'the alert on the map',
        async () => {
          // What came before the first look is no news, and nothing says when that was.
          await world.sandbox.publish(
            `cms/notification/${VIN}`,
            JSON.stringify({ vin: VIN, message: `brakes are hot (${++count})` }),
          );
          return map.run?.note?.startsWith(`Alert of ${VIN}: brakes are hot`);
        },
        { everyMs: 500, withinMs: 45_000, seen: () => map.run },
      );
      const lines = writtenTo('Connected Mobility Telemetry').filter((text) => text.includes(VIN));
      assert.match(
        lines[0] ?? '',
        /^\d{4}-\d\d-\d\dT[\d:.]+Z LSH14J4C4LA080001 alert: brakes are hot \(\d+\)\n$/,
      );
    } finally {
      maps.leave();
    }
  });

  describe('asks for the right to send telemetry', () => {
    const RIGHT = 'Give this one the right?';
    const group = async () => {
      try {
        const thingGroupName = 'cms-enablement-telemetry-cms';
        await new IoTClient(await options()).send(new DescribeThingGroupCommand({ thingGroupName }));
        return 'there';
      } catch (error) {
        return (error as Error).name;
      }
    };

    it('once: a “no” is kept to, said, and may be changed for the next vehicle', async () => {
      void world.run('onboardVehicle', await world.row(STACK));
      await person.answer('VIN: 17 characters', VIN);
      await person.pick(RIGHT, 'no: leave the policies as they are');
      await person.pick('Review', 'Onboard');
      const { message, severity } = await person.notice(`${VIN} is onboarded`);
      assert.match(message, /The policies of \w+ do not let it send what CMS stores/);
      assert.equal(severity, 'warning');
      await person.press(`${VIN} is onboarded`);
      assert.equal(await group(), 'ResourceNotFoundException');

      void world.run('onboardVehicle', await world.row(STACK));
      await person.answer('VIN: 17 characters', VINS[1]);
      const kept = await person.row('Review', 'Right to send telemetry');
      assert.equal(kept.description, 'no: leave the policies as they are');
      await person.pick('Review', 'Right to send telemetry');
      await person.pick('Right to send telemetry', 'by a thing group');
      await person.pick('Review', 'Onboard');
      assert.match(await person.told(`${VINS[1]} is onboarded`), /and live as Acme DN\.$/);
      assert.equal(await group(), 'there');
    });
  });
});
