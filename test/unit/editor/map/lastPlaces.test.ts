import assert from 'node:assert/strict';
import { LastPlaces, withOurTimes } from '../../../../src/editor/map/lastPlaces.ts';

const REF = { connectionId: 'sandbox', stack: 'cms-dev1' };

/** What the editor keeps for a workspace. */
function memento() {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, otherwise?: T) => (values.get(key) ?? otherwise) as T,
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
  };
}

const place = (time: number, latitude = 48.1) => ({
  ...{ longitude: 11.5, latitude, heading: 90, time },
  ...{ speed: 10, odometer: 1, fuel: 2 },
});

describe('The last places of vehicles', () => {
  it('are kept by stack, the latest of each vehicle', async () => {
    const memory = memento();
    const places = new LastPlaces(memory);
    await places.keep(REF, [{ id: 'thing-a', vin: 'A', place: place(1000) }]);
    await places.keep(REF, [
      { id: 'thing-a', vin: 'A', place: place(2000, 48.2) },
      { id: 'thing-b', vin: 'B', place: place(500) },
      { id: 'thing-c', vin: 'C' },
    ]);
    const later = new LastPlaces(memory);
    assert.deepEqual(later.of(REF), [
      { id: 'thing-a', vin: 'A', at: 2000, place: { longitude: 11.5, latitude: 48.2, heading: 90 } },
      { id: 'thing-b', vin: 'B', at: 500, place: { longitude: 11.5, latitude: 48.1, heading: 90 } },
    ]);
    assert.deepEqual(later.of({ ...REF, stack: 'another' }), []);
  });

  it('do not become younger by being looked at', async () => {
    const places = new LastPlaces(memento());
    await places.keep(REF, [{ id: 'a', vin: 'A', place: place(1000) }]);
    await places.keep(REF, [{ id: 'a', vin: 'A', place: place(9000), earlier: {} }]);
    assert.equal(places.of(REF)[0]?.at, 1000);
  });

  it('are read from whatever was kept', () => {
    const memory = memento();
    void memory.update('lastPlaces:sandbox/cms-dev1', [{ id: 7 }]);
    assert.deepEqual(new LastPlaces(memory).of(REF), []);
  });

  it('of the CMS have our time where both mean one place, and none otherwise', () => {
    const at = (id: string, latitude: number, time?: number) => ({
      ...{ id, vin: id, at: time },
      place: { longitude: 11.5, latitude, heading: 0 },
    });
    assert.deepEqual(
      withOurTimes(
        [at('a', 48.1), at('b', 48.2), at('c', 48.3)],
        [at('a', 48.1001, 7), at('b', 48.9, 8)],
      ).map((each) => each.at),
      [7, undefined, undefined],
    );
  });
});
