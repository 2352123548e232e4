import * as vscode from 'vscode';
import type { CmsDeployment, CmsUser, Page, PageRequest, Supplier } from '../../cms/deployment.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../stacks/sessions.ts';
import { LoadMoreNode, MessageNode, Node, row, signInNode } from '../base/node.ts';
import { FactNode } from '../vehicles/vehicleNode.ts';

const PAGE = 100;

/** A paged list of names: owners or suppliers. */
abstract class PagedNode<T> extends Node {
  readonly #app: App;
  readonly #ref: StackRef;
  #next: string | undefined;
  protected abstract readonly emptyText: string;
  protected abstract readonly signInText: string;

  constructor(app: App, parent: Node, ref: StackRef) {
    super(parent);
    this.#app = app;
    this.#ref = ref;
  }

  protected abstract read(
    deployment: CmsDeployment,
    page: PageRequest,
    signal: AbortSignal,
  ): Promise<Page<T>>;
  protected abstract row(item: T): FactNode;

  override async load(signal: AbortSignal): Promise<Node[]> {
    this.#next = undefined;
    if (!(await this.#app.sessions.hasSignIn(this.#ref))) return [signInNode(this, this.signInText)];
    return this.more([], signal);
  }

  async more(loaded: readonly Node[], signal: AbortSignal): Promise<Node[]> {
    const deployment = await this.#app.sessions.open(this.#ref, signal);
    const wanted = { size: PAGE, ...(this.#next === undefined ? {} : { next: this.#next }) };
    const page = await this.read(deployment, wanted, signal);
    this.#next = page.next;
    const rows = [
      ...loaded.filter((node) => node instanceof FactNode),
      ...page.items.map((item) => this.row(item)),
    ];
    if (rows.length === 0) return [new MessageNode(this, this.emptyText)];
    return this.#next === undefined ? rows : [...rows, new LoadMoreNode(this, rows.length)];
  }
}

export class OwnersNode extends PagedNode<CmsUser> {
  readonly id = `${this.parent?.id ?? ''}/owners`;
  protected readonly emptyText = vscode.l10n.t('No owners yet');
  protected readonly signInText = vscode.l10n.t('Sign in to see the owners…');

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Owners'), {
      icon: new vscode.ThemeIcon('organization'),
      contextValue: 'owners',
      expand: 'collapsed',
    });
  }

  protected read(deployment: CmsDeployment, page: PageRequest, signal: AbortSignal): Promise<Page<CmsUser>> {
    return deployment.users(page, signal);
  }

  protected row({ username, firstName, lastName, email }: CmsUser): FactNode {
    const words = [`${firstName} ${lastName}`, email].filter(Boolean).join(' · ');
    return new FactNode(this, username, username, words, 'person');
  }
}

export class SuppliersNode extends PagedNode<Supplier> {
  readonly id = `${this.parent?.id ?? ''}/suppliers`;
  protected readonly emptyText = vscode.l10n.t('No suppliers yet');
  protected readonly signInText = vscode.l10n.t('Sign in to see the suppliers…');

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Suppliers'), {
      icon: new vscode.ThemeIcon('package'),
      contextValue: 'suppliers',
      expand: 'collapsed',
    });
  }

  protected read(deployment: CmsDeployment, page: PageRequest, signal: AbortSignal): Promise<Page<Supplier>> {
    return deployment.suppliers(page, signal);
  }

  protected row({ name, externalId }: Supplier): FactNode {
    return new FactNode(this, name, name, externalId, 'package');
  }
}
