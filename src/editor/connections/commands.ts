import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { ProfileSummary } from '../../aws/profiles.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { answerOf, askAll, type Question } from '../base/wizard.ts';
import { forLabel, notify, pickOne } from '../base/shown.ts';
import { ConnectionNode } from './connectionNode.ts';
import type { Connections } from './connections.ts';

/** Regions AWS IoT Core serves; any other can be typed. */
const REGIONS = [
  'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'eu-central-1', 'eu-west-1',
  'eu-west-2', 'eu-west-3', 'eu-north-1', 'eu-south-1', 'me-south-1', 'me-central-1', 'ap-east-1', 'ap-south-1',
  'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'ap-northeast-2', 'cn-north-1', 'cn-northwest-1',
  'us-gov-west-1', 'us-gov-east-1',
]; // prettier-ignore
const DEFAULT_CHAIN = '\u0000default';

/** Adds connections, and picks one of them; says itself what goes wrong. */
export class ConnectionActions {
  readonly #tasks: Tasks;
  readonly #connections: Connections;
  readonly #backend: LoadBackend<'listProfiles'>;
  readonly #startSandbox: () => Promise<void>;

  constructor(
    tasks: Tasks,
    connections: Connections,
    backend: LoadBackend<'listProfiles'>,
    startSandbox: () => Promise<void>,
  ) {
    this.#tasks = tasks;
    this.#connections = connections;
    this.#backend = backend;
    this.#startSandbox = startSandbox;
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
    if (picked === start) await this.#startSandbox();
    if (picked === add) await this.add();
  }

  async #add(): Promise<void> {
    const profiles = await this.#backend().listProfiles();
    const answers: Record<string, string> = {};
    if (!(await askAll(vscode.l10n.t('Add Connection'), questions(profiles, answers), answers))) return;
    const saved = await this.#connections.add({
      ...defined({ profile: answers.profile === DEFAULT_CHAIN ? undefined : answers.profile }),
      region: answerOf(answers, 'region'),
    });
    // Said at once if the credentials do not work, not at the first click into the tree.
    const identity = await this.#tasks.run(
      { title: vscode.l10n.t('Connecting to {0}', this.#connections.labelOf(saved.id)) },
      async (work) => (await this.#connections.open(saved.id)).identity(work.signal),
    );
    if (identity === undefined) return;
    const { accountId, arn } = identity;
    void notify.info(
      vscode.l10n.t('Connected to account {0} as {1}.', accountId, arn.split('/').at(-1) ?? arn),
    );
  }
}

/** Add, remove and reorder connections. */
export function registerConnections(
  tasks: Tasks,
  connections: Connections,
  actions: ConnectionActions,
): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(tasks, 'addConnection', () => actions.add()),
    registerCommand(tasks, 'removeConnection', async ({ target }) => {
      const id = target instanceof ConnectionNode ? target.saved.id : await pickConnection(connections);
      if (id !== undefined) await connections.remove(id);
    }),
    registerCommand(tasks, 'moveConnectionUp', async ({ target }) => {
      if (target instanceof ConnectionNode) await connections.move(target.saved.id, -1);
    }),
    registerCommand(tasks, 'moveConnectionDown', async ({ target }) => {
      if (target instanceof ConnectionNode) await connections.move(target.saved.id, 1);
    }),
  );
}

function questions(profiles: readonly ProfileSummary[], answers: Record<string, string>): Question[] {
  const regionOf = (): string => profiles.find((p) => p.name === answers.profile)?.region ?? '';
  return [
    {
      kind: 'pick',
      key: 'profile',
      prompt: vscode.l10n.t('AWS profile (from ~/.aws)'),
      value: () => answers.profile ?? profiles[0]?.name,
      items: () => [
        ...profiles.map((p) => ({
          label: forLabel(p.name),
          description: [p.region, p.endpoint].filter(Boolean).join(' · '),
          value: p.name,
        })),
        {
          label: vscode.l10n.t('Default credentials'),
          description: vscode.l10n.t('environment, instance or container role'),
          value: DEFAULT_CHAIN,
        },
      ],
    },
    {
      kind: 'text',
      key: 'region',
      prompt: vscode.l10n.t('AWS region, for example {0}', 'us-west-2'),
      value: () => answers.region ?? regionOf(),
      validate: (value) => {
        if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(value)) return vscode.l10n.t('A region looks like us-west-2');
        return REGIONS.includes(value)
          ? undefined
          : { warning: vscode.l10n.t('This extension does not know the region; it is tried anyway') };
      },
    },
  ];
}

async function pickConnection(connections: Connections): Promise<string | undefined> {
  const items = connections.list().map(({ id }) => ({ label: forLabel(connections.labelOf(id)), id }));
  if (items.length === 0) {
    void notify.info(vscode.l10n.t('There is no connection to remove.'));
    return undefined;
  }
  const picked = await pickOne(items, {
    placeHolder: vscode.l10n.t('Connection to remove'),
  });
  return picked?.id;
}
