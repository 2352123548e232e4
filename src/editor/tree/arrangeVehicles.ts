import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { sayPlural } from '../base/say.ts';
import { notify, pickOne } from '../base/shown.ts';
import type { Tasks } from '../base/tasks.ts';
import type { TreeRow } from '../base/treeRow.ts';
import type { Targets } from '../stacks/targets.ts';
import {
  type Arrangement,
  countsOf,
  type Filter,
  needsStates,
  type Property,
  type VehicleFacts,
} from '../vehicles/arrangement.ts';
import { filterWords, propertyWords } from '../vehicles/arrangementWords.ts';
import { VehiclesNode } from '../vehicles/vehiclesNode.ts';
import type { StacksTree } from './stacksTree.ts';

interface Sources {
  targets: Targets;
  rows: RowChanges;
  arrangements: Map<string, Arrangement>;
}

const PROPERTIES: readonly Property[] = ['owner', 'model', 'state', 'tag'];

/** Filters, groups and sorts the vehicles of a stack. All are read first, which can be canceled. */
export function registerArrangements(
  tasks: Tasks,
  { tree, view }: { tree: StacksTree; view: vscode.TreeView<TreeRow> },
  { targets, rows, arrangements }: Sources,
): vscode.Disposable {
  const listOf = async (target: unknown): Promise<VehiclesNode | undefined> => {
    const ref = await targets.signedInStack(target);
    if (ref === undefined) return undefined;
    const title = vscode.l10n.t('Checking {0}', ref.stack);
    const looked = await tasks.run({ title, quiet: true }, async ({ signal }) => ({
      list: await tree.vehiclesOf(ref, signal),
    }));
    if (looked === undefined) return undefined;
    if (looked.list === undefined) void notify.info(vscode.l10n.t('{0} has no list of vehicles.', ref.stack));
    return looked.list;
  };

  const read = (list: VehiclesNode, wanted: Arrangement): Promise<VehicleFacts[] | undefined> => {
    const title = vscode.l10n.t('Reading the vehicles of {0}', list.stackRef?.stack ?? '');
    // A state takes a call or two for each vehicle.
    return tasks.run({ title, quiet: !needsStates(wanted) }, async ({ signal, progress }) => {
      const all = await list.readFor(wanted, signal, (message) =>
        progress({ step: 'vehicles', level: 'info', message }),
      );
      return all.map(({ facts }) => facts);
    });
  };

  const show = async (list: VehiclesNode, wanted: Arrangement): Promise<void> => {
    if ((await read(list, wanted)) === undefined) {
      list.settle();
      return;
    }
    arrangements.set(list.id, wanted);
    await tree.rearrange(list);
    if (view.visible) await view.reveal(tree.row(list), { select: false, focus: false, expand: true });
  };

  const showAll = (list: VehiclesNode): void => {
    arrangements.delete(list.id);
    rows.refresh(list);
  };

  /** Without what is undefined; without anything, it is the plain list. */
  const change = async (
    list: VehiclesNode,
    changes: { [K in keyof Arrangement]: Arrangement[K] | undefined },
  ) => {
    const { filter, group, sort } = { ...list.arrangement, ...changes };
    const wanted: Arrangement = {
      ...(filter === undefined ? {} : { filter }),
      ...(group === undefined ? {} : { group }),
      ...(sort === undefined ? {} : { sort }),
    };
    if (Object.keys(wanted).length === 0) showAll(list);
    else await show(list, wanted);
  };

  return vscode.Disposable.from(
    registerCommand(tasks, 'filterVehicles', async ({ target }) => {
      const list = await listOf(target);
      const all = list && (await read(list, {}));
      if (list === undefined || all === undefined) return;
      const picked = await pickFilter(all, list, () => read(list, { group: 'state' }));
      if (picked === undefined) list.settle();
      else await change(list, { filter: picked === 'all' ? undefined : picked });
    }),
    registerCommand(tasks, 'groupVehicles', async ({ target }) => {
      const list = await listOf(target);
      if (list === undefined) return;
      const picked = await pickOne(
        [
          { label: vscode.l10n.t('No Groups'), group: undefined },
          ...propertiesOf(list).map((group) => ({ label: propertyWords(group), group })),
        ],
        {
          title: vscode.l10n.t('Group Vehicles'),
          placeHolder: vscode.l10n.t('What vehicles are grouped by'),
        },
      );
      if (picked !== undefined) await change(list, { group: picked.group });
    }),
    registerCommand(tasks, 'sortVehicles', async ({ target }) => {
      const list = await listOf(target);
      if (list === undefined) return;
      const picked = await pickOne(
        [
          { label: vscode.l10n.t('As CMS Lists Them'), sort: undefined },
          { label: vscode.l10n.t('VIN'), sort: 'vin' as const },
          ...propertiesOf(list).map((sort) => ({ label: propertyWords(sort), sort })),
        ],
        { title: vscode.l10n.t('Sort Vehicles'), placeHolder: vscode.l10n.t('What vehicles are sorted by') },
      );
      if (picked !== undefined) await change(list, { sort: picked.sort });
    }),
    registerCommand(tasks, 'showAllVehicles', async ({ target }) => {
      const list = target instanceof VehiclesNode ? target : await listOf(target);
      if (list !== undefined) showAll(list);
    }),
  );
}

function propertiesOf(list: VehiclesNode): Property[] {
  return PROPERTIES.filter((property) => property !== 'owner' || list.hasOwners);
}

/** A value that vehicles have, or any text. States are offered once they are asked for: they have to be read. */
async function pickFilter(
  all: readonly VehicleFacts[],
  list: VehiclesNode,
  readStates: () => Promise<VehicleFacts[] | undefined>,
): Promise<Filter | 'all' | undefined> {
  const { arrangement } = list;
  const states = vscode.l10n.t('State…');
  const everything = vscode.l10n.t('Show All Vehicles');
  const filters = new Map<string, Filter>();
  const offer = (facts: readonly VehicleFacts[], property: Property): vscode.QuickPickItem[] =>
    [...countsOf(facts, property)].map(([value, count]) => {
      const filter = { property, value };
      const label = filterWords(filter);
      filters.set(label, filter);
      const words = sayPlural(count, l10n.t('1 vehicle'), l10n.t('{count} vehicles', { count }));
      return { label, description: words };
    });
  const words = {
    title: vscode.l10n.t('Filter Vehicles'),
    placeholder: vscode.l10n.t('Any part of a VIN, id, owner, model or tag'),
  };
  const typing = { typedLabel: (typed: string) => vscode.l10n.t('Vehicles with “{0}”', typed) };
  const picked = await pickOrType(
    words,
    () => [
      [
        ...(arrangement?.filter === undefined ? [] : [{ label: everything }]),
        { label: states, description: vscode.l10n.t('asks the cloud about each vehicle') },
        ...(list.hasOwners ? offer(all, 'owner') : []),
        ...offer(all, 'model'),
        ...offer(all, 'tag'),
      ],
    ],
    typing,
  );
  if (picked === undefined) return undefined;
  if (picked === everything) return 'all';
  if (picked !== states) return filters.get(picked) ?? { text: picked };
  const known = await readStates();
  if (known === undefined) return undefined;
  const state = await pickOne(offer(known, 'state'), {
    title: words.title,
    placeHolder: vscode.l10n.t('State of the vehicles'),
  });
  return state && filters.get(state.label);
}
