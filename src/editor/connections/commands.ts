import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { ConnectionNode } from './connectionNode.ts';
import { runSteps, type Step } from '../base/wizard.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** Regions AWS IoT Core serves; any other can be typed. */
const REGIONS = [
  'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'eu-central-1', 'eu-west-1',
  'eu-west-2', 'eu-west-3', 'eu-north-1', 'eu-south-1', 'me-south-1', 'me-central-1', 'ap-east-1', 'ap-south-1',
  'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'ap-northeast-2', 'cn-north-1', 'cn-northwest-1',
  'us-gov-west-1', 'us-gov-east-1',
]; // prettier-ignore
const DEFAULT_CHAIN = '\u0000default';

/** Add, remove and reorder connections. */
export function registerConnectionCommands(app: App): vscode.Disposable {
  return vscode.Disposable.from(
    registerCommand(app, 'addConnection', () => addConnection(app)),
    registerCommand(app, 'removeConnection', (target) => removeConnection(app, target)),
    registerCommand(app, 'moveConnectionUp', (target) => move(app, target, -1)),
    registerCommand(app, 'moveConnectionDown', (target) => move(app, target, 1)),
    registerCommand(app, 'forgetPasswords', () => forgetPasswords(app)),
  );
}

async function addConnection(app: App): Promise<void> {
  const profiles = await app.work().listProfiles();
  const answers: Record<string, string> = {};
  const regionOf = (): string => profiles.find((p) => p.name === answers.profile)?.region ?? '';
  const steps: Step[] = [
    {
      kind: 'pick',
      key: 'profile',
      prompt: vscode.l10n.t('AWS profile (from ~/.aws)'),
      value: () => answers.profile ?? profiles[0]?.name,
      items: () => [
        ...profiles.map((p) => ({
          label: p.name,
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
          : { warning: vscode.l10n.t('Not a region this extension knows; it is tried anyway') };
      },
    },
  ];
  if (!(await runSteps(vscode.l10n.t('Add Connection'), steps, answers))) return;
  const saved = await app.connections.add({
    ...(answers.profile === undefined || answers.profile === DEFAULT_CHAIN
      ? {}
      : { profile: answers.profile }),
    region: answers.region ?? '',
  });
  // Said at once if the credentials do not work, not at the first click into the tree.
  const identity = await app.run(
    { title: vscode.l10n.t('Connecting to {0}', app.connections.labelOf(saved.id)) },
    async (work) => {
      const connection = await app.connections.open(saved.id);
      return connection.identity(work.signal);
    },
  );
  if (identity !== undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Connected to account {0} as {1}.',
        identity.accountId,
        identity.arn.split('/').at(-1) ?? identity.arn,
      ),
    );
  }
}

async function removeConnection(app: App, target: unknown): Promise<void> {
  const id = target instanceof ConnectionNode ? target.saved.id : await pickConnection(app);
  if (id === undefined) return;
  await app.connections.remove(id);
  app.sessions.drop(id);
}

async function pickConnection(app: App): Promise<string | undefined> {
  const items = app.connections.list().map((c) => ({ label: app.connections.labelOf(c.id), id: c.id }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no connection to remove.'));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Connection to remove'),
  });
  return picked?.id;
}

async function move(app: App, target: unknown, by: -1 | 1): Promise<void> {
  if (target instanceof ConnectionNode) await app.connections.move(target.saved.id, by);
}

async function forgetPasswords(app: App): Promise<void> {
  const count = await app.passwords.forgetAll();
  app.sessions.drop();
  app.refresh();
  void vscode.window.showInformationMessage(
    count === 0
      ? vscode.l10n.t('No passwords were saved.')
      : count === 1
        ? vscode.l10n.t('1 saved password forgotten.')
        : vscode.l10n.t('{0} saved passwords forgotten.', count),
  );
}
