import * as vscode from 'vscode';
import { modelOf } from '../../text/vehicleModel.ts';
import { throwIfAborted } from '../../core/errors.ts';
import { logError } from '../base/log.ts';
import { l10n } from '../../core/message.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { FactNode } from '../base/factNode.ts';
import { Node } from '../base/node.ts';
import type { CommandCall } from '../base/registerCommand.ts';
import { pickOrType } from '../base/pickOrType.ts';
import type { Selection } from '../base/selection.ts';
import {
  isStackRef,
  isVehicleOfStack,
  sameStack,
  vehiclesOfRow,
  type StackRef,
  type VehicleName,
  type VehicleOfStack,
} from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { vinOfTarget } from '../base/vinTarget.ts';
import type { ConnectionActions } from '../connections/commands.ts';
import type { Connections } from '../connections/connections.ts';
import { SANDBOX_ID } from '../sandbox/sandboxController.ts';
import { notify, pickOne } from '../base/shown.ts';
import { pickStack, type StackChoice } from './pickStack.ts';
import type { Sessions } from './sessions.ts';
import type { SignIns } from './signIn.ts';

/** A vehicle an action is about; `node` when it came from its row in the tree. */
export interface VehicleTarget extends VehicleOfStack {
  node?: Node;
}

/** Where the stack is kept that was worked on last in this workspace. */
const LAST_STACK = 'lastStack';

interface Sources {
  connections: Connections;
  /** What a command without a row of its own is about. */
  selection: Selection;
  /** Keeps the stack that was used last. */
  memory: vscode.Memento;
  /** Says that there is nothing to connect to yet. */
  offer: Pick<ConnectionActions, 'offer'>;
  sessions: Sessions;
  signIns: SignIns;
  /** Whose a folder of certificates is. */
  certificates: { vehicleOf(folder: vscode.Uri): Promise<VehicleName | undefined> };
}

/**
 * Finds out what a command is about: the row it was called on, the row that is selected, the stack that was used last, or
 * what is picked.
 */
export class Targets {
  readonly #tasks: Tasks;
  readonly #sources: Sources;
  readonly #backend: LoadBackend<'everyPage'>;

  readonly #chosen = new vscode.EventEmitter<StackRef>();
  /** Another stack than before is the one that was used last. */
  readonly onDidChoose = this.#chosen.event;

  constructor(tasks: Tasks, sources: Sources, backend: LoadBackend<'everyPage'>) {
    this.#tasks = tasks;
    this.#backend = backend;
    this.#sources = sources;
  }

  /**
   * The stack of a row, of the selection, the one used last, the only ready one, or the one picked. A row without a
   * stack of its own, such as that of a connection, still says where to look.
   */
  async stack(target: unknown): Promise<StackRef | undefined> {
    if (isStackRef(target)) return this.#keep(target);
    if (isVehicleOfStack(target)) return this.#keep(target.ref);
    const [ofRow] = vehiclesOfRow(target);
    if (ofRow !== undefined) return this.#keep(ofRow.ref);
    const node = target instanceof Node ? target : (this.#sources.selection.node ?? this.#ofOneStack());
    if (node?.unusable !== undefined) {
      void notify.warn(node.unusable);
      return undefined;
    }
    if (node?.stackRef !== undefined) return this.#keep(node.stackRef);
    if (node?.connectionId !== undefined) return this.#keep(await this.#pick(node.connectionId));
    const last = await this.#stackUsedLast();
    if (last === 'left') return undefined;
    return this.#keep(last ?? (await this.#pick()));
  }

  /** One of several selected rows where all are of one stack, which is meant then. */
  #ofOneStack(): Node | undefined {
    const { nodes } = this.#sources.selection;
    const [first] = nodes;
    const ref = first?.stackRef;
    const isOne =
      ref !== undefined && nodes.every(({ stackRef }) => stackRef !== undefined && sameStack(stackRef, ref));
    return isOne ? first : undefined;
  }

  /** The vehicles of several rows that are selected: what a command of the palette is about. Empty for one row. */
  get selected(): readonly VehicleTarget[] {
    const vehicles = this.#sources.selection.nodes.flatMap(vehicleOfNode);
    return vehicles.length > 1 ? vehicles : [];
  }

  /** Whether a command was called on a stack, or on something of one, so that no other is meant. */
  isSaid(target: unknown): boolean {
    return (
      isStackRef(target) ||
      isVehicleOfStack(target) ||
      (target instanceof Node && target.stackRef !== undefined)
    );
  }

  /** The stack that a person picks, whatever is selected. */
  async pick(): Promise<StackRef | undefined> {
    return this.#keep(await this.#pick());
  }

  /** The stack that the last command was about. */
  get usedLast(): StackRef | undefined {
    const last = this.#sources.memory.get<unknown>(LAST_STACK);
    return isStackRef(last) ? last : undefined;
  }

