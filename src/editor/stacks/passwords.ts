import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { Given, GivenNeed } from '../../cms/contract/credentials.ts';
import { parseJson } from '../../core/json.ts';

const INDEX_KEY = 'passwordKeys';

const savedSignInSchema = z.object({ username: z.string(), password: z.string() });
export type SavedSignIn = z.infer<typeof savedSignInSchema>;
const savedSchema = z.union([savedSignInSchema, z.object({ token: z.string() })]);
export type Saved = z.infer<typeof savedSchema>;

/**
 * Sign-ins and tokens of deployments, in SecretStorage only. SecretStorage cannot be listed, so the keys (no secret) are
 * kept in the global state to be able to forget them all.
 */
export class Passwords {
  readonly #secrets: vscode.SecretStorage;
  readonly #state: vscode.Memento;

  constructor(secrets: vscode.SecretStorage, state: vscode.Memento) {
    this.#secrets = secrets;
    this.#state = state;
  }

  async get(connectionId: string, need: GivenNeed): Promise<Saved | undefined> {
    const text = await this.#secrets.get(keyOf(connectionId, need));
    if (text === undefined) return undefined;
    const saved = parseJson(savedSchema, text);
    return saved.ok ? saved.value : undefined;
  }

  async save(connectionId: string, need: GivenNeed, given: Given): Promise<void> {
    const key = keyOf(connectionId, need);
    await this.#secrets.store(key, JSON.stringify(lasting(given)));
    const keys = this.#keys();
    if (!keys.includes(key)) await this.#state.update(INDEX_KEY, [...keys, key]);
  }

  forget(connectionId: string, need: GivenNeed): Promise<void> {
    return this.#forget(keyOf(connectionId, need));
  }

  /** Whether anything is saved for a connection. */
  has(connectionId: string): boolean {
    return this.#keysOf(connectionId).length > 0;
  }

  async forgetConnection(connectionId: string): Promise<void> {
    for (const key of this.#keysOf(connectionId)) await this.#forget(key);
  }

  /** Returns how many were forgotten. */
  async forgetAll(): Promise<number> {
    const keys = this.#keys();
    for (const key of keys) await this.#secrets.delete(key);
    await this.#state.update(INDEX_KEY, []);
    return keys.length;
  }

  async #forget(key: string): Promise<void> {
    await this.#secrets.delete(key);
    await this.#state.update(
      INDEX_KEY,
      this.#keys().filter((k) => k !== key),
    );
  }

  #keysOf(connectionId: string): string[] {
    return this.#keys().filter((key) => key.split('/')[1] === encodeURIComponent(connectionId));
  }

  #keys(): string[] {
    return this.#state.get<string[]>(INDEX_KEY, []);
  }
}

/** What of it is the same the next time. */
export function lasting(given: Given): Saved {
  return 'token' in given ? { token: given.token } : { username: given.username, password: given.password };
}

function keyOf(connectionId: string, need: GivenNeed): string {
  const connection = encodeURIComponent(connectionId);
  switch (need.kind) {
    case 'password':
      return `sign-in/${connection}/${encodeURIComponent(need.realm)}`;
    case 'issuer':
      return `token/${connection}/${encodeURIComponent(need.issuer)}`;
  }
}
