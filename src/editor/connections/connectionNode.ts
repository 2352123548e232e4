import * as vscode from 'vscode';
import type { App } from '../app.ts';
import type { SavedConnection } from './connections.ts';
import { Node, row } from '../base/node.ts';
import { loadStacks } from '../tree/stackNode.ts';

/** An AWS profile and region the user added. */
export class ConnectionNode extends Node {
  readonly id: string;
  readonly saved: SavedConnection;
  readonly #app: App;

  constructor(app: App, saved: SavedConnection) {
    super(undefined);
    this.#app = app;
    this.saved = saved;
    this.id = `connection/${saved.id}`;
  }

  override get connectionId(): string {
    return this.saved.id;
  }

  override item(): vscode.TreeItem {
    return row(this, this.saved.profile ?? vscode.l10n.t('Default credentials'), {
      description: this.saved.region,
      icon: new vscode.ThemeIcon('cloud'),
      contextValue: 'connection',
      expand: 'collapsed',
      spoken: vscode.l10n.t('Connection {0}, region {1}', this.saved.profile ?? 'default', this.saved.region),
    });
  }

  override load(signal: AbortSignal): Promise<Node[]> {
    return loadStacks(this.#app, this, this.saved.id, signal);
  }
}
