import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DescribeThingCommand, ListThingGroupsForThingCommand } from '@aws-sdk/client-iot';
import { openCmsOnAws, type CmsOnAwsBench } from '../support/cmsOnAws.ts';
import { healthy } from '../support/cmsOnAwsHealth.ts';
import { dieAtCall, dieAtStep, dieInClaim, isChange, nameOf } from '../support/killing.ts';

const GROUP = 'cms-enablement-telemetry-cms';
/** Runs at the same time. */
const LANES = 2;

/** In the order in which a first vehicle causes them: whatever one run has made for all vehicles the next one finds. */
const CHANGES_OF_ONBOARD = [
  'iot:CreatePolicy',
  'iot:CreateThingGroup',
  'iot:AttachPolicy',
  'iot:AddThingToThingGroup',
  'dynamodb:PutItem',
  'iot:CreateProvisioningClaim',
];
const STEPS_OF_ONBOARD = [
  'authorize',
  'certificate',
  'hello',
  'telemetry-access',
  'check-access',
  'first-telemetry',
  'stored',
];
const CHANGES_OF_OFFBOARD = [
  'dynamodb:DeleteItem',
  'dynamodb:UpdateItem',
  'iot:RemoveThingFromThingGroup',
  'iot:UpdateCertificate',
  'iot:DetachPolicy',
  'iot:DetachThingPrincipal',
  'iot:DeleteCertificate',
  'iot:DeleteThing',
];

describe('Work for CMS on AWS that is killed', function () {
  this.timeout(600_000);
  let bench: CmsOnAwsBench;
  before(async () => {
    bench = await openCmsOnAws(78_000);
  });
  after(() => bench.close());

  const onboardArgs = (vin: string): string[] => ['onboard', '--vin', vin, '--telemetry-access', 'group'];
  const offboardArgs = (vin: string): string[] => ['offboard', '--vin', vin, '--yes'];
  /** Onboards all of them, or goes on with those that were begun. */
  async function onboardAll(vins: readonly string[]): Promise<void> {
    const file = path.join(bench.folder, 'fleet.csv');
    await writeFile(file, ['vin,telemetryAccess', ...vins.map((vin) => `${vin},group`), ''].join('\n'));
    await bench.run(['onboard', '--fleet', file]);
    for (const vin of vins) {
      await healthy(bench, vin, 'onboarded as one of a fleet');
      const { thingGroups = [] } = await bench.iot.send(
        new ListThingGroupsForThingCommand({ thingName: `Vehicle_${vin}` }),
      );
      assert.deepEqual(
        thingGroups.map(({ groupName }) => groupName),
        [GROUP],
        vin,
      );
      assert.equal((await bench.authorization(vin))?.allow_provisioning?.BOOL, true, vin);
    }
  }
  /** Nothing is left of a vehicle but the rows that say so. */
  async function gone(vin: string, about: string): Promise<void> {
    assert.ok(
      (await bench.rows(vin)).every(([, status]) => status === 'DELETED'),
      about,
    );
    for (const [certificateId] of await bench.rows(vin))
      assert.equal(await bench.statusOf(certificateId), undefined, about);
    assert.equal(await bench.authorization(vin), undefined, about);
    const thing = bench.iot.send(new DescribeThingCommand({ thingName: `Vehicle_${vin}` }));
    await assert.rejects(thing, { name: 'ResourceNotFoundException' }, about);
    assert.ok(!existsSync(path.join(bench.folder, 'certs', vin)), about);
  }
  async function each<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
    const left = [...all.entries()];
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next[1], next[0]);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
  /** Kills one run for each vehicle after it changed something, and finds every kind of change among those named. */
  async function dieAfterEach(
    changes: readonly string[],
    vins: readonly string[],
    args: (vin: string) => string[],
    then: (vin: string, change: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const seen = new Set<string>();
    await each(changes, async (change, index) => {
      const vin = vins[index] ?? '';
      const isPoint = (operation: string): boolean => {
        if (isChange(operation)) seen.add(nameOf(operation));
        return nameOf(operation) === change;
      };
      const where = await dieAtCall(bench, args(vin), { when: 'after', isPoint });
      assert.notEqual(where, undefined, `${change} never came`);
      await then(vin, change);
    });
    assert.deepEqual([...seen].sort(), [...changes].sort());
  }

  it('an onboarding: after any change in AWS, at any step and in its claim, it is continued by the next one', async () => {
    const vins = CHANGES_OF_ONBOARD.map(() => bench.newVin());
    await dieAfterEach(CHANGES_OF_ONBOARD, vins, onboardArgs);
    await each(STEPS_OF_ONBOARD, async (step) => {
      const vin = bench.newVin();
      vins.push(vin);
      await dieAtStep(bench, onboardArgs(vin), step);
    });
    for (const [step, kind] of [
      ['create', 'swallow'],
      ['save', 'hang'],
      ['provision', 'hang'],
      ['provision', 'swallow'],
    ] as const) {
      const vin = bench.newVin();
      vins.push(vin);
      await dieInClaim(bench, onboardArgs(vin), { vin, step, kind });
    }
    await onboardAll(vins);
  });

  it('an offboarding: after any change in AWS it is continued by the next one, and nothing blocks the VIN', async () => {
    const vins = [...CHANGES_OF_OFFBOARD, 'files'].map(() => bench.newVin());
    await onboardAll(vins);
    const again = async (vin: string, where: string): Promise<void> => {
      await bench.run(offboardArgs(vin));
      await gone(vin, `killed at ${where}`);
    };
    await dieAfterEach(CHANGES_OF_OFFBOARD, vins, offboardArgs, again);
    const last = vins.at(-1) ?? '';
    await dieAtStep(bench, offboardArgs(last), 'files');
    await again(last, 'files');
    await onboardAll(vins);
  });
});
