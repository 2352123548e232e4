import assert from 'node:assert/strict';
import { createRoutePoints } from '../../../../src/sandbox/installations/cdf/fleet/routePoints.ts';
import { createMemoryStore } from '../../../support/sandboxContext.ts';

describe('the positions kept for routes', () => {
  const point = (at: number) => ({ at, longitude: at, latitude: at });

  it('are bounded in all: the trip begun first is forgotten first', () => {
    const points = createRoutePoints(createMemoryStore(), 5);
    for (const at of [1, 2, 3]) points.add('V', 'first', point(at));
    for (const at of [4, 5, 6]) points.add('V', 'second', point(at));
    assert.equal(points.between('V', 'first', 0, 10).length, 0);
    assert.deepEqual(
      points.between('V', 'second', 5, 6).map(({ at }) => at),
      [5, 6],
    );
  });

  it('never forget the only trip there is', () => {
    const points = createRoutePoints(createMemoryStore(), 2);
    for (const at of [1, 2, 3]) points.add('V', 'only', point(at));
    assert.equal(points.between('V', 'only', 0, 10).length, 3);
  });
});
