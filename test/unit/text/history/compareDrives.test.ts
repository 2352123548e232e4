import assert from 'node:assert/strict';
import { english } from '../../../../src/core/wording.ts';
import type { DriveFigures } from '../../../../src/text/driveSummary.ts';
import { compareDrives } from '../../../../src/text/history/compareDrives.ts';

const figures = (more: Partial<DriveFigures>): DriveFigures => ({
  ...{ vehicles: 1, metres: 6000, seconds: 300, averageSpeed: 20, topSpeed: 30, fuel: 0.7, charge: 0 },
  ...{ acknowledged: 300, lost: 0, resent: 0, reconnects: 0, omitted: 0, troubleCodes: [] },
  ...more,
});

describe('Two drives compared', () => {
  it('say by how much the first one has more or less', () => {
    const rows = compareDrives(
      figures({ metres: 7500, seconds: 420, topSpeed: 25, fuel: 0, charge: 0.25, troubleCodes: ['P0217'] }),
      figures({}),
    );
    const said = Object.fromEntries(
      rows.map(({ label, these, others, change }) => [english(label), [these, others, change]]),
    );
    assert.deepEqual(said.Distance, ['7.5 km', '6.0 km', '+1.5 km']);
    assert.deepEqual(said['Driving time'], ['7 min 0 s', '5 min 0 s', '+2 min 0 s']);
    assert.deepEqual(said['Top speed'], ['90 km/h', '108 km/h', '−18 km/h']);
    assert.deepEqual(said['Average speed'], ['72 km/h', '72 km/h', '']);
    assert.deepEqual(said.Fuel, ['–', '0.7 L', '']);
    assert.deepEqual(said.Battery, ['25 %', '–', '']);
    assert.deepEqual(said['Trouble codes'], ['P0217', '–', '']);
  });
});
