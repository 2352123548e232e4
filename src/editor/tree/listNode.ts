import * as vscode from 'vscode';
import type { CredentialNeed } from '../../cms/contract/credentials.ts';
import type { NamedList } from '../../cms/contract/lists.ts';
import { defined } from '../../core/defined.ts';
import { FactNode } from '../base/factNode.ts';
import { MessageNode, type Node, PagedNode, row, type RowPage, signInNode } from '../base/node.ts';
import { say } from '../base/say.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { ReadSessions } from '../vehicles/vehicleSources.ts';

const PAGE = 100;

/** A list that a deployment has besides its vehicles, such as owners; drawn as the deployment describes it. */
export class ListNode extends PagedNode {
  readonly id: string;
  readonly #sessions: ReadSessions;
  readonly #ref: StackRef;
  readonly #list: NamedList;

  constructor(sessions: ReadSessions, parent: Node, ref: StackRef, list: NamedList) {
    super(parent);
    this.#sessions = sessions;
    this.#ref = ref;
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
    if (!(await this.#sessions.has(this.#ref, needs))) return [signInNode(this, say(signIn))];
    return this.first(signal);
  }

  protected override empty(): Node {
    return new MessageNode(this, say(this.#list.empty));
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const page = await this.#list.page({ size: PAGE, ...defined({ next }) }, signal);
    const rows = page.items.map(
      ({ key, words, icon }) =>
        new FactNode(this, { key, label: key, words: typeof words === 'string' ? words : say(words), icon }),
    );
    return { rows, next: page.next };
  }
}
