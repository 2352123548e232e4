import * as vscode from 'vscode';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { isCmsError } from '../../core/errors.ts';
import { unlessAborted } from '../../core/shared.ts';
import { sayError } from '../base/say.ts';
import { endedByUser } from '../base/tasks.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Connections } from './connections.ts';
import { kindOf } from './profileKind.ts';

/** How a connection stood when it was last used. */
export type ConnectionState =
  | { kind: 'unknown' }
  | { kind: 'works'; accountId: string; endpoint: string | undefined; credentials: string | undefined }
  | {
      kind: 'failed';
      words: string;
      tooltip: string;
      canSignIn: boolean;
      /** Nothing has to be done to it: the network may be back at the next try. */
      mayPass: boolean;
      /** The account that it led to before, if that is known. */
      accountId: string | undefined;
      /** Where its keys come from, in a few words. */
      credentials: string | undefined;
    };

/** Where the account is kept that each connection led to. */
const ACCOUNTS = 'connectionAccounts';
const UNKNOWN: ConnectionState = { kind: 'unknown' };

/** What is known of each connection: which account it leads to, or why it leads nowhere now. */
export class ConnectionStates implements vscode.Disposable {
  readonly #connections: Pick<Connections, 'list' | 'open' | 'onDidRemove'>;
  readonly #states = new Map<string, ConnectionState>();
  readonly #changed = new vscode.EventEmitter<string>();
  /** Fired with the id of a connection whose state is another one now. */
  readonly onDidChange = this.#changed.event;
  readonly #subscription: vscode.Disposable;

  readonly #memory: vscode.Memento;
  readonly #backend: LoadBackend<'listProfiles'>;

  /** @param memory outlives the window */
  constructor(
    connections: Pick<Connections, 'list' | 'open' | 'onDidRemove'>,
    memory: vscode.Memento,
    backend: LoadBackend<'listProfiles'>,
  ) {
    this.#connections = connections;
    this.#memory = memory;
    this.#backend = backend;
    this.#subscription = connections.onDidRemove((id) => {
      this.#states.delete(id);
      const others = Object.entries(this.#accounts).filter(([of]) => of !== id);
      void this.#memory.update(ACCOUNTS, Object.fromEntries(others));
    });
  }

  of(id: string): ConnectionState {
    return this.#states.get(id) ?? UNKNOWN;
  }

  /** Asks AWS who is calling, which the connection does once, and keeps what came of it. Never rejects. */
  async look(id: string, signal: AbortSignal): Promise<void> {
    const known = this.#credentialsOf(id);
    try {
      const connection = await unlessAborted(this.#connections.open(id), signal);
      const { accountId } = await unlessAborted(connection.identity(signal), signal);
      const credentials = await unlessAborted(known, signal);
      this.#set(id, { kind: 'works', accountId, endpoint: connection.endpoint, credentials });
      await this.#memory.update(ACCOUNTS, { ...this.#accounts, [id]: accountId });
    } catch (error) {
      if (endedByUser(error)) return;
      const credentials = await unlessAborted(known, signal).catch(() => undefined);
      this.#set(id, failed(error, { accountId: this.#accounts[id], credentials }));
    }
  }

  get #accounts(): Readonly<Partial<Record<string, string>>> {
    return this.#memory.get<Record<string, string>>(ACCOUNTS, {});
  }

  /** Where the keys of its profile come from; undefined for no profile, or one that cannot be read. */
  async #credentialsOf(id: string): Promise<string | undefined> {
    const profile = this.#connections.list().find((saved) => saved.id === id)?.profile;
    if (profile === undefined) return undefined;
    try {
      const found = (await this.#backend().listProfiles()).find(({ name }) => name === profile);
      return found && kindOf(found);
    } catch {
      // What is wrong with the files is told when the connection is opened.
      return undefined;
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

function failed(
  error: unknown,
  known: { accountId: string | undefined; credentials: string | undefined },
): ConnectionState {
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
  return {
    ...{ kind: 'failed', words: words[code ?? 'INTERNAL'] ?? vscode.l10n.t('failed') },
    ...{ tooltip, canSignIn, ...known, mayPass: code === 'ENDPOINT_UNREACHABLE' },
  };
}