  /**
   * The stack that commands are about while nothing is selected: the one used last, or the only ready one. Undefined
   * where that is not known without opening a connection or asking a person.
   */
  async current(signal: AbortSignal): Promise<StackRef | undefined> {
    const { connections } = this.#sources;
    const { usable } = connections;
    const last = this.usedLast;
    const id = last !== undefined && usable.includes(last.connectionId) ? last.connectionId : usable[0];
    if (id === undefined || (id !== last?.connectionId && usable.length > 1)) return undefined;
    // The sandbox is of this machine: opening it needs nobody.
    if (id !== SANDBOX_ID && !connections.isOpen(id)) return undefined;
    const ready = await this.#ready(id, signal);
    const used = last && ready.find((ref) => sameStack(ref, last));
    return used ?? (ready.length === 1 && usable.length === 1 ? ready[0] : undefined);
  }

  /** The vehicle of a row or of a VIN in a text, or one picked from the first page of a stack (any other VIN can be typed). */
  async vehicle(target: unknown, prompt: string): Promise<VehicleTarget | undefined> {
    if (target instanceof Node && target.vehicle !== undefined) {
      return target instanceof FactNode ? target.vehicle : { ...target.vehicle, node: target };
    }
    if (isVehicleOfStack(target)) {
      this.#keep(target.ref);
      return target;
    }
    const [ofRow, another] = vehiclesOfRow(target);
    if (ofRow !== undefined && another === undefined) return this.vehicle(ofRow, prompt);
    if (target === undefined && this.selected.length > 0) return this.#pickSelected(prompt);
    const selected = target === undefined ? this.#sources.selection.node : undefined;
    if (selected?.vehicle !== undefined && !(selected instanceof FactNode))
      return { ...selected.vehicle, node: selected };
    const named = await this.named(target);
    // Who is named need not be looked for in a list: whatever is done asks for what it needs.
    const ref = named === undefined ? await this.signedInStack(target) : await this.stack(target);
    if (ref === undefined) return undefined;
    if (named === undefined) {
      const picked = await this.pickVehicle(ref, prompt);
      return picked && { ref, ...picked };
    }
    const vehicle = named.id === undefined ? await this.#withId(ref, named.vin) : named;
    return vehicle && { ref, ...vehicle };
  }

