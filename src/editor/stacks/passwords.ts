import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { parseJson } from '../../core/json.ts';

const INDEX_KEY = 'passwordKeys';

const savedSignInSchema = z.object({ username: z.string(), password: z.string() });
export type SavedSignIn = z.infer<typeof savedSignInSchema>;

/**
 * Sign-ins of stacks, in SecretStorage only. SecretStorage cannot be listed, so the keys (no secret) are
 * kept in the global state to be able to forget them all.
 */
export class Passwords {
  readonly #secrets: vscode.SecretStorage;
  readonly #state: vscode.Memento;

  constructor(secrets: vscode.SecretStorage, state: vscode.Memento) {
    this.#secrets = secrets;
    this.#state = state;
  }

  async get(connectionId: string, stack: string): Promise<SavedSignIn | undefined> {
    const text = await this.#secrets.get(keyOf(connectionId, stack));
    if (text === undefined) return undefined;
    const saved = parseJson(savedSignInSchema, text);
    return saved.ok ? saved.value : undefined;
  }

  async save(connectionId: string, stack: string, signIn: SavedSignIn): Promise<void> {
    const key = keyOf(connectionId, stack);
    await this.#secrets.store(key, JSON.stringify({ username: signIn.username, password: signIn.password }));
    const keys = this.#keys();
    if (!keys.includes(key)) await this.#state.update(INDEX_KEY, [...keys, key]);
  }

  async forget(connectionId: string, stack: string): Promise<void> {
    const key = keyOf(connectionId, stack);
    await this.#secrets.delete(key);
    await this.#state.update(
      INDEX_KEY,
      this.#keys().filter((k) => k !== key),
    );
  }

  async forgetConnection(connectionId: string): Promise<void> {
    for (const key of this.#keys()) {
      const [, id, stack] = key.split('/');
      if (id === encodeURIComponent(connectionId) && stack !== undefined)
        await this.forget(connectionId, stack);
    }
  }

  /** Returns how many were forgotten. */
  async forgetAll(): Promise<number> {
    const keys = this.#keys();
    for (const key of keys) await this.#secrets.delete(key);
    await this.#state.update(INDEX_KEY, []);
    return keys.length;
  }

  #keys(): string[] {
    return this.#state.get<string[]>(INDEX_KEY, []);
  }
}

function keyOf(connectionId: string, stack: string): string {
  return `sign-in/${encodeURIComponent(connectionId)}/${stack}`;
}
