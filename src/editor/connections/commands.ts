import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { askAll } from '../base/wizard.ts';
import { forLabel, notify, pickOne } from '../base/shown.ts';
import { ConnectionNode } from './connectionNode.ts';
import { connectionIn, connectionQuestions, regionQuestions } from './connectionQuestions.ts';
import type { Connections, SavedConnection } from './connections.ts';
import { nameIn } from './profileSignIn.ts';

const CONFIG_DOCUMENTATION = 'https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html';

/** What others have of a connection, by its id. */
interface ConnectionUses {
  startSandbox: () => Promise<void>;
  /** Whether a simulation drives on it, or may still do so. */
  isDriving: (id: string) => Promise<boolean>;
  /** Whether passwords or tokens are saved for it. */
  hasPasswords: (id: string) => boolean;
}

/** Adds, changes and removes connections; says itself what goes wrong. */
export class ConnectionActions {
  readonly #tasks: Tasks;
  readonly #connections: Connections;
  readonly #backend: LoadBackend<'listProfiles' | 'planProfile'>;
  readonly #uses: ConnectionUses;

  constructor(
    tasks: Tasks,
    connections: Connections,
    backend: LoadBackend<'listProfiles' | 'planProfile'>,
    uses: ConnectionUses,
  ) {
    this.#tasks = tasks;
    this.#connections = connections;
    this.#backend = backend;
    this.#uses = uses;
    tasks.addRemedy(['PROFILE_UNKNOWN', 'CREDENTIALS_MISSING'], () => ({
      title: vscode.l10n.t('Add Connection'),
      act: () => this.add(),
    }));
  }

  async add(): Promise<void> {
    await this.#tasks.attempt(() => this.#add());
  }

  /** Says that there is nothing to connect to yet, and offers what can be done about it. */
  async offer(text: string): Promise<void> {
    const start = vscode.l10n.t('Start Local Sandbox');
    const add = vscode.l10n.t('Add Connection…');
    const picked = await notify.info(text, start, add);
    if (picked === start) await this.#uses.startSandbox();
    if (picked === add) await this.add();
  }

