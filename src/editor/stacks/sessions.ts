import type * as vscode from 'vscode';
import type { CmsDeployment, FoundDeployment, SignIn } from '../../cms/deployment.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import type { Passwords, SavedSignIn } from './passwords.ts';

interface Opened {
  deployment: Promise<CmsDeployment>;
  signedIn: Promise<void> | undefined;
}

/** The deployments found and opened so far, and who is signed in to them. Dropped when a connection closes. */
export class Sessions implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #passwords: Passwords;
  readonly #backend: LoadBackend<'findDeployments' | 'openDeployment'>;
  readonly #opened = new Map<string, Opened>();
  readonly #subscription: vscode.Disposable;

  constructor(
    connections: Connections,
    passwords: Passwords,
    backend: LoadBackend<'findDeployments' | 'openDeployment'>,
  ) {
    this.#connections = connections;
    this.#passwords = passwords;
    this.#backend = backend;
    this.#subscription = connections.onDidRemove((id) => this.drop(id));
  }

  /** Reads the stacks of a connection. */
  async find(connectionId: string, signal: AbortSignal): Promise<FoundDeployment[]> {
    const connection = await this.#connections.open(connectionId);
    const found: FoundDeployment[] = [];
    for await (const deployment of this.#backend().findDeployments(connection, signal))
      found.push(deployment);
    return found;
  }

  /** The opened deployment, signed in if a sign-in is saved. Throws CmsError. */
  async open(ref: StackRef, signal: AbortSignal): Promise<CmsDeployment> {
    const opened = this.#openedOf(ref, signal);
    const deployment = await opened.deployment;
    const saved = await this.#passwords.get(ref.connectionId, ref.stack);
    if (saved !== undefined) {
      opened.signedIn ??= deployment.signIn(saved, { create: false }, signal).then(() => undefined);
      try {
        await opened.signedIn;
      } catch (error) {
        opened.signedIn = undefined;
        throw error;
      }
    }
    return deployment;
  }

  /** Whether `open` gives a deployment somebody is signed in to, as far as is known here. */
  async hasSignIn(ref: StackRef): Promise<boolean> {
    if (this.#opened.get(keyOf(ref))?.signedIn !== undefined) return true;
    return (await this.#passwords.get(ref.connectionId, ref.stack)) !== undefined;
  }

  /** Who signs in to a stack, if that was saved. */
  saved(ref: StackRef): Promise<SavedSignIn | undefined> {
    return this.#passwords.get(ref.connectionId, ref.stack);
  }

  /** Signs in and, once that worked, keeps the password in SecretStorage. */
  async signIn(
    ref: StackRef,
    who: SignIn,
    options: { create: boolean },
    signal: AbortSignal,
  ): Promise<CmsDeployment> {
    const opened = this.#openedOf(ref, signal);
    const deployment = await opened.deployment;
    let { password } = who;
    const { newPassword } = who;
    const asked: SignIn =
      newPassword === undefined ? who : { ...who, newPassword: async () => (password = await newPassword()) };
    await deployment.signIn(asked, options, signal);
    opened.signedIn = Promise.resolve();
    await this.remember(ref, { username: who.username, password });
    return deployment;
  }

  async remember(ref: StackRef, who: { username: string; password: string }): Promise<void> {
    await this.#passwords.save(ref.connectionId, ref.stack, who);
  }

  /** Forgets a password that does not work, so that the next attempt asks for it. */
  async forget(ref: StackRef): Promise<void> {
    await this.#passwords.forget(ref.connectionId, ref.stack);
    this.drop(ref.connectionId);
  }

  /** Forgets every saved password; returns how many there were. */
  async forgetAll(): Promise<number> {
    const count = await this.#passwords.forgetAll();
    this.drop();
    return count;
  }

  /** Forgets what was opened, not what was saved. */
  drop(connectionId?: string): void {
    for (const key of [...this.#opened.keys()]) {
      if (connectionId === undefined || key.startsWith(`${connectionId}\n`)) this.#opened.delete(key);
    }
  }

  #openedOf(ref: StackRef, signal: AbortSignal): Opened {
    const key = keyOf(ref);
    let opened = this.#opened.get(key);
    if (opened === undefined) {
      const deployment = this.#connections
        .open(ref.connectionId)
        .then((connection) => this.#backend().openDeployment(connection, { stack: ref.stack }, signal));
      opened = { deployment, signedIn: undefined };
      this.#opened.set(key, opened);
      deployment.catch(() => this.#opened.delete(key));
    }
    return opened;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#opened.clear();
  }
}

function keyOf(ref: StackRef): string {
  return `${ref.connectionId}\n${ref.stack}`;
}
