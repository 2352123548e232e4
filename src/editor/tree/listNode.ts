import * as vscode from 'vscode';
import type { CredentialNeed } from '../../cms/contract/credentials.ts';
import type { NamedList, VehicleFolder } from '../../cms/contract/lists.ts';
import type { Capability } from '../../cms/contract/capability.ts';
import { defined } from '../../core/defined.ts';
import { FactNode } from '../base/factNode.ts';
import { MessageNode, type Node, PagedNode, row, type RowPage, signInNode } from '../base/node.ts';
import { say } from '../base/say.ts';
import type { StackRef } from '../base/stackRef.ts';
import { VehicleFolderNode } from '../vehicles/vehicleFolderNode.ts';
import type { VehicleSources } from '../vehicles/vehicleSources.ts';

const PAGE = 100;
/** Ends the id of the row for what belongs to no item. */
const OTHERS = 'others';

/** A list that a deployment has besides its vehicles, such as owners; drawn as the deployment describes it. */
export class ListNode extends PagedNode {
  readonly id: string;
  readonly #sources: VehicleSources;
  readonly #of: { ref: StackRef; capabilities: readonly Capability[] };
  readonly #list: NamedList;

  constructor(
    sources: VehicleSources,
    parent: Node,
    of: { ref: StackRef; capabilities: readonly Capability[] },
    list: NamedList,
  ) {
    super(parent);
    this.#sources = sources;
    this.#of = of;
    this.#list = list;
    this.id = `${parent.id}/${list.id}`;
  }

  override get need(): CredentialNeed {
    return this.#list.needs;
  }

  override item(): vscode.TreeItem {
    const { title, icon } = this.#list;
    return row(this, say(title), {
      icon: new vscode.ThemeIcon(icon),
      contextValue: 'list',
      expand: 'collapsed',
      ...defined({ description: this.countWords }),
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const { needs, signIn } = this.#list;
    if (!(await this.#sources.sessions.has(this.#of.ref, needs))) return [signInNode(this, say(signIn))];
    return this.first(signal);
  }

  protected override empty(): Node {
    return new MessageNode(this, say(this.#list.empty));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const page = await this.#list.page({ size: PAGE, ...defined({ next }) }, signal);
    const rows = page.items.map(({ key, words: said, icon, vehicles }) => {
      const words = typeof said === 'string' ? said : say(said);
      return vehicles === undefined
        ? new FactNode(this, { key, label: key, words, icon })
        : this.#folder({ key, label: key, words }, { icon, vehicles });
    });
    return { rows: page.next === undefined ? [...rows, ...this.#others(rows)] : rows, next: page.next };
  }

  /** What belongs to no item stands last, and for itself. */
  #others(rows: readonly Node[]): Node[] {
    const { others } = this.#list;
    if (others === undefined) return [];
    const folder = this.#folder({ key: OTHERS, label: say(others.label), words: '' }, others);
    return rows.length === 0 ? [this.empty(), folder] : [folder];
  }

  /** It is no item of the list. */
  override counts(children: readonly Node[]): boolean {
    return super.counts(children.filter(({ id }) => id !== `${this.id}/${OTHERS}`));
  }

  #folder(words: { key: string; label: string; words: string }, folder: VehicleFolder): VehicleFolderNode {
    return new VehicleFolderNode(this.#sources, this, this.#of, words, folder);
  }
}
