import type * as vscode from 'vscode';
import type { CmsDeployment, FoundDeployment, SignIn } from '../../cms/deployment.ts';
import { Shared, unlessAborted } from '../../core/shared.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import type { Passwords, SavedSignIn } from './passwords.ts';

interface Opened {
  deployment: Shared<CmsDeployment>;
  signedIn: Shared<void> | undefined;
}

/**
 * The deployments found and opened so far, and who is signed in to them. Dropped when a connection closes. Rows and
 * commands share one read: who leaves it, such as a row that is read anew, takes nothing from the others.
 */
export class Sessions implements vscode.Disposable {
  readonly #connections: Pick<Connections, 'open' | 'onDidRemove'>;
  readonly #passwords: Passwords;
  readonly #backend: LoadBackend<'findDeployments' | 'openDeployment'>;
  readonly #opened = new Map<string, Opened>();
  readonly #subscription: vscode.Disposable;

  constructor(
    connections: Pick<Connections, 'open' | 'onDidRemove'>,
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
    const connection = await unlessAborted(this.#connections.open(connectionId), signal);
    const found: FoundDeployment[] = [];
    for await (const deployment of this.#backend().findDeployments(connection, signal))
      found.push(deployment);
    return found;
  }

  /** The opened deployment, signed in if a sign-in is saved. Throws CmsError. */
  async open(ref: StackRef, signal: AbortSignal): Promise<CmsDeployment> {
    const opened = this.#openedOf(ref);
    const deployment = await opened.deployment.get(signal);
    const saved = await this.#passwords.get(ref.connectionId, ref.stack);
    if (saved !== undefined) await signedIn(opened, deployment, saved).get(signal);
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
    const opened = this.#openedOf(ref);
    const deployment = await opened.deployment.get(signal);
    let { password } = who;
    const { newPassword } = who;
    const asked: SignIn =
      newPassword === undefined ? who : { ...who, newPassword: async () => (password = await newPassword()) };
    await deployment.signIn(asked, options, signal);
    opened.signedIn = new Shared(() => Promise.resolve());
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
    for (const [key, { deployment, signedIn }] of [...this.#opened]) {
      if (connectionId !== undefined && !key.startsWith(`${connectionId}\n`)) continue;
      this.#opened.delete(key);
      deployment.drop();
      signedIn?.drop();
    }
  }

  #openedOf(ref: StackRef): Opened {
    const key = keyOf(ref);
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const open = async (signal: AbortSignal): Promise<CmsDeployment> => {
      const connection = await this.#connections.open(ref.connectionId);
      return this.#backend().openDeployment(connection, { stack: ref.stack }, signal);
    };
    const forget = (): void => {
      // Another may have been opened in its place meanwhile.
      if (this.#opened.get(key) === opened) this.#opened.delete(key);
    };
    const opened: Opened = { deployment: new Shared(open, forget), signedIn: undefined };
    this.#opened.set(key, opened);
    return opened;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.drop();
  }
}

/** The sign-in under way, done, or begun now; one that fails is begun anew by the next who asks. */
function signedIn(opened: Opened, deployment: CmsDeployment, saved: SavedSignIn): Shared<void> {
  if (opened.signedIn !== undefined) return opened.signedIn;
  const signIn = async (signal: AbortSignal): Promise<void> => {
    await deployment.signIn(saved, { create: false }, signal);
  };
  const begun = new Shared(signIn, () => {
    if (opened.signedIn === begun) opened.signedIn = undefined;
  });
  opened.signedIn = begun;
  return begun;
}

function keyOf(ref: StackRef): string {
  return `${ref.connectionId}\n${ref.stack}`;
}
