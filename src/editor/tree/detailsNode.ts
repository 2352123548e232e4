import * as vscode from 'vscode';
import type { Fact } from '../../cms/contract/deployment.ts';
import { FactNode } from '../base/factNode.ts';
import { Node, row } from '../base/node.ts';
import { say } from '../base/say.ts';

/** What else is known of a deployment, as it describes itself; below all that one works with. */
export class DetailsNode extends Node {
  readonly id: string;
  readonly #facts: readonly Fact[];

  constructor(parent: Node, facts: readonly Fact[]) {
    super(parent);
    this.#facts = facts;
    this.id = `${parent.id}/details`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Details'), {
      icon: new vscode.ThemeIcon('list-flat'),
      contextValue: 'details',
      expand: 'collapsed',
    });
  }

  override load(): Promise<Node[]> {
    return Promise.resolve(
      this.#facts.map(
        ({ id, label, value, arn }) =>
          new FactNode(this, { key: id, label: say(label), words: value, icon: 'symbol-constant', arn }),
      ),
    );
  }
}
