import type * as vscode from 'vscode';
import type {
  CredentialNeed,
  Credentials,
  Given,
  GivenNeed,
  PasswordNeed,
} from '../../cms/contract/credentials.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import type { FoundDeployment } from '../../cms/contract/generation.ts';
import { isGiven, keyOfNeed, nobodySignedIn } from '../../cms/contract/needs.ts';
import { keepSecret } from '../../core/secrets.ts';
import { Shared, unlessAborted } from '../../core/shared.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import { lasting, type Passwords, type SavedSignIn } from './passwords.ts';

interface Opened {
  deployment: Shared<Deployment>;
  /** By `keyOfNeed`. Rows use it, too, so that it asks nobody for anything once it is proven. */
  given: Map<string, Given>;
  /** To be tried by work that a person asked for, and by nothing else as long as it is not proven. */
  tried: Map<string, Given>;
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

  /** The opened deployment, which signs in with what is saved when it has to. Throws CmsError. */
  open(ref: StackRef, signal: AbortSignal): Promise<Deployment> {
    return this.#openedOf(ref).deployment.get(signal);
  }

  /** The same, looked for anew, for work that begins with finding it. */
  async openAnew(ref: StackRef, signal: AbortSignal): Promise<Deployment> {
    const connection = await this.#connections.open(ref.connectionId);
    const { tried, given } = this.#openedOf(ref);
    const credentials = this.#credentialsOf(ref, [tried, given], () => true);
    return this.#backend().openDeployment(connection, { stack: ref.stack }, credentials, signal);
  }