  async #add(): Promise<void> {
    const profiles = await this.#backend().listProfiles();
    const answers: Record<string, string> = {};
    if (profiles.length === 0 && !(await this.#withoutProfiles())) return;
    const questions = connectionQuestions(profiles, answers);
    if (!(await askAll(vscode.l10n.t('Add Connection'), questions, answers))) return;
    await this.#try(connectionIn(answers));
  }

  /** Removes connections, unless something drives on one of them. */
  async remove(targets: readonly unknown[]): Promise<void> {
    const rows = targets.filter((row) => row instanceof ConnectionNode).map(({ saved }) => saved.id);
    const picked =
      rows.length > 0
        ? rows
        : [
            await pickConnection(this.#connections, {
              placeHolder: vscode.l10n.t('Connection to remove'),
              none: vscode.l10n.t('There is no connection to remove.'),
            }),
          ];
    const ids = picked.filter((id) => id !== undefined);
    if (!(await this.#areFree(ids))) return;
    if (ids.length > 1 && !(await agreeToRemove(ids.map((id) => this.#connections.labelOf(id))))) return;
    for (const id of ids) await this.#connections.remove(id);
  }

  /** Whether nothing drives on any of them; says so otherwise. A simulation cannot go on without its connection. */
  async #areFree(ids: readonly string[]): Promise<boolean> {
    for (const id of ids) {
      if (!(await this.#uses.isDriving(id))) continue;
      void this.#sayInUse(id);
      return false;
    }
    return true;
  }

  async #sayInUse(id: string): Promise<void> {
    const show = vscode.l10n.t('Show Simulations');
    const picked = await notify.warn(
      vscode.l10n.t(
        'Simulations are running on {0}, or may still be running. Stop them first; clear the ones that this window has lost.',
        this.#connections.labelOf(id),
      ),
      show,
    );
    if (picked === show) await vscode.commands.executeCommand('cmsEnablement.simulations.focus');
  }

  /** Another region for the same profile, once that has worked. */
  async changeRegion(target: unknown): Promise<void> {
    const id =
      target instanceof ConnectionNode
        ? target.saved.id
        : await pickConnection(this.#connections, {
            placeHolder: vscode.l10n.t('Select a connection'),
            none: vscode.l10n.t('There is no connection yet.'),
          });
    const saved = this.#connections.list().find((each) => each.id === id);
    if (saved === undefined || !(await this.#areFree([saved.id]))) return;
    const answers: Record<string, string> = { region: saved.region };
    const title = vscode.l10n.t('Region of {0}', this.#connections.labelOf(saved.id));
    if (!(await askAll(title, regionQuestions(answers), answers))) return;
    const { region } = connectionIn(answers);
    const wanted = defined({ profile: saved.profile, region });
    const already = this.#connections
      .list()
      .find((each) => each.profile === saved.profile && each.region === region);
    if (already === undefined) {
      if (await this.#agreeToForget(saved.id, region)) await this.#try(wanted, saved.id);
    } else if (already.id !== saved.id)
      void notify.info(vscode.l10n.t('{0} already exists.', this.#connections.labelOf(already.id)));
  }

  /** Who signs in is kept for one region. */
  async #agreeToForget(id: string, region: string): Promise<boolean> {
    if (!this.#uses.hasPasswords(id)) return true;
    const label = this.#connections.labelOf(id);
    const go = vscode.l10n.t('Change Region');
    const picked = await notify.warn(
      vscode.l10n.t('Change the region of {0} to {1}?', label, region),
      {
        modal: true,
        detail: vscode.l10n.t('Nothing changes in AWS. Saved passwords of {0} are forgotten.', label),
      },
      go,
    );
    return picked === go;
  }

  /** Kept once it has worked, or when the person wants it all the same. @param instead of this one */
  async #try(connection: Omit<SavedConnection, 'id'>, instead?: string): Promise<void> {
    const label = `${connection.profile ?? vscode.l10n.t('default credentials')} · ${connection.region}`;
    const identity = await this.#tasks.run(
      {
        title: vscode.l10n.t('Connecting to {0}', label),
        retry: () => void this.#tasks.attempt(() => this.#try(connection, instead)),
        otherwise: {
          title: instead === undefined ? vscode.l10n.t('Add Anyway') : vscode.l10n.t('Change Anyway'),
          act: () => void this.#tasks.attempt(() => this.#keep(connection, instead)),
        },
      },
      (work) => this.#connections.addIfItWorks(connection, work.signal),
    );
    if (identity === undefined) return;
    await this.#keep(connection, instead);
    const { accountId, arn } = identity;
    void notify.info(vscode.l10n.t('Connected to account {0} as {1}.', accountId, nameIn(arn)));
  }

  async #keep(connection: Omit<SavedConnection, 'id'>, instead: string | undefined): Promise<void> {
    if (instead === undefined) await this.#connections.add(connection);
    // Something may have been started meanwhile.
    else if (await this.#areFree([instead])) await this.#connections.replace(instead, connection);
  }

  /** Says how to come to a profile; true when the credentials of this computer are to be used. */
  async #withoutProfiles(): Promise<boolean> {
    const choices = [
      {
        label: vscode.l10n.t('$(key) Default credentials'),
        detail: vscode.l10n.t('From the environment, an instance role, or a container role'),
        act: () => true,
      },
      {
        label: vscode.l10n.t('$(edit) Edit the AWS config file'),
        detail: vscode.l10n.t('Opens ~/.aws/config, where profiles are defined'),
        act: () => this.#editConfig(),
      },
      {
        label: vscode.l10n.t('$(terminal) Add access keys…'),
        detail: vscode.l10n.t('Runs "aws configure" in a terminal, which asks for them'),
        act: () => inTerminal('aws configure'),
      },
      {
        label: vscode.l10n.t('$(terminal) Set up single sign-on…'),
        detail: vscode.l10n.t('Runs "aws configure sso" in a terminal'),
        act: () => inTerminal('aws configure sso'),
      },
      {
        label: vscode.l10n.t('$(book) AWS Documentation'),
        detail: CONFIG_DOCUMENTATION,
        act: () => vscode.env.openExternal(vscode.Uri.parse(CONFIG_DOCUMENTATION)).then(() => false),
      },
    ];
    const picked = await pickOne(choices, {
      title: vscode.l10n.t('Add Connection'),
      placeHolder: vscode.l10n.t('There is no AWS profile on this computer yet'),
    });
    return (await picked?.act()) ?? false;
  }

  async #editConfig(): Promise<false> {
    const { file, text } = await this.#backend().planProfile('default', {});
    const uri = vscode.Uri.file(file);
    // A file that is not there yet is opened as a new one of that name.
    const exists = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    const opened = await vscode.workspace.openTextDocument(exists ? uri : uri.with({ scheme: 'untitled' }));
    const editor = await vscode.window.showTextDocument(opened);
    if (!exists && opened.getText() === '')
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), text));
    return false;
  }
}

function inTerminal(command: string): false {
  const terminal = vscode.window.createTerminal({ name: command });
  terminal.show();
  terminal.sendText(command);
  return false;
}

/** Add, remove and reorder connections. */
export function registerConnections(
  tasks: Tasks,
  connections: Connections,
  actions: ConnectionActions,
): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(tasks, 'addConnection', () => actions.add()),
    registerCommand(tasks, 'removeConnection', ({ targets }) => actions.remove(targets)),
    registerCommand(tasks, 'changeRegion', ({ target }) => actions.changeRegion(target)),
    registerCommand(tasks, 'moveConnectionUp', async ({ target }) => {
      if (target instanceof ConnectionNode) await connections.move(target.saved.id, -1);
    }),
    registerCommand(tasks, 'moveConnectionDown', async ({ target }) => {
      if (target instanceof ConnectionNode) await connections.move(target.saved.id, 1);
    }),
  );
}

async function agreeToRemove(labels: readonly string[]): Promise<boolean> {
  const go = vscode.l10n.t('Remove');
  const picked = await notify.warn(
    vscode.l10n.t('Remove {0} connections?', labels.length),
    {
      modal: true,
      detail: [
        ...labels.map((label) => `• ${label}`),
        '',
        vscode.l10n.t('Nothing changes in AWS. Saved passwords of these connections are forgotten.'),
      ].join('\n'),
    },
    go,
  );
  return picked === go;
}

async function pickConnection(
  connections: Connections,
  { placeHolder, none }: { placeHolder: string; none: string },
): Promise<string | undefined> {
  const items = connections.list().map(({ id }) => ({ label: forLabel(connections.labelOf(id)), id }));
  if (items.length === 0) {
    void notify.info(none);
    return undefined;
  }
  const picked = await pickOne(items, { placeHolder });
  return picked?.id;
}
