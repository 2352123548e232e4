import assert from 'node:assert/strict';
import {
  arrange,
  type Arrangement,
  countsOf,
  needsStates,
  type VehicleFacts,
} from '../../../../src/editor/vehicles/arrangement.ts';

function car(vin: string, facts: Partial<VehicleFacts> = {}): VehicleFacts {
  return { vin, id: vin, owners: [], model: 'Acme DN 2019', state: 'live', tags: [], ...facts };
}

const CARS = [
  car('V10', { owners: ['ann'], tags: ['demo', 'night'] }),
  car('V2', { owners: ['bob', 'ann'], model: 'Zeta 3 2020', state: 'registered' }),
  car('V1', { id: 'car-77', model: 'acme XL 2021' }),
];

function shown(arrangement: Arrangement): string[] {
  return arrange(CARS, (each) => each, arrangement).vehicles.map(({ vin }) => vin);
}

function groups(arrangement: Arrangement): string[] | undefined {
  return arrange(CARS, (each) => each, arrangement).groups?.map(
    ({ value, vehicles }) => `${value}: ${vehicles.map(({ vin }) => vin).join(' ')}`,
  );
}

describe('Arranging vehicles', () => {
  for (const [text, expected] of [
    ['v1', ['V10', 'V1']],
    ['77', ['V1']],
    ['ANN', ['V10', 'V2']],
    ['acme', ['V10', 'V1']],
    ['night', ['V10']],
    ['ann  zeta', ['V2']],
    ['live', []],
  ] as const) {
    it(`finds those that have “${text}” in VIN, id, owner, model or tag`, () => {
      assert.deepEqual(shown({ filter: { text } }), expected);
    });
  }

  it('takes a value of a property as a whole', () => {
    assert.deepEqual(shown({ filter: { property: 'owner', value: 'ann' } }), ['V10', 'V2']);
    assert.deepEqual(shown({ filter: { property: 'owner', value: 'an' } }), []);
    assert.deepEqual(shown({ filter: { property: 'state', value: 'registered' } }), ['V2']);
  });

  it('sorts numbers by their size, and what has no value last', () => {
    assert.deepEqual(shown({ sort: 'vin' }), ['V1', 'V2', 'V10']);
    assert.deepEqual(shown({ sort: 'owner' }), ['V2', 'V10', 'V1']);
    assert.deepEqual(shown({ sort: 'tag' }), ['V10', 'V1', 'V2']);
    assert.deepEqual(shown({}), ['V10', 'V2', 'V1']);
  });

  it('puts a vehicle into the group of each of its values', () => {
    assert.deepEqual(groups({ group: 'owner' }), ['ann: V10 V2', 'bob: V2', ': V1']);
    assert.deepEqual(groups({ group: 'tag', sort: 'vin' }), ['demo: V10', 'night: V10', ': V1 V2']);
    assert.deepEqual(groups({ group: 'model', filter: { text: 'acme' } }), [
      'Acme DN 2019: V10',
      'acme XL 2021: V1',
    ]);
    assert.equal(groups({ sort: 'vin' }), undefined);
  });

  it('counts the values of a property', () => {
    assert.deepEqual([...countsOf(CARS, 'owner')], [['ann', 2], ['bob', 1]]); // prettier-ignore
  });

  it('says whether the states have to be known', () => {
    for (const arrangement of [
      { group: 'state' },
      { sort: 'state' },
      { filter: { property: 'state', value: 'live' } },
    ] as const)
      assert.ok(needsStates(arrangement));
    assert.ok(!needsStates({ group: 'owner', sort: 'vin', filter: { text: 'state' } }));
  });
});
