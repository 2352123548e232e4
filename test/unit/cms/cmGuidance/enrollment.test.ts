import assert from 'node:assert/strict';
import { enrollmentCheck } from '../../../../src/cms/cmGuidance/enrollmentCheck.ts';
import { vehicleSteps, type VehicleInput } from '../../../../src/cms/cmGuidance/onboarding/steps.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import type { CheckInput } from '../../../../src/cms/contract/checks.ts';
import { CmsError } from '../../../../src/core/errors.ts';
import { l10n, type Message } from '../../../../src/core/message.ts';
import { systemClock, type Work } from '../../../../src/core/work.ts';
import { english } from '../../../../src/core/wording.ts';

const vehicle = { id: 'VEH-1', vin: 'LSH14J4C4LA046511', thingName: 'LSH14J4C4LA046511' };
const work: Work = {
  ...{ signal: new AbortController().signal, clock: systemClock, random: Math.random },
  progress: () => undefined,
};

/** A CMS with one vehicle, in the fleets of its enrollments and of its row. Without `tables` IAM lets nobody read them. */
function cmsWith({ enrolled, row, tables = true }: { enrolled: string[]; row: string; tables?: boolean }) {
  const fleets = new Set(enrolled);
  const now = { row, fleets };
  const readable = <T>(value: T): Promise<T> =>
    tables ? Promise.resolve(value) : Promise.reject(new CmsError('ACCESS_DENIED', l10n.verbatim('No.')));
  const sources = {
    store: {
      fleetsOf: () => readable([...fleets]),
      vehicle: () => readable({ fleetId: now.row }),
      enroll: (_id: string, fleet: string) => {
        fleets.add(fleet);
        now.row = fleet;
        return Promise.resolve();
      },
      unenroll: (_id: string, fleet: string) => Promise.resolve(fleets.delete(fleet)),
    },
    api: {
      vehicle: () => Promise.resolve({ vehicle: { vehicleId: 'VEH-1', fleetId: now.row } }),
      moveVehicle: (_id: string, fleet: string) => {
        fleets.clear();
        fleets.add(fleet);
        now.row = fleet;
        return Promise.resolve();
      },
    },
  } as unknown as Sources;
  return { sources, now };
}

async function enroll(cms: ReturnType<typeof cmsWith>, fleetId: string) {
  const warnings: Message[] = [];
  const input = {
    request: { enrollment: 'api' },
    sources: cms.sources,
    kit: { warn: (message: Message) => warnings.push(message) },
  };
  const { outcome } = await vehicleSteps.enroll.run(
    { ...(input as unknown as VehicleInput), vehicle, fleetId },
    work,
  );
  return { outcome, warnings: warnings.map(english).join() };
}

describe('The enrollment of a vehicle of the guidance', () => {
  it('is refused, with the present fleet by name, for one that is in another', async () => {
    for (const tables of [true, false]) {
      const cms = cmsWith({ enrolled: ['FLEET-1'], row: 'FLEET-1', tables });
      await assert.rejects(
        enroll(cms, 'FLEET-2'),
        (error: CmsError) => error.code === 'REQUEST_INVALID' && error.message.includes('FLEET-1'),
      );
      assert.deepEqual([cms.now.row, [...cms.now.fleets]], ['FLEET-1', ['FLEET-1']]);
    }
  });

  it('is found in the wanted fleet, and changes nothing then', async () => {
    const cms = cmsWith({ enrolled: ['FLEET-1', 'FLEET-2'], row: 'FLEET-1' });
    assert.deepEqual(await enroll(cms, 'FLEET-1'), { outcome: 'found', warnings: '' });
    assert.deepEqual([...cms.now.fleets], ['FLEET-1', 'FLEET-2']);
  });

  it('is made for one that was created for the fleet', async () => {
    const cms = cmsWith({ enrolled: [], row: 'FLEET-1' });
    assert.deepEqual(await enroll(cms, 'FLEET-1'), { outcome: 'created', warnings: '' });
    assert.deepEqual([...cms.now.fleets], ['FLEET-1']);
  });

  it('says where one was listed that was enrolled nowhere', async () => {
    const cms = cmsWith({ enrolled: [], row: 'FLEET-1' });
    const { outcome, warnings } = await enroll(cms, 'FLEET-2');
    assert.equal(outcome, 'created');
    assert.match(warnings, /was listed in the fleet FLEET-1/);
  });

  it('is mended by the doctor in the fleet of the row, after every fleet that the vehicle leaves was named', async () => {
    const cms = cmsWith({ enrolled: ['FLEET-1', 'FLEET-2', 'FLEET-3'], row: 'FLEET-1' });
    const input = { vehicle } as unknown as CheckInput;
    const { finding } = (await enrollmentCheck(cms.sources).run(input, work))!;
    const { fix } = finding;
    assert.ok(fix && ['FLEET-1', 'FLEET-2', 'FLEET-3'].every((id) => english(fix.title).includes(id)));
    await fix.run(work);
    assert.deepEqual([...cms.now.fleets], ['FLEET-1']);
  });
});
