import assert from 'node:assert/strict';
import { lengthOf } from '../../../src/webview/map/geometry.ts';
import { RouteDraft } from '../../../src/webview/route/draft.ts';

describe('a route that is drawn', () => {
  const xs = (draft: RouteDraft): number[] => draft.points.map(([x]) => x);

  it('grows at its end, or after the selected point', () => {
    const draft = new RouteDraft();
    for (const x of [1, 2, 4]) draft.add([x, 0]);
    draft.select(1);
    draft.add([3, 0]);
    assert.deepEqual(xs(draft), [1, 2, 3, 4]);
    assert.equal(draft.selected, 2);
  });

  it('loses the selected point, or the last one', () => {
    const draft = new RouteDraft([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    draft.select(0);
    draft.remove();
    assert.deepEqual(xs(draft), [2, 3]);
    draft.select(undefined);
    draft.remove();
    draft.remove();
    draft.remove();
    assert.deepEqual(xs(draft), []);
  });

  it('takes back every kind of change, in order, and then nothing more', () => {
    const draft = new RouteDraft([[1, 0]]);
    draft.add([2, 0]);
    draft.move(0, [9, 0]);
    draft.insert(1, [5, 0]);
    draft.select(2);
    draft.remove();
    const seen = [xs(draft)];
    while (draft.canUndo) {
      draft.undo();
      seen.push(xs(draft));
    }
    assert.deepEqual(seen, [[9, 5], [9, 5, 2], [9, 2], [1, 2], [1]]);
    draft.undo();
    assert.deepEqual(xs(draft), [1]);
  });

  it('has a length: a degree of a meridian is a 360th of the way around the Earth', () => {
    // 2π · 6371.0088 km / 360
    assert.ok(
      Math.abs(
        lengthOf([
          [10, 0],
          [10, 1],
        ]) - 111_195.08,
      ) < 0.1,
    );
    // At 60° north a degree of longitude is half as long; across the 180th meridian, too.
    assert.ok(
      Math.abs(
        lengthOf([
          [179.5, 60],
          [-179.5, 60],
        ]) - 55_597,
      ) < 20,
    );
    assert.equal(lengthOf([[10, 0]]), 0);
  });
});
