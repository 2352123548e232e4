import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { VehicleRecord } from '../../cms/deployment.ts';
import { LoadMoreNode, MessageNode, type Node, PagedNode, row, signInNode } from '../base/node.ts';
import type { StackRef } from '../base/stackRef.ts';
import { readLiveStates } from './liveStates.ts';
import type { VehicleSources } from './vehicleSources.ts';
import { VehicleNode } from './vehicleNode.ts';

/** Rows asked for at a time: the first screen is there at once, whatever the size of the fleet. */
const PAGE = 100;

/** The vehicles of a stack, a page at a time. */
export class VehiclesNode extends PagedNode {
  readonly id: string;
  readonly #sources: VehicleSources;
  readonly #ref: StackRef;
  #next: string | undefined;
  /** Vehicles found by VIN that no page has reached yet. */
  readonly #pinned = new Map<string, VehicleRecord>();

  constructor(sources: VehicleSources, parent: Node, ref: StackRef) {
    super(parent);
    this.#sources = sources;
    this.#ref = ref;
    this.id = `${parent.id}/vehicles`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Vehicles'), {
      icon: new vscode.ThemeIcon('list-tree'),
      contextValue: 'vehicles',
      expand: 'expanded',
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    this.#next = undefined;
    if (!(await this.#sources.sessions.hasSignIn(this.#ref))) {
      return [
        this.#onboardRow(vscode.l10n.t('Onboard a vehicle…')),
        signInNode(this, vscode.l10n.t('Sign in to see the vehicles…')),
      ];
    }
    const nodes = await this.#page(signal);
    if (nodes.length === 0) return [this.#onboardRow(vscode.l10n.t('No vehicles yet. Onboard one…'))];
    return this.#withMore(nodes);
  }

  override async more(loaded: readonly Node[], signal: AbortSignal): Promise<Node[]> {
    const vehicles = loaded.filter((node) => node instanceof VehicleNode);
    const known = new Set(vehicles.map((node) => node.vin));
    const added = (await this.#page(signal)).filter((node) => !known.has(node.vin));
    return this.#withMore([...vehicles, ...added]);
  }

  /** Puts a vehicle that was found by its VIN on top, and gives its row. */
  pin(vehicle: VehicleRecord, loaded: readonly Node[]): { node: VehicleNode; children: Node[] } {
    const existing = loaded.find((node) => node instanceof VehicleNode && node.vin === vehicle.vin);
    if (existing instanceof VehicleNode) return { node: existing, children: [...loaded] };
    this.#pinned.set(vehicle.vin, vehicle);
    const node = new VehicleNode(this.#sources, this, this.#ref, vehicle);
    return { node, children: [node, ...loaded.filter((n) => !(n instanceof MessageNode))] };
  }

  #onboardRow(text: string): MessageNode {
    return new MessageNode(this, text, {
      icon: 'add',
      command: {
        command: 'cmsEnablement.onboardVehicle',
        title: vscode.l10n.t('Onboard Vehicle…'),
        arguments: [this],
      },
    });
  }

  async #page(signal: AbortSignal): Promise<VehicleNode[]> {
    const deployment = await this.#sources.sessions.open(this.#ref, signal);
    const page = await deployment.vehicles({ size: PAGE, ...defined({ next: this.#next }) }, signal);
    this.#next = page.next;
    const nodes = page.items.map((vehicle) => new VehicleNode(this.#sources, this, this.#ref, vehicle));
    await Promise.all(nodes.map((node) => node.readLocal()));
    void readLiveStates(this.#sources, nodes, signal);
    return nodes;
  }

  #withMore(vehicles: Node[]): Node[] {
    return this.#next === undefined ? vehicles : [...vehicles, new LoadMoreNode(this, vehicles.length)];
  }
}
