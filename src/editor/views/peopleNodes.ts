import * as vscode from 'vscode';
import type { Page } from '../../cms/deployment.ts';
import type { App } from '../app.ts';
import type { StackRef } from '../sessions.ts';
import { LoadMoreNode, MessageNode, Node, row, signInNode } from './node.ts';
import { FactNode } from './vehicleNode.ts';

const PAGE = 100;

/** A paged list of names: owners or suppliers. */
abstract class PagedNode extends Node {
  protected readonly app: App;
  protected readonly ref: StackRef;
  #next: string | undefined;
  protected abstract readonly emptyText: string;
  protected abstract readonly signInText: string;

  constructor(app: App, parent: Node, ref: StackRef) {
    super(parent);
    this.app = app;
    this.ref = ref;
  }

  protected abstract page(next: string | undefined, signal: AbortSignal): Promise<Page<Node>>;

  override async load(signal: AbortSignal): Promise<Node[]> {
    this.#next = undefined;
    if (!(await this.app.sessions.hasSignIn(this.ref))) return [signInNode(this, this.signInText)];
    return this.more([], signal);
  }

  async more(loaded: readonly Node[], signal: AbortSignal): Promise<Node[]> {
    const page = await this.page(this.#next, signal);
    this.#next = page.next;
    const rows = [...loaded.filter((node) => node instanceof FactNode), ...page.items];
    if (rows.length === 0) return [new MessageNode(this, this.emptyText)];
    return this.#next === undefined ? rows : [...rows, new LoadMoreNode(this, rows.length)];
  }
}

export class OwnersNode extends PagedNode {
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

  protected async page(next: string | undefined, signal: AbortSignal): Promise<Page<Node>> {
    const deployment = await this.app.sessions.open(this.ref, signal);
    const page = await deployment.users({ size: PAGE, ...(next === undefined ? {} : { next }) }, signal);
    return {
      next: page.next,
      items: page.items.map(
        (user) =>
          new FactNode(this, user.username, user.username, `${user.firstName} ${user.lastName}`, 'person'),
      ),
    };
  }
}

export class SuppliersNode extends PagedNode {
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

  protected async page(next: string | undefined, signal: AbortSignal): Promise<Page<Node>> {
    const deployment = await this.app.sessions.open(this.ref, signal);
    const page = await deployment.suppliers({ size: PAGE, ...(next === undefined ? {} : { next }) }, signal);
    return {
      next: page.next,
      items: page.items.map(
        (supplier) => new FactNode(this, supplier.name, supplier.name, supplier.externalId, 'package'),
      ),
    };
  }
}
