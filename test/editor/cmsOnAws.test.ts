import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeThingGroupCommand, IoTClient } from '@aws-sdk/client-iot';
import { tablesOf } from '../support/cmsOnAws.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { Maps } from '../support/editor/openMaps.ts';
import { writtenTo } from '../support/editor/person.ts';
import { testCredentials } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const STACK = 'Stack cms-app--cms-config, CMS on AWS (SO0241)';
const VINS = ['LSH14J4C4LA080001', 'LSH14J4C4LA080002', 'LSH14J4C4LA080003'] as const;
const [VIN] = VINS;
/** Of BatchWriteItem. */
const MOST_PUTS = 25;

describe('CMS on AWS in VS Code', function () {
  const world = useWorld(this, 'sandbox', ['cms-on-aws:cms,post-delay-ms=20']);
  const { person, folder } = world;

  async function options() {
    const endpoint = await world.sandbox.endpoint();
    return { endpoint, region: 'us-west-2', credentials: testCredentials };
  }
  const vehicle = (vin: string) => world.row(`Vehicle ${vin}`);
  /** Enters vehicles into the list of those that CMS lets in. */
  async function authorize(vins: readonly string[]): Promise<void> {
    const given = await options();
    const { authorized } = await tablesOf('cms', given);
    const client = new DynamoDBClient(given);
    const described = { make: { S: 'Acme' }, model: { S: 'DN' }, year: { S: '2019' } };
    const rows = vins.map((vin) => ({
      PutRequest: { Item: { vin: { S: vin }, ...described, allow_provisioning: { BOOL: true } } },
    }));
    for (let at = 0; at < rows.length; at += MOST_PUTS) {
      const RequestItems = { [authorized]: rows.slice(at, at + MOST_PUTS) };
      await client.send(new BatchWriteItemCommand({ RequestItems }));
    }
  }

  describe('hands vehicles over to the simulator of the solution', () => {
    beforeEach(async () => {
      await authorize(VINS);
      await world.run('refresh');
    });
    const said = () => world.spoken('simulations');
    /** Runs that somebody has to end, each with its vehicles. */
    async function noted(): Promise<string[][]> {
      const at = path.join(folder, 'certs/.cloud-runs');
      const names = await readdir(at).catch(() => []);
      const texts = await Promise.all(names.map((name) => readFile(path.join(at, name), 'utf8')));
      return texts.map((text) => (JSON.parse(text) as { run: { vins: string[] } }).run.vins);
    }

    it('starts nothing when the question is left', async () => {
      const row = await vehicle(VIN);
      const asked = world.run('simulateInCloud', row, [row]);
      const duration = await person.question('How long each vehicle sends');
      await duration.type('half an hour');
      assert.equal(duration.problem, 'A whole number of seconds');
      await person.answer('How long each vehicle sends', '60');
      await person.answer('Seconds between two messages', '5');
      await person.press('Have the simulator of the CMS send');
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
      const lines = writtenTo('CMS Telemetry').filter((text) => text.includes(VIN));
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