  /** One of the vehicles that are selected, for what is done with one. */
  async #pickSelected(title: string): Promise<VehicleTarget | undefined> {
    const items = this.selected.map((vehicle) => ({
      label: vehicle.vin,
      description: vehicle.ref.stack,
      vehicle,
    }));
    const placeHolder = vscode.l10n.t('Which of the selected vehicles');
    const picked = await pickOne(items, { title, placeHolder });
    if (picked !== undefined) this.#keep(picked.vehicle.ref);
    return picked?.vehicle;
  }

  /** The vehicle that a text or the name of a folder says; what is under the cursor is taken at once. */
  async named(target: unknown): Promise<VehicleName | undefined> {
    const vin = vinOfTarget(target);
    const owner =
      target instanceof vscode.Uri ? await this.#sources.certificates.vehicleOf(target) : undefined;
    return owner ?? (vin === undefined ? undefined : { vin });
  }

  /** All vehicles of the rows that are selected; a command on one row, or on none, is about one vehicle. */
  async vehicles(
    { target, targets }: Pick<CommandCall, 'target' | 'targets'>,
    prompt: string,
  ): Promise<VehicleTarget[]> {
    if (target === undefined && this.selected.length > 0) return [...this.selected];
    const rows = targets.flatMap(vehicleOfNode);
    if (rows.length > 1) return rows;
    const others = targets.flatMap((row) =>
      row instanceof FactNode ? (row.vehicle ?? []) : vehiclesOfRow(row),
    );
    if (rows.length === 0 && others.length > 1) return unique(others);
    const vehicle = await this.vehicle(target, prompt);
    return vehicle === undefined ? [] : [vehicle];
  }

  /** A stack somebody is signed in to, or signs in to now. */
  async signedInStack(target: unknown): Promise<StackRef | undefined> {
    const ref = await this.stack(target);
    return ref !== undefined && (await this.#sources.signIns.ensure(ref)) ? ref : undefined;
  }

  /** The stack that was used last, if its connection still has it; `left` when the person did not wait for that. */
  async #stackUsedLast(): Promise<StackRef | 'left' | undefined> {
    const { connections } = this.#sources;
    const last = this.usedLast;
    if (last === undefined || connections.usable.length < 2) return undefined;
    if (!connections.usable.includes(last.connectionId)) return undefined;
    const looked = await this.#tasks.run(
      { title: vscode.l10n.t('Looking for stacks'), quiet: true },
      async ({ signal }) => {
        // One that cannot be read is a matter of the list to pick from.
        const ready = await this.#ready(last.connectionId, signal).catch((error: unknown) => {
          throwIfAborted(signal);
          logError(this.#tasks.log, error);
          return [];
        });
        return { found: ready.find((ref) => sameStack(ref, last)) };
      },
    );
    return looked === undefined ? 'left' : looked.found;
  }

  /** Remembers the stack a command is about. */
  #keep(ref: StackRef | undefined): StackRef | undefined {
    if (ref === undefined) return undefined;
    const before = this.usedLast;
    const { connectionId, stack } = ref;
    void this.#sources.memory.update(LAST_STACK, { connectionId, stack });
    if (before === undefined || !sameStack(before, ref)) this.#chosen.fire({ connectionId, stack });
    return ref;
  }

  /** The only ready stack there is, or the one picked; of one connection, or of all. */
  async #pick(only?: string): Promise<StackRef | undefined> {
    const { connections } = this.#sources;
    const ids = only === undefined ? connections.usable : [only];
    const choice = ids.length > 1 ? await this.#pickAmong(ids) : await this.#pickOf(ids[0]);
    if (choice === 'left') return undefined;
    if (choice === 'none') {
      await this.#sayNone(only);
      return undefined;
    }
    if ('ref' in choice) return choice.ref;
    void this.#tasks.showError(choice.failure);
    return undefined;
  }

  async #pickAmong(ids: readonly string[]): Promise<StackChoice> {
    const abort = new AbortController();
    try {
      return await pickStack(
        ids.map((id) => ({
          label: this.#sources.connections.labelOf(id),
          stacks: this.#ready(id, abort.signal),
        })),
        () => this.#sources.connections.asking,
      );
    } finally {
      abort.abort();
    }
  }

  /** Nobody is asked while the one connection is read. */
  async #pickOf(id: string | undefined): Promise<StackChoice> {
    if (id === undefined) return 'none';
    const refs = await this.#tasks.run(
      { title: vscode.l10n.t('Looking for stacks'), quiet: true },
      ({ signal }) => this.#ready(id, signal),
    );
    if (refs === undefined) return 'left';
    const [first] = refs;
    if (first === undefined) return 'none';
    if (refs.length === 1) return { ref: first };
    const label = this.#sources.connections.labelOf(id);
    return pickStack([{ label, stacks: Promise.resolve(refs) }], () => undefined);
  }

  async #sayNone(connectionId: string | undefined): Promise<void> {
    if (connectionId === undefined) {
      await this.#sources.offer.offer(
        vscode.l10n.t(
          'There is no stack to work on yet. Start the local sandbox, or add a connection to your AWS account.',
        ),
      );
    } else {
      const where = this.#sources.connections.labelOf(connectionId);
      void notify.info(vscode.l10n.t('There is no ready stack on {0}.', where));
    }
  }

  async #ready(connectionId: string, signal: AbortSignal): Promise<StackRef[]> {
    const found = await this.#sources.sessions.find(connectionId, signal);
    return found
      .filter(({ state }) => state.kind === 'ready')
      .map(({ stack: { name } }) => ({ connectionId, stack: name }));
  }

  /** A vehicle of a stack by any part of what is listed of it; any other VIN can be typed. */
  async pickVehicle(ref: StackRef, title: string): Promise<VehicleName | undefined> {
    const { sessions } = this.#sources;
    const { everyPage } = this.#backend();
    const offered = new Map<string, VehicleName>();
    const picked = await pickOrType(
      { title, placeholder: vscode.l10n.t('Any part of a VIN, or of any other detail shown') },
      async function* (signal) {
        const { vehicles } = await sessions.open(ref, signal);
        const pages = everyPage((page) => vehicles.list(page, signal), l10n.t('listing the vehicles'));
        for await (const { items } of pages) {
          yield items.map(({ vin, id, make, model, modelYear, owners }) => {
            // Several may have one VIN.
            const label = offered.has(vin) ? id : vin;
            offered.set(label, { vin, id });
            return {
              label,
              description: [id === vin ? '' : id, modelOf({ make, model, modelYear }), ...owners]
                .filter((part) => part !== '')
                .join(' · '),
            };
          });
        }
      },
    );
    return picked === undefined ? undefined : (offered.get(picked) ?? this.#withId(ref, picked));
  }

  /** The vehicle that somebody typed the name of, with its id where that follows from the VIN. */
  async #withId(ref: StackRef, vin: string): Promise<VehicleName | undefined> {
    return this.#tasks.run(
      { title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true },
      async ({ signal }) => (await this.#sources.sessions.open(ref, signal)).vehicles.refOf(vin) ?? { vin },
    );
  }
}

/** The vehicle that a row of the tree is; none for a row below it. */
function vehicleOfNode(row: unknown): VehicleTarget[] {
  return row instanceof Node && row.vehicle !== undefined && !(row instanceof FactNode)
    ? [{ ...row.vehicle, node: row }]
    : [];
}

/** Each vehicle once, though several rows stand for it. */
function unique(vehicles: readonly VehicleOfStack[]): VehicleOfStack[] {
  const keyOf = ({ ref, vin, id = vin }: VehicleOfStack): string =>
    JSON.stringify([ref.connectionId, ref.stack, id]);
  return [...new Map(vehicles.map((vehicle) => [keyOf(vehicle), vehicle])).values()];
}