  /** Whether something can be done with what is known here, without asking anybody. */
  async has(ref: StackRef, need: CredentialNeed): Promise<boolean> {
    if (!isGiven(need)) return true;
    if (this.#opened.get(keyOf(ref))?.given.has(keyOfNeed(need)) === true) return true;
    return (await this.#passwords.get(ref.connectionId, need)) !== undefined;
  }

  /** Who signs in to a realm, if that was saved. */
  async saved(ref: StackRef, need: PasswordNeed): Promise<SavedSignIn | undefined> {
    const saved = await this.#passwords.get(ref.connectionId, need);
    return saved === undefined || 'token' in saved ? undefined : saved;
  }

  /**
   * Gives a sign-in, or a token, to be tried by the work that follows, which looks for its deployment anew: `rememberGiven` keeps it
   * once it has worked, `takeBack` ends the attempt.
   */
  give(ref: StackRef, need: GivenNeed, what: Given): void {
    this.#openedOf(ref).tried.set(keyOfNeed(need), what);
  }

  /** Returns what was given and not proven, with the password that replaced a temporary one, for another attempt. */
  takeBack(ref: StackRef, need: CredentialNeed): Given | undefined {
    const tried = this.#opened.get(keyOf(ref))?.tried;
    if (!isGiven(need) || tried === undefined) return undefined;
    const key = keyOfNeed(need);
    const what = tried.get(key);
    tried.delete(key);
    return what;
  }

  /** Signs in and, once that worked, keeps the password or token in SecretStorage. */
  async signIn(ref: StackRef, need: GivenNeed, what: Given, signal: AbortSignal): Promise<Deployment> {
    const opened = this.#openedOf(ref);
    const deployment = await opened.deployment.get(signal);
    const { given } = opened;
    const key = keyOfNeed(need);
    const before = given.get(key);
    given.set(key, what);
    try {
      await deployment.signIn(need, signal);
    } catch (error) {
      if (before === undefined) given.delete(key);
      else given.set(key, before);
      throw error;
    }
    await this.#remember(ref, need, opened, given.get(key) ?? what);
    return deployment;
  }

  /** Keeps what was given, now that it has worked. */
  async rememberGiven(ref: StackRef, need: CredentialNeed): Promise<void> {
    const opened = this.#opened.get(keyOf(ref));
    const what = this.takeBack(ref, need);
    if (!isGiven(need) || opened === undefined || what === undefined) return;
    await this.#remember(ref, need, opened, what);
  }

  /** Keeps what has worked, in this window and for the next ones. */
  async #remember(ref: StackRef, need: GivenNeed, { given }: Opened, what: Given): Promise<void> {
    given.set(keyOfNeed(need), lasting(what));
    await this.#passwords.save(ref.connectionId, need, what);
  }

  /** Forgets what does not work, so that the next attempt asks for it. */
  async forget(ref: StackRef, need: GivenNeed): Promise<void> {
    await this.#passwords.forget(ref.connectionId, need);
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
    for (const [key, { deployment }] of [...this.#opened]) {
      if (connectionId !== undefined && !key.startsWith(`${connectionId}\n`)) continue;
      this.#opened.delete(key);
      deployment.drop();
    }
  }

  #openedOf(ref: StackRef): Opened {
    const key = keyOf(ref);
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const given = new Map<string, Given>();
    const open = async (signal: AbortSignal): Promise<Deployment> => {
      const connection = await this.#connections.open(ref.connectionId);
      // Of passwords, which can be mistyped, or locked for minutes, only work that a person asked for judges.
      const credentials = this.#credentialsOf(ref, [given], ({ kind }) => kind === 'issuer');
      return this.#backend().openDeployment(connection, { stack: ref.stack }, credentials, signal);
    };
    const forget = (): void => {
      // Another may have been opened in its place meanwhile.
      if (this.#opened.get(key) === opened) this.#opened.delete(key);
    };
    const opened: Opened = { deployment: new Shared(open, forget), given, tried: new Map() };
    this.#opened.set(key, opened);
    return opened;
  }

  /**
   * @param sources where to look, the first one first, before what is saved
   * @param forgets of which needs what is saved is forgotten when it is refused
   */
  #credentialsOf(
    ref: StackRef,
    sources: readonly Map<string, Given>[],
    forgets: (need: GivenNeed) => boolean,
  ): Credentials {
    /** What was given last. */
    const handed = new Map<string, Given>();
    const look = async (need: GivenNeed) => {
      const key = keyOfNeed(need);
      const source = sources.find((each) => each.has(key));
      const what: Given | undefined = source?.get(key) ?? (await this.#passwords.get(ref.connectionId, need));
      if (what === undefined) throw nobodySignedIn(need);
      handed.set(key, what);
      return { key, source, what };
    };
    return {
      password: async (need) => {
        const { key, source, what: who } = await look(need);
        if ('token' in who) throw nobodySignedIn(need);
        const { newPassword } = who;
        if (newPassword === undefined) return who;
        // A password that has to be replaced at the sign-in is replaced in what is kept, too.
        const replace = async (): Promise<string> => {
          const password = await newPassword();
          // Unless the attempt ended while the person typed.
          if (source?.has(key) === true) source.set(key, { ...who, password });
          return password;
        };
        return { ...who, newPassword: replace };
      },
      token: async (need) => {
        const { what } = await look(need);
        if (!('token' in what)) throw nobodySignedIn(need);
        keepSecret(what.token);
        return what.token;
      },
      refused: async (need) => {
        const what = handed.get(keyOfNeed(need));
        if (what === undefined || !forgets(need)) return;
        const saved = await this.#passwords.get(ref.connectionId, need);
        // What somebody typed to replace it, or has saved meanwhile, says nothing about what is saved.
        if (saved !== undefined && isSame(saved, what)) await this.forget(ref, need);
      },
    };
  }

  dispose(): void {
    this.#subscription.dispose();
    this.drop();
  }
}

function isSame(saved: Given, what: Given): boolean {
  if ('token' in saved) return 'token' in what && saved.token === what.token;
  return !('token' in what) && saved.username === what.username && saved.password === what.password;
}

function keyOf(ref: StackRef): string {
  return `${ref.connectionId}\n${ref.stack}`;
}
