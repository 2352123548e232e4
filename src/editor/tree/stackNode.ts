import * as vscode from 'vscode';
import { type Capability, isPossible, wordsFor } from '../../cms/contract/capability.ts';
import type { FoundDeployment, Generation } from '../../cms/contract/generation.ts';
import { activeIcon, errorIcon, warningIcon } from '../base/icons.ts';
import { say } from '../base/say.ts';
import { MessageNode, Node, row } from '../base/node.ts';
import type { StackRef } from '../base/stackRef.ts';
import { type ProvisioningSources, ProvisioningNode } from '../certificates/provisioningNodes.ts';
import type { VehicleSources } from '../vehicles/vehicleSources.ts';
import { VehiclesNode } from '../vehicles/vehiclesNode.ts';
import { forMarkdown } from '../base/shown.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { DetailsNode } from './detailsNode.ts';
import { ListNode } from './listNode.ts';

/** What stacks and all below them are read from. */
export interface StackSources {
  findStacks(connectionId: string, signal: AbortSignal): Promise<FoundDeployment[]>;
  /** Knows the generations. */
  backend: LoadBackend<'consolePage' | 'GENERATIONS'>;
  vehicles: VehicleSources;
  provisioning: ProvisioningSources;
}

/** The stacks of a connection as rows, or words when there are none. */
export async function loadStacks(
  sources: StackSources,
  parent: Node,
  connectionId: string,
  signal: AbortSignal,
): Promise<Node[]> {
  const found = await sources.findStacks(connectionId, signal);
  if (found.length === 0) {
    return [new MessageNode(parent, vscode.l10n.t('No Connected Mobility stack in this account and region'))];
  }
  const alone = found.length === 1;
  return found.map((deployment) => new StackNode(sources, parent, { connectionId, alone }, deployment));
}

/** One Connected Mobility deployment, with its state shown as it is. */
export class StackNode extends Node {
  readonly id: string;
  readonly found: FoundDeployment;
  readonly #sources: StackSources;
  readonly #ref: StackRef;
  readonly #alone: boolean;
  /** Known when it was opened once. */
  #capabilities: readonly Capability[] | undefined;

  constructor(
    sources: StackSources,
    parent: Node,
    where: { connectionId: string; alone: boolean },
    found: FoundDeployment,
  ) {
    super(parent);
    this.#sources = sources;
    this.found = found;
    this.#alone = where.alone;
    this.#ref = { connectionId: where.connectionId, stack: found.stack.name };
    this.id = `${parent.id}/stack/${found.stack.name}`;
  }

  override get stackRef(): StackRef {
    return this.#ref;
  }

  override get stackRow(): Node {
    return this;
  }

  override get arn(): string {
    return this.found.stack.id;
  }

  get ready(): boolean {
    return this.found.state.kind === 'ready';
  }

  override get unusable(): string | undefined {
    const { state, stack } = this.found;
    if (state.kind === 'ready') return undefined;
    return vscode.l10n.t('{0} cannot be used: {1}', stack.name, say(state.reason));
  }

  override item(): vscode.TreeItem {
    const { stack, state } = this.found;
    const generation = this.#generation;
    const words = {
      ready: vscode.l10n.t('ready'),
      'in-progress': vscode.l10n.t('in progress'),
      failed: vscode.l10n.t('failed'),
      incomplete: vscode.l10n.t('incomplete'),
      unsupported: vscode.l10n.t('not supported yet'),
    }[state.kind];
    const icon = {
      ready: activeIcon('layers'),
      'in-progress': new vscode.ThemeIcon('sync~spin'),
      failed: errorIcon('error'),
      incomplete: warningIcon('warning'),
      unsupported: new vscode.ThemeIcon('circle-slash'),
    }[state.kind];
    const tooltip = new vscode.MarkdownString();
    tooltip.appendMarkdown(`**${forMarkdown(stack.name)}** — ${words}\n\n`);
    tooltip.appendMarkdown(
      `- CloudFormation: ${forMarkdown(stack.status)}\n- ${forMarkdown(stack.description)}\n`,
    );
    for (const { label, value } of generation?.facts(this.found) ?? []) {
      tooltip.appendMarkdown(`- ${forMarkdown(say(label))}: ${forMarkdown(value)}\n`);
    }
    for (const { title, no } of this.#capabilities ?? []) {
      if (no !== undefined) tooltip.appendMarkdown(`- ${forMarkdown(say(title))}: ${forMarkdown(say(no))}\n`);
    }
    if (state.kind !== 'ready') tooltip.appendMarkdown(`\n${forMarkdown(say(state.reason))}`);
    const generationName = generation?.label ?? this.found.generation;
    return row(this, stack.name, {
      description: `${generationName} · ${words}`,
      icon,
      contextValue: this.#context(),
      tooltip,
      expand: this.ready ? (this.#alone ? 'expanded' : 'collapsed') : 'no',
      spoken: vscode.l10n.t('Stack {0}, {1}, {2}', stack.name, generationName, words),
    });
  }

  /** What the deployment has: its vehicles, its lists, its certificates, and its facts. */
  override async load(signal: AbortSignal): Promise<Node[]> {
    if (!this.ready) return [];
    const { vehicles, provisioning } = this.#sources;
    const deployment = await vehicles.sessions.open(this.#ref, signal);
    const capabilities = await deployment.capabilities(signal);
    const { facts, lists, certificates } = deployment;
    this.#capabilities = capabilities;
    vehicles.rows.redraw(this);
    return [
      ...(isPossible(capabilities, 'vehicles')
        ? [new VehiclesNode(vehicles, this, this.#ref, capabilities)]
        : []),
      ...lists.map((list) => new ListNode(vehicles, this, { ref: this.#ref, capabilities }, list)),
      ...(certificates === undefined
        ? []
        : [
            new ProvisioningNode(provisioning, this, this.#ref, {
              provisioner: certificates,
              deployment: this.found,
            }),
          ]),
      ...(facts.length === 0 ? [] : [new DetailsNode(this, facts)]),
    ];
  }

  /** What can be done with it, for menus. Whether vehicles are onboarded is known before it is opened. */
  #context(): string {
    const { state } = this.found;
    const words = [`stack stack.${state.kind}`];
    if (this.#capabilities !== undefined) words.push(wordsFor(this.#capabilities));
    else if (state.kind === 'ready' && this.#generation?.onboarding !== undefined) words.push('can.onboard');
    return words.join(' ');
  }

  get #generation(): Generation | undefined {
    return this.#sources.backend().GENERATIONS.find(({ id }) => id === this.found.generation);
  }
}
