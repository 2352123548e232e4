import * as vscode from 'vscode';
import type { CloudCa } from '../../aws/iot/caCertificates.ts';
import { endWords } from '../base/expiry.ts';
import { warningIcon } from '../base/icons.ts';
import { FactNode } from '../base/factNode.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { Node, row } from '../base/node.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';
import { CaFunctionNode, type FunctionSources, isForJitr } from './caFunctionNode.ts';

export interface CaSources {
  backend: LoadBackend<'findCas' | 'lookAtFunction'>;
  connections: Pick<Connections, 'open'>;
}

/** The CAs that are registered in the account and region of a deployment. */
export class CasNode extends Node {
  readonly id: string;
  readonly ref: StackRef;
  readonly #sources: CaSources;

  constructor(sources: CaSources, parent: Node, ref: StackRef) {
    super(parent);
    this.#sources = sources;
    this.ref = ref;
    this.id = `${parent.id}/cas`;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Your own CAs'), {
      icon: new vscode.ThemeIcon('verified'),
      contextValue: 'cas',
      expand: 'collapsed',
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    const { findCas } = this.#sources.backend();
    const connection = await this.#sources.connections.open(this.ref.connectionId);
    const cas = await findCas(connection, signal);
    if (cas.length > 0) return cas.map((ca) => new CaNode(this.#sources, this, this.ref, ca));
    return [new FactNode(this, { key: 'none', label: vscode.l10n.t('None yet'), words: '', icon: 'info' })];
  }
}

/** One registered CA. */
export class CaNode extends Node {
  readonly id: string;
  readonly ref: StackRef;
  readonly ca: CloudCa;
  readonly #sources: FunctionSources;

  constructor(sources: FunctionSources, parent: Node, ref: StackRef, ca: CloudCa) {
    super(parent);
    this.#sources = sources;
    this.ref = ref;
    this.ca = ca;
    this.id = `${parent.id}/${ca.id}`;
  }

  /** To be copied. */
  get value(): string {
    return this.ca.id;
  }

  override get arn(): string {
    return this.ca.arn;
  }

  override item(): vscode.TreeItem {
    const { id, status, mode, notAfter } = this.ca;
    const isOn = status === 'ACTIVE';
    const { words: until, isWarning } = endWords(notAfter);
    const icon = isOn ? (isWarning ? 'warning' : 'verified') : 'circle-slash';
    return row(this, `${id.slice(0, 12)}…`, {
      description: [isOn ? wayWords(this.ca) : vscode.l10n.t('switched off'), ...until].join(' · '),
      icon: isWarning ? warningIcon(icon) : new vscode.ThemeIcon(icon),
      contextValue: isOn ? 'ca on' : 'ca off',
      tooltip: [id, status, mode, wayWords(this.ca), ...until].join('\n'),
      ...(isForJitr(this.ca) ? { expand: 'collapsed' as const } : {}),
    });
  }

  override async load(signal: AbortSignal): Promise<Node[]> {
    if (!isForJitr(this.ca)) return [];
    return [await CaFunctionNode.of(this, this, this.#sources, signal)];
  }
}

/** How vehicles of a CA come in. */
export function wayWords({ mode, autoRegistration, templateName, templateBody }: CloudCa): string {
  if (mode === 'SNI_ONLY') return vscode.l10n.t('by a list (SNI_ONLY)');
  if (!autoRegistration) return vscode.l10n.t('its vehicles may not register themselves');
  if (templateName !== undefined) return vscode.l10n.t('jitp, with {0}', templateName);
  return templateBody === undefined ? 'jitr' : 'jitp';
}
