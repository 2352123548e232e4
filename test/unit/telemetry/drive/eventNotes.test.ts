import assert from 'node:assert/strict';
import { english } from '../../../../src/core/wording.ts';
import { eventNotes } from '../../../../src/telemetry/drive/eventNotes.ts';
import type { Route, ScriptedEvent } from '../../../../src/telemetry/drive.ts';

/** So many kilometres to the north: a degree of latitude has 111.19 km here. */
const route = (kilometres: number): Route => ({
  name: `${kilometres} km`,
  points: [48, 48 + kilometres / 111.194].map((latitude) => ({ latitude, longitude: 11 })),
});
const code = (at: number): ScriptedEvent => ({ at, kind: 'dtc', code: 'P0217' });

const notesOn = (...about: Parameters<typeof eventNotes>) => eventNotes(...about).map(english);

describe('notes on events', () => {
  it('say which lie beyond the end of the route', () => {
    const notes = notesOn([code(1000), { at: 9000, kind: 'oil-temperature' }, code(3000)], [route(2)]);
    assert.equal(notes.length, 2);
    assert.match(notes[0]!, /^Hot oil at 9 km will not happen: the route ends at 2 km\.$/);
    assert.match(notes[1]!, /^P0217 at 3 km will not happen/);
  });

  it('say on how many of several routes an event happens', () => {
    const routes = [route(2), route(4), route(6)];
    assert.deepEqual(notesOn([{ at: 3000, kind: 'braking' }], routes), [
      'Hard braking at 3 km happens on 2 of 3 routes: the other one ends before.',
    ]);
    assert.match(notesOn([code(5000)], routes)[0]!, /happens on 1 of 3 routes: the others end before\.$/);
    assert.match(notesOn([code(7000)], routes)[0]!, /the longest route ends at 6 km/);
  });

  it('are none where everything happens, or nothing is to', () => {
    assert.deepEqual(notesOn([code(0), code(1999)], [route(2.01), route(3)]), []);
    assert.deepEqual(notesOn([], [route(2)]), []);
    assert.deepEqual(notesOn([code(1000)], []), []);
  });

  it('say what vehicles miss that start past it on a route they drive once', () => {
    assert.deepEqual(notesOn([code(1000), code(3000)], [route(2)], { spreadOnce: true }), [
      'P0217 at 1 km happens only for vehicles that start before it: they are spread out.',
      'P0217 at 3 km will not happen: the route ends at 2 km.',
    ]);
  });

  it('measure no more of a route than the events need', () => {
    let read = 0;
    const points = new Proxy(
      Array.from({ length: 10_000 }, (_, i) => ({ latitude: 40 + i / 1000, longitude: 11 })),
      {
        get(target, key) {
          if (typeof key === 'string' && /^\d+$/.test(key)) read++;
          return Reflect.get(target, key) as unknown;
        },
      },
    );
    assert.deepEqual(notesOn([code(1000)], [{ name: 'far', points }]), []);
    assert.ok(read < 50, `${read}`);
  });
});
