import * as vscode from 'vscode';
import { type LoadStacks, Node, row } from '../base/node.ts';
import { activeIcon, warningIcon } from '../base/icons.ts';
import type { SavedConnection } from './connections.ts';
import type { ConnectionState, ConnectionStates } from './connectionStates.ts';

/** An AWS profile and region the user added. */
export class ConnectionNode extends Node {
  readonly id: string;
  readonly saved: SavedConnection;
  readonly #loadStacks: LoadStacks;
  readonly #states: Pick<ConnectionStates, 'of' | 'look'>;

  constructor(saved: SavedConnection, loadStacks: LoadStacks, states: Pick<ConnectionStates, 'of' | 'look'>) {
    super(undefined);
    this.#loadStacks = loadStacks;
    this.#states = states;
    this.saved = saved;
    this.id = `connection/${saved.id}`;
  }

  override get connectionId(): string {
    return this.saved.id;
  }

  override item(): vscode.TreeItem {
    const { profile, region, id } = this.saved;
    const name = profile ?? vscode.l10n.t('Default credentials');
    const state = this.#states.of(id);
    const words = wordsOf(state);
    return row(this, name, {
      description: [region, ...words].join(' · '),
      icon: iconOf(state),
      contextValue:
        state.kind === 'failed' && state.canSignIn ? 'connection connection.signedOut' : 'connection',
      tooltip: [`${name} · ${region}`, ...words, state.kind === 'failed' ? state.tooltip : '']
        .filter(Boolean)
        .join('\n'),
      expand: 'collapsed',
      spoken: [vscode.l10n.t('Connection {0}, region {1}', name, region), ...words].join(', '),
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    // Beside the stacks: the account is asked for once, and who cannot read them may still be told why.
    const looked = this.#states.look(this.saved.id, signal);
    try {
      return await this.#loadStacks(this, this.saved.id, signal);
    } finally {
      await looked;
    }
  }
}

function wordsOf(state: ConnectionState): string[] {
  if (state.kind === 'unknown') return [];
  const { accountId, credentials } = state;
  const where = state.kind === 'works' ? state.endpoint?.replace(/^https?:\/\//, '') : state.words;
  const words = [accountId, where, credentials].filter((part) => part !== undefined && part !== '');
  return [...new Set(words)] as string[];
}

function iconOf({ kind }: ConnectionState): vscode.ThemeIcon {
  if (kind === 'failed') return warningIcon('warning');
  return kind === 'works' ? activeIcon('cloud') : new vscode.ThemeIcon('cloud');
}
