import * as vscode from 'vscode';
import { type LoadStacks, Node, row } from '../base/node.ts';
import type { SavedConnection } from './connections.ts';

/** An AWS profile and region the user added. */
export class ConnectionNode extends Node {
  readonly id: string;
  readonly saved: SavedConnection;
  readonly #loadStacks: LoadStacks;

  constructor(saved: SavedConnection, loadStacks: LoadStacks) {
    super(undefined);
    this.#loadStacks = loadStacks;
    this.saved = saved;
    this.id = `connection/${saved.id}`;
  }

  override get connectionId(): string {
    return this.saved.id;
  }

  override item(): vscode.TreeItem {
    const name = this.saved.profile ?? vscode.l10n.t('Default credentials');
    return row(this, name, {
      description: this.saved.region,
      icon: new vscode.ThemeIcon('cloud'),
      contextValue: 'connection',
      expand: 'collapsed',
      spoken: vscode.l10n.t('Connection {0}, region {1}', name, this.saved.region),
    });
  }

  override load(signal: AbortSignal): Promise<Node[]> {
    return this.#loadStacks(this, this.saved.id, signal);
  }
}
