import * as vscode from 'vscode';
import { MessageNode, type Node, PagedNode, row, type RowPage } from '../base/node.ts';
import { sayPlural } from '../base/say.ts';
import { l10n } from '../../core/message.ts';
import type { Group, Property } from './arrangement.ts';
import { countWords, groupWords, propertyIcon } from './arrangementWords.ts';
import type { VehicleNode } from './vehicleNode.ts';

const PAGE = 100;

/** The vehicles of a list that have something in common. They are read already. */
export class VehicleGroupNode extends PagedNode {
  readonly id: string;
  readonly #list: Node;
  readonly #property: Property;
  readonly #group: Group<VehicleNode>;
  readonly #can: string;
  readonly #shown: (rows: readonly VehicleNode[], signal: AbortSignal) => Promise<void>;

  /**
   * @param can what can be done with its vehicles, for menus
   * @param shown reads what rows say that are about to be shown
   */
  constructor(
    list: Node,
    property: Property,
    group: Group<VehicleNode>,
    can: string,
    shown: (rows: readonly VehicleNode[], signal: AbortSignal) => Promise<void>,
  ) {
    super(list);
    this.#list = list;
    this.#property = property;
    this.#group = group;
    this.#can = can;
    this.#shown = shown;
    this.id = `${list.id}/by-${property}/${encodeURIComponent(group.value)}`;
  }

  /** Its vehicles come from the list: that is what is read again. */
  override get readFrom(): Node {
    return this.#list;
  }

  override get members(): readonly Node[] {
    return this.#group.vehicles;
  }

  override item(): vscode.TreeItem {
    const { value, vehicles } = this.#group;
    const label = groupWords(this.#property, value);
    const count = vehicles.length;
    const look = this.#property === 'state' ? vehicles[0]?.stateIcon : undefined;
    const words = sayPlural(count, l10n.t('1 vehicle'), l10n.t('{count} vehicles', { count }));
    return row(this, label, {
      description: countWords(count),
      icon: look ?? new vscode.ThemeIcon(propertyIcon(this.#property)),
      contextValue: `vehicleGroup ${this.#can}`,
      expand: 'collapsed',
      spoken: `${label}, ${words}`,
    });
  }

  override load(signal: AbortSignal): Promise<Node[]> {
    return this.first(signal);
  }

  protected override empty(): Node {
    return new MessageNode(this, vscode.l10n.t('No vehicles'));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const from = Number(next ?? 0);
    const { vehicles } = this.#group;
    const rows = vehicles.slice(from, from + PAGE).map((vehicle) => vehicle.under(this));
    await this.#shown(rows, signal);
    return { rows, next: from + PAGE < vehicles.length ? String(from + PAGE) : undefined };
  }
}
