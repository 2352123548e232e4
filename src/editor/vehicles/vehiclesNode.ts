import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { type Capability, isPossible, wordsFor } from '../../cms/contract/capability.ts';
import type { VehicleRecord } from '../../cms/contract/vehicles.ts';
import { MessageNode, type Node, PagedNode, row, type RowPage, signInNode } from '../base/node.ts';
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
  /** What works with the deployment. */
  readonly #capabilities: readonly Capability[];

  constructor(sources: VehicleSources, parent: Node, ref: StackRef, capabilities: readonly Capability[]) {
    super(parent);
    this.#sources = sources;
    this.#ref = ref;
    this.#capabilities = capabilities;
    this.id = `${parent.id}/vehicles`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Vehicles'), {
      icon: new vscode.ThemeIcon('list-tree'),
      contextValue: `vehicles ${wordsFor(this.#capabilities)}`,
      expand: 'expanded',
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const { sessions } = this.#sources;
    const deployment = await sessions.open(this.#ref, signal);
    if (!(await sessions.has(this.#ref, deployment.vehicles.needs))) {
      return [
        ...(this.#canOnboard ? [this.#onboardRow(vscode.l10n.t('Onboard a vehicle…'))] : []),
        signInNode(this, vscode.l10n.t('Sign in to see the vehicles…')),
      ];
    }
    return this.first(signal);
  }

  get #canOnboard(): boolean {
    return isPossible(this.#capabilities, 'onboard');
  }

  protected override empty(): Node {
    return this.#canOnboard
      ? this.#onboardRow(vscode.l10n.t('No vehicles yet. Onboard one…'))
      : new MessageNode(this, vscode.l10n.t('No vehicles yet'));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const deployment = await this.#sources.sessions.open(this.#ref, signal);
    const page = await deployment.vehicles.list({ size: PAGE, ...defined({ next }) }, signal);
    const rows = page.items.map((vehicle) => this.#rowOf(vehicle));
    await Promise.all(rows.map((node) => node.readLocal()));
    void readLiveStates(this.#sources, rows, signal);
    return { rows, next: page.next };
  }

  /** Puts a vehicle that was found by its VIN on top, and gives its row. */
  pin(vehicle: VehicleRecord, loaded: readonly Node[]): { node: VehicleNode; children: Node[] } {
    const existing = loaded.find((node) => node instanceof VehicleNode && node.record.id === vehicle.id);
    if (existing instanceof VehicleNode) return { node: existing, children: [...loaded] };
    const node = this.#rowOf(vehicle);
    return { node, children: [node, ...loaded.filter((n) => !(n instanceof MessageNode))] };
  }

  #rowOf(vehicle: VehicleRecord): VehicleNode {
    return new VehicleNode(
      this.#sources,
      this,
      { ref: this.#ref, capabilities: this.#capabilities },
      vehicle,
    );
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
}
