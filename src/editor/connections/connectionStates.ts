import * as vscode from 'vscode';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { isCmsError } from '../../core/errors.ts';
import { unlessAborted } from '../../core/shared.ts';
import { sayError } from '../base/say.ts';
import { endedByUser } from '../base/tasks.ts';
import type { Connections } from './connections.ts';

/** How a connection stood when it was last used. */
export type ConnectionState =
  | { kind: 'unknown' }
  | { kind: 'works'; accountId: string; endpoint: string | undefined }
  | { kind: 'failed'; words: string; tooltip: string; canSignIn: boolean };

const UNKNOWN: ConnectionState = { kind: 'unknown' };

/** What is known of each connection: which account it leads to, or why it leads nowhere now. */
export class ConnectionStates implements vscode.Disposable {
  readonly #connections: Pick<Connections, 'list' | 'open' | 'onDidRemove'>;
  readonly #states = new Map<string, ConnectionState>();
  readonly #changed = new vscode.EventEmitter<string>();
  /** Fired with the id of a connection whose state is another one now. */
  readonly onDidChange = this.#changed.event;
  readonly #subscription: vscode.Disposable;

  constructor(connections: Pick<Connections, 'list' | 'open' | 'onDidRemove'>) {
    this.#connections = connections;
    this.#subscription = connections.onDidRemove((id) => this.#states.delete(id));
  }

  of(id: string): ConnectionState {
    return this.#states.get(id) ?? UNKNOWN;
  }

  /** Asks AWS who is calling, which the connection does once, and keeps what came of it. Never rejects. */
  async look(id: string, signal: AbortSignal): Promise<void> {
    try {
      const connection = await unlessAborted(this.#connections.open(id), signal);
      const { accountId } = await unlessAborted(connection.identity(signal), signal);
      this.#set(id, { kind: 'works', accountId, endpoint: connection.endpoint });
    } catch (error) {
      if (!endedByUser(error)) this.#set(id, failed(error));
    }
  }

  #set(id: string, state: ConnectionState): void {
    // It was removed while it was looked at.
    if (!this.#connections.list().some((saved) => saved.id === id)) return;
    const before = JSON.stringify(this.of(id));
    this.#states.set(id, state);
    if (JSON.stringify(state) !== before) this.#changed.fire(id);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

function failed(error: unknown): ConnectionState {
  const tooltip = sayError(error);
  const code = isCmsError(error) ? error.code : undefined;
  const canSignIn = isCmsError(error) && error.details.signIn !== undefined;
  const words: Partial<Record<ErrorCode, string>> = {
    CREDENTIALS_EXPIRED: canSignIn ? vscode.l10n.t('not signed in') : vscode.l10n.t('credentials expired'),
    CREDENTIALS_MISSING: vscode.l10n.t('no credentials'),
    PROFILE_UNKNOWN: vscode.l10n.t('profile not found'),
    PROFILE_INVALID: vscode.l10n.t('profile incomplete'),
    ACCESS_DENIED: vscode.l10n.t('access denied'),
    ENDPOINT_UNREACHABLE: vscode.l10n.t('unreachable'),
  };
  return { kind: 'failed', words: words[code ?? 'INTERNAL'] ?? vscode.l10n.t('failed'), tooltip, canSignIn };
}
