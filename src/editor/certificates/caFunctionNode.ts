import * as vscode from 'vscode';
import type { CloudCa } from '../../aws/iot/caCertificates.ts';
import { l10n, type Message } from '../../core/message.ts';
import { systemClock } from '../../core/work.ts';
import type { FunctionState } from '../../provisioning/ca/function/functionState.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { Node, row } from '../base/node.ts';
import { say } from '../base/say.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Connections } from '../connections/connections.ts';

export interface FunctionSources {
  backend: LoadBackend<'lookAtFunction'>;
  connections: Pick<Connections, 'open'>;
}

/** Whether a CA is one whose vehicles a function may let in. */
export function isForJitr({ autoRegistration, templateName, templateBody }: CloudCa): boolean {
  return autoRegistration && templateName === undefined && templateBody === undefined;
}

/** The function that decides about newcomers of a CA, as it stands. */
export class CaFunctionNode extends Node {
  readonly id: string;
  readonly ref: StackRef;
  readonly ca: CloudCa;
  readonly #state: FunctionState | undefined;

  constructor(parent: Node, of: { ref: StackRef; ca: CloudCa }, state: FunctionState | undefined) {
    super(parent);
    this.ref = of.ref;
    this.ca = of.ca;
    this.#state = state;
    this.id = `${parent.id}/function`;
  }

  static async of(
    parent: Node,
    of: { ref: StackRef; ca: CloudCa },
    { backend, connections }: FunctionSources,
    signal: AbortSignal,
  ): Promise<CaFunctionNode> {
    const connection = await connections.open(of.ref.connectionId);
    const { lookAtFunction } = backend();
    return new CaFunctionNode(
      parent,
      of,
      await lookAtFunction(of.ca.id, connection, { signal, clock: systemClock }),
    );
  }

  /** To be copied. */
  get value(): string {
    return this.#state?.stack.name ?? '';
  }

  override item(): vscode.TreeItem {
    const state = this.#state;
    const { words, isWell } = wordsOf(state);
    const unseen = state?.unseen.map(({ sentence }) => say(sentence)) ?? [];
    const error = state?.lastError;
    return row(this, vscode.l10n.t('Registration function'), {
      description: words.map(say).join(' · '),
      icon: new vscode.ThemeIcon(
        state === undefined ? 'circle-outline' : isWell ? 'server-process' : 'warning',
      ),
      contextValue: state === undefined ? 'caFunction none' : 'caFunction there',
      tooltip: [
        ...(state === undefined ? [] : [`${state.stack.name}: ${state.stack.status}`]),
        ...(error === undefined ? [] : [`${error.at.toISOString()}: ${error.why}`]),
        ...unseen,
      ].join('\n'),
    });
  }
}

function wordsOf(state: FunctionState | undefined): { words: Message[]; isWell: boolean } {
  if (state === undefined)
    return { words: [l10n.t('none: vehicles wait until you let them in')], isWell: true };
  const { isWhole, stack, rule, list, lastError } = state;
  if (!isWhole) {
    return { words: [l10n.t('its stack is {status}', { status: stack.status })], isWell: false };
  }
  const words: Message[] = [];
  if (rule?.state === 'disabled') words.push(l10n.t('its topic rule is disabled'));
  if (rule?.state === 'missing') words.push(l10n.t('its topic rule is missing'));
  if (list === 'missing') words.push(l10n.t('its list is missing'));
  const isEmpty = typeof list === 'object' && list.vehicles === 0 && !list.areMore;
  if (isEmpty) words.push(l10n.t('its list is empty: it lets nobody in'));
  if (lastError !== undefined) words.push(l10n.t('its last call failed'));
  const isWell = words.length === 0;
  if (typeof list === 'object' && !isEmpty) {
    const { vehicles: count } = list;
    words.push(
      list.areMore
        ? l10n.t('lets in more than {count} vehicles', { count })
        : l10n.plural(count, l10n.t('lets in 1 vehicle'), l10n.t('lets in {count} vehicles', { count })),
    );
  } else if (isWell) words.push(l10n.t('deployed'));
  return { words, isWell };
}
