import assert from 'node:assert/strict';
import { countedFleet } from '../support/cmsOnAwsFleet.ts';
import { FLEET, labels, vehiclesOf, world } from '../support/editor/treeWorld.ts';

const { signal } = new AbortController();

describe('the vehicles of a CMS on AWS with ten thousand', () => {
  /** The tree of its stack, and the row of the list. */
  async function listed() {
    const { tree, deployment } = world();
    const fleet = countedFleet(FLEET);
    Object.assign(deployment, { vehicles: fleet.vehicles });
    return { tree, fleet, list: await vehiclesOf(tree) };
  }

  it('are rows of a page at a time, and no more of them is read', async () => {
    const { tree, fleet, list } = await listed();
    const first = await labels(tree, tree.row(list));
    assert.deepEqual([first.length, first.at(-1)], [101, 'Load more…']);
    assert.deepEqual(fleet.calls(), { Scan: 1, Query: 100 });
    await tree.loadMore(list, signal);
    const both = await labels(tree, tree.row(list));
    assert.deepEqual([new Set(both).size, both.at(-1)], [201, 'Load more…']);
    assert.deepEqual(fleet.calls(), { Scan: 1, Query: 100 });
  });

  it('include one that is found by its VIN and stands on top, without the pages before it', async () => {
    const { tree, fleet, list } = await listed();
    const first = await tree.children(list);
    fleet.calls();
    const found = await fleet.vehicles.find(fleet.vins.at(-2) ?? '', signal);
    assert.ok(found);
    tree.replaceChildren(list, list.pin(found, first).children);
    assert.equal((await labels(tree, tree.row(list)))[0], fleet.vins.at(-2));
    assert.deepEqual(fleet.calls(), { GetItem: 1, Query: 1 });
  });
});
