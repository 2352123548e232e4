import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { VehicleRecord } from '../../cms/deployment.ts';
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
    if (!(await this.#sources.sessions.hasSignIn(this.#ref))) {
      return [
        this.#onboardRow(vscode.l10n.t('Onboard a vehicle…')),
        signInNode(this, vscode.l10n.t('Sign in to see the vehicles…')),
      ];
    }
    return this.first(signal);
  }

  protected override empty(): Node {
    return this.#onboardRow(vscode.l10n.t('No vehicles yet. Onboard one…'));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const deployment = await this.#sources.sessions.open(this.#ref, signal);
    const page = await deployment.vehicles({ size: PAGE, ...defined({ next }) }, signal);
    const rows = page.items.map((vehicle) => new VehicleNode(this.#sources, this, this.#ref, vehicle));
    await Promise.all(rows.map((node) => node.readLocal()));
    void readLiveStates(this.#sources, rows, signal);
    return { rows, next: page.next };
  }

  /** Puts a vehicle that was found by its VIN on top, and gives its row. */
  pin(vehicle: VehicleRecord, loaded: readonly Node[]): { node: VehicleNode; children: Node[] } {
    const existing = loaded.find((node) => node instanceof VehicleNode && node.vin === vehicle.vin);
    if (existing instanceof VehicleNode) return { node: existing, children: [...loaded] };
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
}
