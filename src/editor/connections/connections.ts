import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { CallerIdentity, Connection, ConnectionOptions } from '../../aws/connection.ts';
import { defined } from '../../core/defined.ts';
import { CmsError, cancelled } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { systemClock } from '../../core/work.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { say } from '../base/say.ts';
import { forNotification, notify } from '../base/shown.ts';
import { SANDBOX_ID, type SandboxController } from '../sandbox/sandboxController.ts';
import { networkSettings } from './networkSettings.ts';

/** A connection the user added; the local sandbox is not one of these, it is always there. */
const savedConnectionSchema = z.object({
  id: z.string(),
  profile: z.optional(z.string()),
  region: z.string(),
});
export type SavedConnection = z.infer<typeof savedConnectionSchema>;

/** What is needed of the sandbox to connect to it. */
export type ReachableSandbox = Pick<SandboxController, 'status' | 'connectionOptions'>;
const STATE_KEY = 'connections';
const systemWork = { clock: systemClock, random: Math.random };

/** The user's connections, kept across reloads, and the open `Connection` of each. */
export class Connections implements vscode.Disposable {
  readonly #state: vscode.Memento;
  readonly #sandbox: ReachableSandbox;
  readonly #backend: LoadBackend<'createConnection'>;
  readonly #open = new Map<string, Promise<Connection>>();
  /** Settles with the last question that was asked. */
  #asked: Promise<unknown> = Promise.resolve();
  #questions = 0;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #added = new vscode.EventEmitter<string>();
  readonly onDidAdd = this.#added.event;
  readonly #removed = new vscode.EventEmitter<string>();
  readonly onDidRemove = this.#removed.event;

  readonly #opened = new vscode.EventEmitter<string>();
  /** Fired with the id of a connection that can be used from now on without a question. */
  readonly onDidOpen = this.#opened.event;

  constructor(state: vscode.Memento, sandbox: ReachableSandbox, backend: LoadBackend<'createConnection'>) {
    this.#state = state;
    this.#sandbox = sandbox;
    this.#backend = backend;
  }

