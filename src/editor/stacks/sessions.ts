import type * as vscode from 'vscode';
import type { CmsDeployment, FoundDeployment, SignIn } from '../../cms/deployment.ts';
import type { Connections } from '../connections/connections.ts';
import type { WorkLoader } from '../base/loadBackend.ts';
import type { Passwords } from './passwords.ts';

/** One stack of one connection. */
export interface StackRef {
  connectionId: string;
  stack: string;
}

interface Opened {
  deployment: Promise<CmsDeployment>;
  signedIn: Promise<void> | undefined;
}

/** The deployments found and opened so far, and who is signed in to them. Dropped when a connection closes. */
export class Sessions implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #passwords: Passwords;
  readonly #work: WorkLoader;
  readonly #opened = new Map<string, Opened>();

  constructor(connections: Connections, passwords: Passwords, work: WorkLoader) {
    this.#connections = connections;
    this.#passwords = passwords;
    this.#work = work;
  }

  /** Reads the stacks of a connection anew. */
  async find(connectionId: string, signal: AbortSignal): Promise<FoundDeployment[]> {
    const connection = await this.#connections.open(connectionId);
    const found: FoundDeployment[] = [];
    for await (const deployment of this.#work().findDeployments(connection, signal)) found.push(deployment);
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

  /** Who is signed in by a saved password. */
  async usernameOf(ref: StackRef): Promise<string | undefined> {
    return (await this.#passwords.get(ref.connectionId, ref.stack))?.username;
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
        .then((connection) => this.#work().openDeployment(connection, { stack: ref.stack }, signal));
      opened = { deployment, signedIn: undefined };
      this.#opened.set(key, opened);
      deployment.catch(() => this.#opened.delete(key));
    }
    return opened;
  }

  dispose(): void {
    this.#opened.clear();
  }
}

function keyOf(ref: StackRef): string {
  return `${ref.connectionId}\n${ref.stack}`;
}
