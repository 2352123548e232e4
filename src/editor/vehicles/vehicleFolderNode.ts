import * as vscode from 'vscode';
import type { Capability } from '../../cms/contract/capability.ts';
import type { VehicleFolder } from '../../cms/contract/lists.ts';
import { defined } from '../../core/defined.ts';
import { MessageNode, type Node, PagedNode, row, type RowPage } from '../base/node.ts';
import type { StackRef } from '../base/stackRef.ts';
import { readLiveStates } from './liveStates.ts';
import { VehicleNode } from './vehicleNode.ts';
import type { VehicleSources } from './vehicleSources.ts';

/** Rows asked for at a time, as in the list of all vehicles. */
const PAGE = 100;

/** The vehicles of a fleet, or of what else a CMS keeps vehicles in, a page at a time. */
export class VehicleFolderNode extends PagedNode {
  readonly id: string;
  readonly #sources: VehicleSources;
  readonly #of: { ref: StackRef; capabilities: readonly Capability[] };
  readonly #named: { label: string; words: string };
  readonly #folder: VehicleFolder;

  constructor(
    sources: VehicleSources,
    parent: Node,
    of: { ref: StackRef; capabilities: readonly Capability[] },
    named: { key: string; label: string; words: string },
    folder: VehicleFolder,
  ) {
    super(parent);
    this.#sources = sources;
    this.#of = of;
    this.#named = named;
    this.#folder = folder;
    this.id = `${parent.id}/${named.key}`;
  }

  /** To be copied. */
  get value(): string {
    return this.#named.label;
  }

  override item(): vscode.TreeItem {
    const { label, words } = this.#named;
    const description = [words, this.countWords].filter((part) => part !== undefined && part !== '');
    return row(this, label, {
      icon: new vscode.ThemeIcon(this.#folder.icon),
      contextValue: words === '' ? 'list' : 'list fact',
      expand: 'collapsed',
      ...(description.length === 0 ? {} : { description: description.join(' · ') }),
    });
  }

  override load(signal: AbortSignal): Promise<Node[]> {
    return this.first(signal);
  }

  protected override empty(): Node {
    return new MessageNode(this, vscode.l10n.t('No vehicles'));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const page = await this.#folder.vehicles({ size: PAGE, ...defined({ next }) }, signal);
    const rows = page.items.map((vehicle) => new VehicleNode(this.#sources, this, this.#of, vehicle));
    await Promise.all(rows.map((node) => node.readLocal()));
    void readLiveStates(this.#sources, rows, signal);
    return { rows, next: page.next };
  }
}
