import assert from 'node:assert/strict';
import { createApi } from '../../src/cms/cmGuidance/api.ts';
import { createNamedLists } from '../../src/cms/cmGuidance/namedLists.ts';
import type { Sources } from '../../src/cms/cmGuidance/sources.ts';
import { createVehicles } from '../../src/cms/cmGuidance/vehicles.ts';
import { IAM } from '../../src/cms/contract/credentials.ts';
import type { Rest } from '../../src/cms/kit/rest.ts';
import { l10n } from '../../src/core/message.ts';
import type { Node } from '../../src/editor/base/node.ts';
import { ListNode } from '../../src/editor/tree/listNode.ts';
import type { StacksTree } from '../../src/editor/tree/stacksTree.ts';
import type { LiveVehicle } from '../../src/cms/contract/vehicles.ts';
import { VehicleFolderNode } from '../../src/editor/vehicles/vehicleFolderNode.ts';
import { VehicleNode } from '../../src/editor/vehicles/vehicleNode.ts';
import { FLEET as ALL, labels, vehiclesOf, world } from '../support/editor/treeWorld.ts';
import { until } from '../support/until.ts';

const { signal } = new AbortController();
const FLEET = 'FLEET-1789999000';
const NOBODY = { claims: () => Promise.reject(new Error('Nobody was to ask who it is.')) };
/** Every hundredth vehicle is in no fleet. */
const rows = Array.from({ length: ALL }, (_, i) => ({
  vehicleId: `VEH-${1_790_000_000 + i}`,
  vin: `LSH14J4C4LA${String(i).padStart(6, '0')}`,
  ...{ make: 'Acme', model: 'One', year: 2025, fleetId: i % 100 === 7 ? '' : FLEET },
  connectionStatus: i === 0 ? 'connected' : 'disconnected',
}));

/** The API of the guidance with ten thousand vehicles, which never says that there is another page. */
function guidance({ fleets = true, vehicles = rows } = {}) {
  const asked: string[] = [];
  const answer = (path: string, query: Readonly<Record<string, string>>): object => {
    if (path === '/api/v1/fleets') return { fleets: fleets ? [{ fleetId: FLEET, name: 'Vans' }] : [] };
    if (path !== '/api/v1/vehicles') throw new Error(`Nobody was to ask for ${path}.`);
    const { limit = '25', page = '1', fleetId, search } = query;
    asked.push(`${fleetId ?? search ?? 'all'} ${page}/${limit}`);
    const fitting = vehicles.filter(
      (each) =>
        (fleetId === undefined || each.fleetId === fleetId) &&
        (search === undefined || each.vin.includes(search)),
    );
    const from = (Number(page) - 1) * Number(limit);
    return {
      vehicles: fitting.slice(from, from + Number(limit)),
      ...{ total: fitting.length, page: Number(page), limit: Number(limit), hasNextPage: false },
      totalPages: Math.ceil(fitting.length / Number(limit)),
    };
  };
  const rest: Rest = {
    service: l10n.verbatim('the API'),
    send({ path, query = {} }) {
      const one = /^\/api\/v1\/vehicles\/(VEH-\d+)$/.exec(path)?.[1];
      const vehicle = vehicles.find(({ vehicleId }) => vehicleId === one);
      if (one !== undefined && vehicle === undefined)
        return Promise.resolve({ status: 404, ok: false, json: { error: 'x' }, text: '', uncertain: false });
      const json = vehicle === undefined ? answer(path, query) : { vehicle };
      return Promise.resolve({ status: 200, ok: true, json, text: '', uncertain: false });
    },
  };
  return { api: createApi(rest, undefined), asked };
}

/** The tree of a stack with these fleets, and the row of the list. */
async function fleetsOf(cms: ReturnType<typeof guidance>, seen: ReadonlySet<string> = new Set()) {
  const { tree, deployment } = world();
  Object.assign(deployment, {
    lists: createNamedLists(cms.api, NOBODY, IAM as never),
    vehicles: {
      ...deployment.vehicles,
      live: ({ id, vin }: { id: string; vin: string }): Promise<LiveVehicle | undefined> =>
        Promise.resolve(
          seen.has(id)
            ? { vin, make: '', model: '', modelYear: 0, position: undefined, troubleCodes: [], devices: [] }
            : undefined,
        ),
    },
  });
  const { parent: stack } = await vehiclesOf(tree);
  const list = (await tree.children(stack!)).find((node) => node instanceof ListNode);
  assert.ok(list);
  return { tree, list, stack: stack! };
}

async function folder(tree: StacksTree, list: Node, at: number): Promise<VehicleFolderNode> {
  const node = (await tree.children(list)).filter((each) => each instanceof VehicleFolderNode)[at];
  assert.ok(node);
  return node;
}

