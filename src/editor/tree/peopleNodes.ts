import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { CmsUser, Page, PageRequest, Supplier } from '../../cms/deployment.ts';
import { FactNode } from '../base/factNode.ts';
import { MessageNode, type Node, PagedNode, row, type RowPage, signInNode } from '../base/node.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { ReadDeployment, ReadSessions } from '../vehicles/vehicleSources.ts';

const PAGE = 100;

/** A paged list of names: owners or suppliers. */
abstract class PeopleNode<T> extends PagedNode {
  readonly #sessions: ReadSessions;
  readonly #ref: StackRef;
  readonly #parentId: string;
  /** Ends the id of the row. */
  protected abstract readonly key: string;
  protected abstract readonly emptyText: string;
  protected abstract readonly signInText: string;

  constructor(sessions: ReadSessions, parent: Node, ref: StackRef) {
    super(parent);
    this.#sessions = sessions;
    this.#ref = ref;
    this.#parentId = parent.id;
  }

  get id(): string {
    return `${this.#parentId}/${this.key}`;
  }

  protected abstract read(
    deployment: ReadDeployment,
    page: PageRequest,
    signal: AbortSignal,
  ): Promise<Page<T>>;
  protected abstract row(item: T): FactNode;

  override async load(signal: AbortSignal): Promise<Node[]> {
    if (!(await this.#sessions.hasSignIn(this.#ref))) return [signInNode(this, this.signInText)];
    return this.first(signal);
  }

  protected override empty(): Node {
    return new MessageNode(this, this.emptyText);
  }

  protected override async page(next: string | undefined, signal: AbortSignal): Promise<RowPage> {
    const deployment = await this.#sessions.open(this.#ref, signal);
    const page = await this.read(deployment, { size: PAGE, ...defined({ next }) }, signal);
    return { rows: page.items.map((item) => this.row(item)), next: page.next };
  }
}

export class OwnersNode extends PeopleNode<CmsUser> {
  protected readonly key = 'owners';
  protected readonly emptyText = vscode.l10n.t('No owners yet');
  protected readonly signInText = vscode.l10n.t('Sign in to see the owners…');

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Owners'), {
      icon: new vscode.ThemeIcon('organization'),
      contextValue: 'owners',
      expand: 'collapsed',
    });
  }

  protected read(deployment: ReadDeployment, page: PageRequest, signal: AbortSignal): Promise<Page<CmsUser>> {
    return deployment.users(page, signal);
  }

  protected row({ username, firstName, lastName, email }: CmsUser): FactNode {
    const words = [`${firstName} ${lastName}`, email].filter(Boolean).join(' · ');
    return new FactNode(this, { key: username, label: username, words, icon: 'person' });
  }
}

export class SuppliersNode extends PeopleNode<Supplier> {
  protected readonly key = 'suppliers';
  protected readonly emptyText = vscode.l10n.t('No suppliers yet');
  protected readonly signInText = vscode.l10n.t('Sign in to see the suppliers…');

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Suppliers'), {
      icon: new vscode.ThemeIcon('package'),
      contextValue: 'suppliers',
      expand: 'collapsed',
    });
  }

  protected read(
    deployment: ReadDeployment,
    page: PageRequest,
    signal: AbortSignal,
  ): Promise<Page<Supplier>> {
    return deployment.suppliers(page, signal);
  }

  protected row({ name, externalId }: Supplier): FactNode {
    return new FactNode(this, { key: name, label: name, words: externalId, icon: 'package' });
  }
}
