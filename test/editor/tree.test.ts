import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CmsUser } from '../../src/cms/cdf/api.ts';
import { type Page } from '../../src/cms/contract/pages.ts';
import { l10n } from '../../src/core/message.ts';
import { CmsError } from '../../src/core/errors.ts';
import { SANDBOX_ID } from '../../src/editor/sandbox/sandboxController.ts';
import { ListNode } from '../../src/editor/tree/listNode.ts';
import { RowEvents } from '../../src/editor/tree/rowEvents.ts';
import type { TreeRow } from '../../src/editor/base/treeRow.ts';
import type { Arrangement } from '../../src/editor/vehicles/arrangement.ts';
import type { VehiclesNode } from '../../src/editor/vehicles/vehiclesNode.ts';
import { until } from '../support/until.ts';

import { labels, vehicle, vehiclesOf, world } from '../support/editor/treeWorld.ts';

describe('the tree of stacks', () => {
  it('asks for one page of ten thousand vehicles, and for the next only on demand', async () => {
    const { tree, asked } = world();
    const list = await vehiclesOf(tree);
    const first = await labels(tree, tree.row(list));
    assert.equal(first.length, 101);
    assert.equal(first.at(-1), 'Load more…');
    assert.deepEqual(asked, [undefined]);
    await tree.loadMore(list, new AbortController().signal);
    assert.equal((await labels(tree, tree.row(list))).length, 201);
    assert.deepEqual(asked, [undefined, '100']);
  });

  it('puts a vehicle found by its VIN on top, without reading pages on the way', async () => {
    const { tree, asked } = world();
    const list = await vehiclesOf(tree);
    const { node, children } = list.pin(vehicle(9_999), await tree.children(list));
    tree.replaceChildren(list, children);
    assert.equal((await labels(tree, tree.row(list)))[0], node.vin);
    assert.equal(asked.length, 1);
  });

  it('draws the vehicles once, and only those, whose files in the workspace changed', async () => {
    const { tree, certified } = world();
    const list = await vehiclesOf(tree);
    await labels(tree, tree.row(list));
    // The list says how many it has, once they are shown.
    await new Promise(setImmediate);
    const drawn: (string | undefined)[][] = [];
    tree.onDidChangeTreeData((rows) => drawn.push((rows ?? []).map(({ id }) => id.split('/').at(-1))));
    const [a, b] = [vehicle(3).vin, vehicle(7).vin];
    certified.add(a).add(b);
    tree.refreshLocal();
    const vehicles = () => drawn.filter((ids) => !ids.includes('provisioning'));
    await until('the redraw', () => vehicles().length > 0);
    await new Promise(setImmediate);
    assert.deepEqual(vehicles(), [[a, b]]);
  });

  it('drops a page that comes after the list was read anew', async () => {
    const { tree, holdPage } = world();
    const list = await vehiclesOf(tree);
    await labels(tree, tree.row(list));
    const release = holdPage();
    const late = tree.loadMore(list, new AbortController().signal);
    tree.refresh(list);
    await labels(tree, tree.row(list));
    release();
    await late;
    assert.equal((await labels(tree, tree.row(list))).length, 101);
  });

  it('leaves out people that a page repeats, because somebody came before them meanwhile', async () => {
    const user = (username: string): CmsUser => ({ username, firstName: 'A', lastName: 'B', email: '' });
    const pages: Page<CmsUser>[] = [
      { items: [user('a'), user('b')], next: '2' },
      { items: [user('b'), user('c')], next: undefined },
    ];
    const { tree, people } = world();
    people.users = ({ next }) => Promise.resolve(pages[next === undefined ? 0 : 1] ?? pages[0]!);
    const { parent: stack } = await vehiclesOf(tree);
    const owners = (await tree.children(stack!)).find((node) => node instanceof ListNode);
    assert.ok(owners);
    assert.deepEqual(await labels(tree, tree.row(owners)), ['a', 'b', 'Load more…']);
    await tree.loadMore(owners, new AbortController().signal);
    assert.deepEqual(await labels(tree, tree.row(owners)), ['a', 'b', 'c']);
  });

  it('looks for vehicles on the connection and stack that were meant, and reads no other account', async () => {
    const { tree, stacks, found, read } = world(['a@us-west-2', 'b@us-west-2']);
    stacks.push(found('cms-dev2', 'ready'));
    const ref = { connectionId: 'b@us-west-2', stack: 'cms-dev2' };
    const list = await tree.vehiclesOf(ref, new AbortController().signal);
    assert.deepEqual(list?.stackRef, ref);
    assert.deepEqual(read, ['b@us-west-2']);
  });

  it('finds no vehicles where there is no such stack', async () => {
    const { tree } = world();
    const ref = { connectionId: SANDBOX_ID, stack: 'gone' };
    assert.equal(await tree.vehiclesOf(ref, new AbortController().signal), undefined);
  });

  it('shows a failed read as a row with the reason and the remedy, and reads again afterwards', async () => {
    const { tree, problems } = world();
    problems.find = new CmsError('ACCESS_DENIED', l10n.verbatim('Not allowed to list stacks.'), {
      remedy: l10n.verbatim('Ask for it.'),
    });
    const [root] = await tree.getChildren();
    const [row] = await tree.getChildren(root);
    assert.ok(row);
    const item = tree.getTreeItem(row);
    assert.equal(item.label, 'Not allowed to list stacks.');
    assert.equal(item.accessibilityInformation?.label, 'Error: Not allowed to list stacks. Ask for it.');
    assert.equal(item.contextValue, 'error');
    assert.equal(item.command?.command, 'cmsEnablement.retry');
    delete problems.find;
    assert.deepEqual(await labels(tree, root), ['cms-dev1']);
  });

  it('shows stacks that cannot be used as what they are', async () => {
    const { tree, stacks, found } = world();
    stacks.push(found('cms-bad', 'failed'), found('cms-new', 'in-progress'), found('other', 'unsupported'));
    const [root] = await tree.getChildren();
    const rows = await tree.getChildren(root);
    const items = rows.map((row) => tree.getTreeItem(row));
    assert.deepEqual(
      items.map((item) => item.description),
      ['CMS v1 · ready', 'CMS v1 · failed', 'CMS v1 · in progress', 'CMS v1 · not supported yet'],
    );
    assert.deepEqual(
      items.slice(1).map((item) => item.collapsibleState),
      [0, 0, 0],
    );
  });

  it('gives the rows of the newest read, also to whoever asked before a refresh', async () => {
    const { tree, stacks, found, hold } = world();
    const [root] = await tree.getChildren();
    assert.ok(root);
    let release = (): void => undefined;
    hold(new Promise((resolve) => (release = resolve)));
    const early = labels(tree, root);
    tree.refresh(root.node);
    stacks.push(found('cms-dev2', 'ready'));
    hold(Promise.resolve());
    release();
    assert.deepEqual(await early, ['cms-dev1', 'cms-dev2']);
  });

  it('reads a row again that a feature says is out of date', async () => {
    const { tree, rows, stacks, found } = world();
    const [root] = await tree.getChildren();
    assert.deepEqual(await labels(tree, root), ['cms-dev1']);
    stacks.push(found('cms-dev2', 'ready'));
    assert.deepEqual(await labels(tree, root), ['cms-dev1']);
    rows.refresh(root?.node);
    assert.deepEqual(await labels(tree, root), ['cms-dev1', 'cms-dev2']);
  });

  it('says why nothing can be done with a stack that is not ready', async () => {
    const { tree, stacks, found } = world();
    stacks.push(found('cms-bad', 'failed'));
    const [root] = await tree.getChildren();
    const rows = await tree.getChildren(root);
    assert.deepEqual(
      rows.map(({ node }) => node.unusable),
      [undefined, 'cms-bad cannot be used: because'],
    );
  });

  it('keeps the object of a row over refreshes, with what was read last', async () => {
    const { tree } = world();
    const [before] = await tree.getChildren();
    const node = before?.node;
    tree.refresh();
    const [after] = await tree.getChildren();
    assert.equal(after, before);
    assert.notEqual(after?.node, node);
  });

  it('remembers which rows were opened and closed', async () => {
    const { tree, state } = world();
    const [root] = await tree.getChildren();
    assert.ok(root);
    assert.equal(tree.getTreeItem(root).collapsibleState, vscode.TreeItemCollapsibleState.Expanded);
    tree.expansion.keep(root.id, false);
    assert.equal(tree.getTreeItem(root).collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    assert.ok(JSON.stringify([...state.values]).includes('sandbox'));
  });
});

describe('the vehicles of a stack, arranged', () => {
  const { signal } = new AbortController();
  const nothing = (): void => undefined;

  async function arranged(shown: ReturnType<typeof world>, arrangement: Arrangement): Promise<VehiclesNode> {
    const list = await vehiclesOf(shown.tree);
    await shown.tree.children(list);
    await list.readFor(arrangement, signal, nothing);
    shown.arrangements.set(list.id, arrangement);
    await shown.tree.rearrange(list);
    return list;
  }

  it('say how many they are, as far as that is known', async () => {
    const { tree } = world();
    const list = await vehiclesOf(tree);
    assert.equal(list.item().description, undefined);
    await tree.children(list);
    assert.equal(list.item().description, '100+');
    await tree.loadMore(list, signal);
    assert.equal(list.item().description, '200+');
  });

  it('are filtered: all ten thousand are read once, and those that fit come a page at a time', async () => {
    const shown = world();
    const { tree, asked } = shown;
    const list = await arranged(shown, { filter: { property: 'owner', value: 'owner3' } });
    assert.equal(asked.length, 1 + 100);
    // 3, 10, … 9,999: one in seven.
    assert.equal(list.item().description, '1,429 of 10,000 · Owner: owner3');
    const first = await labels(tree, tree.row(list));
    assert.equal(first.length, 101);
    assert.deepEqual(first.slice(0, 2), [vehicle(3).vin, vehicle(10).vin]);
    await tree.loadMore(list, signal);
    assert.equal((await labels(tree, tree.row(list))).length, 201);
    assert.equal(asked.length, 1 + 100);
  });

  it('are found by any part of what is known, tags of the workspace, too', async () => {
    const shown = world();
    const { vin } = vehicle(4_711);
    shown.certified.add(vin);
    const list = await arranged(shown, { filter: { text: 'TAG 4711' } });
    assert.deepEqual(await labels(shown.tree, shown.tree.row(list)), [vin]);
  });

  it('are grouped; a group says how many it holds, and shows them a page at a time', async () => {
    const shown = world();
    const { tree, asked } = shown;
    const list = await arranged(shown, { group: 'owner', sort: 'vin' });
    const groups = await tree.getChildren(tree.row(list));
    assert.deepEqual(
      groups.map((group) => tree.getTreeItem(group)).map(({ label, description }) => [label, description]),
      [0, 1, 2, 3, 4, 5, 6].map((i) => [`owner${i}`, i < 4 ? '1,429' : '1,428']),
    );
    const [, second] = groups;
    assert.equal(tree.getTreeItem(second!).accessibilityInformation?.label, 'owner1, 1429 vehicles');
    const rows = await tree.getChildren(second);
    assert.equal(rows.length, 101);
    assert.equal(rows[0]?.node.vehicle?.vin, vehicle(1).vin);
    assert.equal(tree.getParent(rows[0]), second);
    // Its vehicles come from the list.
    tree.refresh(second?.node);
    await labels(tree, tree.row(list));
    assert.equal(asked.length, 1 + 100 + 100);
  });

  it('stay as they are when the reading is canceled', async () => {
    const { tree, arrangements } = world();
    const list = await vehiclesOf(tree);
    const before = await labels(tree, tree.row(list));
    const abort = new AbortController();
    const reading = list.readFor({ group: 'owner' }, abort.signal, () => abort.abort());
    await assert.rejects(reading, { code: 'CANCELLED' });
    assert.equal(arrangements.size, 0);
    assert.deepEqual(await labels(tree, tree.row(list)), before);
  });

  it('are read again by a refresh, and arranged as before', async () => {
    const shown = world();
    const { tree, rows, asked } = shown;
    const list = await arranged(shown, { filter: { text: vehicle(9_998).vin } });
    rows.refresh(list.parent);
    const now = await vehiclesOf(tree);
    assert.deepEqual(await labels(tree, tree.row(now)), [vehicle(9_998).vin]);
    assert.equal(asked.length, 1 + 100 + 100);
  });

  it('that do not fit say so, and how to see all', async () => {
    const shown = world();
    const list = await arranged(shown, { filter: { text: 'nobody has this' } });
    assert.deepEqual(await labels(shown.tree, shown.tree.row(list)), ['No matching vehicles. Show all…']);
    assert.equal(list.item().description, '0 of 10,000 · “nobody has this”');
  });

  it('have a vehicle on top that was found, though the filter leaves it out', async () => {
    const shown = world();
    const { tree } = shown;
    const list = await arranged(shown, { filter: { property: 'owner', value: 'owner3' } });
    const { children } = list.pin(vehicle(1), await tree.children(list));
    tree.replaceChildren(list, children);
    assert.deepEqual((await labels(tree, tree.row(list))).slice(0, 2), [vehicle(1).vin, vehicle(3).vin]);
  });

  it('grouped by state move when their state does', async () => {
    const shown = world();
    const { tree, driven } = shown;
    const groups = async (list: VehiclesNode) =>
      (await tree.getChildren(tree.row(list)))
        .map((group) => tree.getTreeItem(group))
        .map(({ label, description }) => [label, description]);
    const list = await arranged(shown, { group: 'state' });
    assert.deepEqual(await groups(list), [['registered', '10,000']]);
    assert.deepEqual(tree.outdatedLists, []);
    driven.add(vehicle(5).vin);
    assert.deepEqual(tree.outdatedLists, [list]);
    await tree.rearrange(list);
    assert.deepEqual(await groups(list), [
      ['registered', '9,999'],
      ['simulating', '1'],
    ]);
    assert.deepEqual(tree.outdatedLists, []);
  });
});

describe('telling the editor what to read again', () => {
  const row = (id: string): TreeRow => ({ id, node: undefined }) as unknown as TreeRow;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  function listen(events: RowEvents): string[] {
    const fired: string[] = [];
    events.event((rows) => fired.push(rows === undefined ? 'all' : rows.map(({ id }) => id).join(',')));
    return fired;
  }

  it('waits while the row, or one below it, is being read', async () => {
    const events = new RowEvents();
    const fired = listen(events);
    let done = (): void => undefined;
    const reading = events.reading(row('a/b'), () => new Promise<void>((resolve) => (done = resolve)));
    events.changed([row('a'), row('a/b'), row('a/c'), row('ab')]);
    assert.deepEqual(fired, ['a/c,ab']);
    done();
    await reading;
    await turn();
    await turn();
    assert.deepEqual(fired, ['a/c,ab', 'a,a/b']);
  });

  it('tells about everything at once, whatever is being read', () => {
    const events = new RowEvents();
    const fired = listen(events);
    void events.reading(row('a'), () => new Promise(() => undefined));
    events.changed([row('a')]);
    events.allChanged();
    assert.deepEqual(fired, ['all']);
  });

  it('tells again after a read that failed', async () => {
    const events = new RowEvents();
    const fired = listen(events);
    const reading = events.reading(row('a'), () => Promise.reject(new Error('no')));
    events.changed([row('a')]);
    await assert.rejects(reading);
    await turn();
    await turn();
    assert.deepEqual(fired, ['a']);
  });
});