describe('the fleets of a stack', () => {
  it('hold their vehicles a page at a time, by the numbers of pages, and the vehicles in no fleet stand last', async () => {
    const cms = guidance();
    const { tree, list } = await fleetsOf(cms);
    assert.deepEqual(await labels(tree, tree.row(list)), [FLEET, 'Vehicles in no fleet']);
    assert.equal(list.item().description, '1');
    const vans = await folder(tree, list, 0);
    assert.deepEqual(cms.asked, []);
    assert.equal((await labels(tree, tree.row(vans))).length, 101);
    await tree.loadMore(vans, signal);
    assert.equal((await labels(tree, tree.row(vans))).length, 201);
    assert.deepEqual(cms.asked, [`${FLEET} 1/100`, `${FLEET} 2/100`]);
    assert.equal(vans.item().description, 'Vans · 200+');
  });

  it('come to their end, with every vehicle once', async () => {
    const { tree, list } = await fleetsOf(guidance({ vehicles: rows.slice(0, 300) }));
    const vans = await folder(tree, list, 0);
    await tree.children(vans);
    for (let page = 1; page < 3; page++) await tree.loadMore(vans, signal);
    const shown = await labels(tree, tree.row(vans));
    assert.equal(shown.includes('Load more…'), false);
    assert.equal(new Set(shown).size, 297);
  });

  it('leave no vehicle out: those in no fleet are looked for in all pages', async () => {
    const cms = guidance();
    const { tree, list } = await fleetsOf(cms);
    const alone = await folder(tree, list, 1);
    const shown = await labels(tree, tree.row(alone));
    assert.equal(shown.length, 100);
    assert.ok(shown.every((vin) => vin.endsWith('07')));
    assert.deepEqual(
      cms.asked,
      Array.from({ length: 10 }, (_, i) => `all ${i + 1}/1000`),
    );
  });

  it('show more vehicles in no fleet where one page of the API has more than a page of rows', async () => {
    const cms = guidance({ vehicles: rows.slice(0, 1010).map((each) => ({ ...each, fleetId: '' })) });
    const { tree, list } = await fleetsOf(cms);
    const alone = await folder(tree, list, 1);
    await tree.children(alone);
    for (let page = 1; page < 11; page++) await tree.loadMore(alone, signal);
    const shown = await labels(tree, tree.row(alone));
    assert.equal(new Set(shown).size, 1010);
    assert.equal(shown.includes('Load more…'), false);
  });

  it('that are none leave the vehicles in no fleet to be seen', async () => {
    const { tree, list } = await fleetsOf(guidance({ fleets: false }));
    assert.deepEqual(await labels(tree, tree.row(list)), ['No fleets yet', 'Vehicles in no fleet']);
    assert.equal(list.item().description, undefined);
  });

  it('say of their vehicles what the list says, and what the CMS shows of them once it was asked', async () => {
    const seen = rows[1]!.vehicleId;
    const { tree, list } = await fleetsOf(guidance(), new Set([seen]));
    const vans = await folder(tree, list, 0);
    const [first, second, third] = (await tree.children(vans)).filter((node) => node instanceof VehicleNode);
    assert.ok(first && second && third);
    assert.match(String(first.item().description), /^connected, FLEET/);
    await until('the live state', () => !String(second.item().description).includes('not connected'));
    assert.match(String(third.item().description), /^not connected/);
  });

  it('are read again when a vehicle of theirs is gone, and so is the list of all vehicles', async () => {
    const { tree, list, stack } = await fleetsOf(guidance());
    const vans = await folder(tree, list, 0);
    const [vehicle] = await tree.children(vans);
    assert.equal(vehicle?.stackRow, stack);
    tree.refresh(vehicle.stackRow);
    assert.equal(tree.loaded(vans), undefined);
    assert.equal(tree.loaded(stack), undefined);
  });
});

describe('a vehicle of the guidance among ten thousand', () => {
  const find = (name: string) => {
    const cms = guidance();
    const sources = { api: cms.api } as unknown as Sources;
    const vehicles = createVehicles(sources, IAM as never);
    return { found: vehicles.find(name, signal), asked: cms.asked };
  };
  const last = rows.at(-1)!;

  it('is found by its id without a list', async () => {
    const { found, asked } = find(last.vehicleId);
    assert.equal((await found)?.vin, last.vin);
    assert.deepEqual(asked, []);
  });

  it('is found by its VIN in one page', async () => {
    const { found, asked } = find(last.vin);
    assert.equal((await found)?.id, last.vehicleId);
    assert.deepEqual(asked, [`${last.vin} 1/100`]);
  });

  it('that there is none of is not found by part of a VIN', async () => {
    assert.equal(await find(last.vin.slice(0, 16)).found, undefined);
  });
});