  list(): SavedConnection[] {
    const saved = z.array(savedConnectionSchema).safeParse(this.#state.get(STATE_KEY, []));
    return saved.success ? saved.data : [];
  }

  /** The ids of all that can be connected to now; the sandbox first. */
  get usable(): string[] {
    const saved = this.list().map(({ id }) => id);
    return this.#sandbox.status === 'running' ? [SANDBOX_ID, ...saved] : saved;
  }

  labelOf(id: string): string {
    if (id === SANDBOX_ID) return vscode.l10n.t('Local Sandbox');
    const saved = this.list().find((c) => c.id === id);
    if (saved === undefined) return id;
    return `${saved.profile ?? vscode.l10n.t('default credentials')} · ${saved.region}`;
  }

  /** Asks AWS who is calling, and adds the connection once that is answered. Throws CmsError. */
  async addIfItWorks(connection: Omit<SavedConnection, 'id'>, signal: AbortSignal): Promise<CallerIdentity> {
    const opened = await this.#backend().createConnection(this.#optionsFor(connection), systemWork);
    try {
      const identity = await opened.identity(signal);
      const { id } = await this.add(connection);
      // What was asked for it, such as a one-time code, is not asked again.
      if (this.#open.has(id)) opened.dispose();
      else this.#open.set(id, Promise.resolve(opened));
      return identity;
    } catch (error) {
      opened.dispose();
      throw error;
    }
  }

  async add(connection: Omit<SavedConnection, 'id'>): Promise<SavedConnection> {
    // The default credentials have no profile.
    const id = idOf(connection);
    const existing = this.list().find((c) => c.id === id);
    if (existing !== undefined) return existing;
    const added = { ...connection, id };
    await this.#save([...this.list(), added]);
    this.#added.fire(id);
    return added;
  }

  async remove(id: string): Promise<void> {
    await this.#save(this.list().filter((c) => c.id !== id));
    this.#removed.fire(id);
    // Last: one that is still being opened may take long, or ask for a code first.
    await this.close(id);
  }

  /** Puts one connection in the place of another, which is removed. */
  async replace(id: string, connection: Omit<SavedConnection, 'id'>): Promise<void> {
    const added = await this.add(connection);
    // It may have been removed since somebody was asked: then there is no place to take.
    if (!this.list().some((each) => each.id === id)) return;
    const others = this.list().filter((each) => each.id !== added.id);
    await this.#save(others.flatMap((each) => (each.id === id ? [added, each] : [each])));
    await this.remove(id);
  }

  /** Moves a connection one place up (-1) or down (+1). */
  async move(id: string, by: -1 | 1): Promise<void> {
    const list = this.list();
    const from = list.findIndex((c) => c.id === id);
    const to = from + by;
    const [moved] = from < 0 || to < 0 || to >= list.length ? [] : list.splice(from, 1);
    if (moved === undefined) return;
    list.splice(to, 0, moved);
    await this.#save(list);
  }

  /** The open connection; made at first use and kept until it is closed or the sandbox restarts. */
  async open(id: string): Promise<Connection> {
    let connection = this.#open.get(id);
    if (connection === undefined) {
      const created = this.#create(id);
      connection = created;
      this.#open.set(id, created);
      created.then(
        () => this.#opened.fire(id),
        () => {
          // Another may have been made in its place meanwhile.
          if (this.#open.get(id) === created) this.#open.delete(id);
        },
      );
    }
    return connection;
  }

  /** Whether it was opened, or is being opened: using it asks nobody for anything more. */
  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  async close(id: string): Promise<void> {
    const connection = this.#open.get(id);
    this.#open.delete(id);
    if (connection === undefined) return;
    try {
      (await connection).dispose();
    } catch {
      // It never opened: there is nothing to close.
    }
  }

  async #create(id: string): Promise<Connection> {
    const connection = await this.#connect(id);
    const { warning } = connection;
    if (warning !== undefined) void notify.warn(say(warning));
    return connection;
  }

  async #connect(id: string): Promise<Connection> {
    return this.#backend().createConnection(this.optionsOf(id), systemWork);
  }

  /**
   * What a connection is opened with.
   * @throws CmsError when it was removed, or the sandbox does not run
   */
  optionsOf(id: string): ConnectionOptions {
    if (id === SANDBOX_ID) return this.#sandbox.connectionOptions();
    const saved = this.list().find((c) => c.id === id);
    if (saved === undefined) {
      throw new CmsError('INTERNAL', l10n.t('This connection was removed.'));
    }
    return this.#optionsFor(saved);
  }

  #optionsFor({ profile, region }: Omit<SavedConnection, 'id'>): ConnectionOptions {
    return {
      ...defined({ profile }),
      region,
      ...networkSettings(),
      mfaCode: async (serial) => {
        const code = await this.#askNext(() => askMfaCode(serial));
        if (code === undefined) throw cancelled();
        return code;
      },
    };
  }

  /** What a person is being asked by a connection that opens, such as a one-time code. */
  get asking(): Promise<unknown> | undefined {
    return this.#questions === 0 ? undefined : this.#asked;
  }

  /** One question after the other: a second box would take the place of the first, which then counts as left. */
  #askNext<T>(ask: () => Thenable<T>): Promise<T> {
    this.#questions += 1;
    const answer = this.#asked.then(ask).finally(() => (this.#questions -= 1));
    this.#asked = answer.catch(() => undefined);
    return answer;
  }

  async #save(list: SavedConnection[]): Promise<void> {
    await this.#state.update(STATE_KEY, list);
    this.#changed.fire();
  }

  dispose(): void {
    for (const id of [...this.#open.keys()]) void this.close(id);
    this.#added.dispose();
    this.#opened.dispose();
    this.#removed.dispose();
    this.#changed.dispose();
  }
}

function idOf({ profile = '', region }: Omit<SavedConnection, 'id'>): string {
  return `${profile}@${region}`;
}

function askMfaCode(serial: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('One-time code'),
    prompt: forNotification(vscode.l10n.t('Code of the MFA device {0}', serial)),
    validateInput: (value) => (/^\d{6}$/.test(value) ? undefined : vscode.l10n.t('Six digits')),
    ignoreFocusOut: true,
  });
}
