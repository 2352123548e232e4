import * as vscode from 'vscode';
import type { SandboxReady } from '../../protocol/sandboxReady.ts';
import { type LoadStacks, MessageNode, Node, row } from '../base/node.ts';
import { SANDBOX_ID, type SandboxController } from './sandboxController.ts';

/** What the row shows of the sandbox. */
export type ShownSandbox = Pick<SandboxController, 'status' | 'ready'>;

/** The local sandbox, running or not. */
export class SandboxNode extends Node {
  readonly id: string;
  readonly #sandbox: ShownSandbox;
  readonly #loadStacks: LoadStacks;

  constructor(sandbox: ShownSandbox, loadStacks: LoadStacks) {
    super(undefined);
    this.#sandbox = sandbox;
    this.#loadStacks = loadStacks;
    // Another row in each status: the editor then opens it by itself, and does not keep it closed as before.
    const { status } = sandbox;
    this.id = status === 'running' ? 'sandbox' : `sandbox/${status}`;
  }

  override get connectionId(): string {
    return SANDBOX_ID;
  }

  override item(): vscode.TreeItem {
    const { status, ready } = this.#sandbox;
    const words = {
      stopped: vscode.l10n.t('stopped'),
      starting: vscode.l10n.t('starting…'),
      running: vscode.l10n.t('running'),
      stopping: vscode.l10n.t('stopping…'),
    }[status];
    const running = status === 'running';
    const tooltip = new vscode.MarkdownString();
    tooltip.appendMarkdown(`**${vscode.l10n.t('Local Sandbox')}** — ${words}\n\n`);
    if (ready !== undefined) {
      tooltip.appendMarkdown(`- HTTP: \`${ready.endpoint}\`\n- MQTT: \`${ready.mqttEndpoint}\`\n`);
      tooltip.appendMarkdown(
        `- ${vscode.l10n.t('Region')}: \`${ready.region}\`, ${vscode.l10n.t('account')}: \`${ready.accountId}\`\n`,
      );
      const installed = ready.installations.map(({ id }) => `\`${id}\``).join(', ');
      if (installed !== '') tooltip.appendMarkdown(`- ${vscode.l10n.t('Installed')}: ${installed}\n`);
    } else {
      tooltip.appendMarkdown(
        vscode.l10n.t('AWS and CMS on this computer, for trying things out. Needs no account.'),
      );
    }
    return row(this, vscode.l10n.t('Local Sandbox'), {
      description: [
        words,
        ...(ready === undefined ? [] : [installedIn(ready), ready.endpoint.replace('http://', '')]),
      ]
        .filter((part) => part !== '')
        .join(' · '),
      icon: running
        ? new vscode.ThemeIcon('vm-running', new vscode.ThemeColor('charts.green'))
        : new vscode.ThemeIcon(status === 'stopped' ? 'vm' : 'sync~spin'),
      contextValue: `sandbox sandbox.${status}`,
      tooltip,
      expand: running || status === 'stopped' ? 'expanded' : 'no',
      spoken: vscode.l10n.t('Local Sandbox, {0}', words),
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    if (this.#sandbox.status !== 'running') {
      return [
        new MessageNode(this, vscode.l10n.t('Start Local Sandbox'), {
          icon: 'play',
          command: {
            command: 'cmsEnablement.startSandbox',
            title: vscode.l10n.t('Start Local Sandbox'),
          },
        }),
      ];
    }
    return this.#loadStacks(this, SANDBOX_ID, signal);
  }
}

/** Such as `cdf:dev1`; of many the first and how many more. */
function installedIn({ installations }: SandboxReady): string {
  const [first, ...others] = installations.map(({ id }) => id);
  if (first === undefined) return '';
  return others.length === 0 ? first : vscode.l10n.t('{0} and {1} more', first, others.length);
}
