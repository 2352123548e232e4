import * as vscode from 'vscode';
import type { CredentialNeed } from '../../cms/contract/credentials.ts';
import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import { errorIcon } from './icons.ts';
import { sayError, sayErrorAndRemedy, sayPlural } from './say.ts';
import type { StackRef, VehicleOfStack } from './stackRef.ts';

/** One row of the tree. A node knows how to load its children; the tree keeps them until a refresh. */
export abstract class Node {
  /** Unique in the tree and the same after a reload, so that expansion is kept. */
  abstract readonly id: string;
  readonly parent: Node | undefined;

  constructor(parent: Node | undefined) {
    this.parent = parent;
  }

  abstract item(): vscode.TreeItem;

  load(_signal: AbortSignal): Promise<Node[]> {
    return Promise.resolve([]);
  }

  /** The connection and stack the row belongs to, for actions on it. */
  get stackRef(): StackRef | undefined {
    return this.parent?.stackRef;
  }

  /** The row of the stack it belongs to: read again when vehicles came or went, which may stand in several lists. */
  get stackRow(): Node | undefined {
    return this.parent?.stackRow;
  }

  get connectionId(): string | undefined {
    return this.parent?.connectionId;
  }

  /** The row that is read again in place of this one, where that has read its rows. */
  get readFrom(): Node | undefined {
    return undefined;
  }

  /** The rows it stands for, where it does no more than hold them together: commands are about all of these. */
  get members(): readonly Node[] | undefined {
    return undefined;
  }

  /** The vehicle the row stands for. */
  get vehicle(): VehicleOfStack | undefined {
    return undefined;
  }

  /** Of the resource in AWS that the row stands for. */
  get arn(): string | undefined {
    return undefined;
  }

  /** What it needs to be read; undefined where that is what the vehicles need. */
  get need(): CredentialNeed | undefined {
    return this.parent?.need;
  }

  /** Why nothing can be done with what the row stands for, in words. */
  get unusable(): string | undefined {
    return undefined;
  }
}

/** A page of rows. */
export interface RowPage {
  rows: Node[];
  /** Where the next page begins; undefined after the last. */
  next: string | undefined;
}

/** A row whose children are read a page at a time. Where to go on is in the row that offers it. */
export abstract class PagedNode extends Node {
  protected abstract page(next: string | undefined, signal: AbortSignal): Promise<RowPage>;

  /** Stands there when there is nothing to list. */
  protected abstract empty(): Node;

  #count: { rows: number; more: boolean } | undefined;

  /** How many rows stand below it, as far as they were read; undefined until then, and for none. */
  protected get count(): { rows: number; more: boolean } | undefined {
    return this.#count;
  }

  /** The same in words: "30", "100+". */
  protected get countWords(): string | undefined {
    if (this.#count === undefined) return undefined;
    const { rows, more } = this.#count;
    return `${rows.toLocaleString(vscode.env.language)}${more ? '+' : ''}`;
  }

  /** Learns which rows stand below it; says whether there are others than before. */
  counts(children: readonly Node[]): boolean {
    const rows = children.filter(
      (node) => !(node instanceof MessageNode || node instanceof LoadMoreNode),
    ).length;
    const more = children.some((node) => node instanceof LoadMoreNode);
    const before = this.#count;
    this.#count = rows === 0 ? undefined : { rows, more };
    return before?.rows !== this.#count?.rows || before?.more !== this.#count?.more;
  }

  protected async first(signal: AbortSignal): Promise<Node[]> {
    return this.#with([], await this.page(undefined, signal));
  }

  /** The children that are shown and, in place of the row that offers more, those of the next page. */
  async more(shown: readonly Node[], signal: AbortSignal): Promise<Node[]> {
    const offer = shown.find((node) => node instanceof LoadMoreNode);
    if (offer === undefined) return [...shown];
    return this.#with(
      shown.filter((node) => node !== offer),
      await this.page(offer.next, signal),
    );
  }

  #with(shown: readonly Node[], { rows, next }: RowPage): Node[] {
    // Pages that are counted from the start repeat rows when something came before them meanwhile.
    const known = new Set(shown.map(({ id }) => id));
    const all = [...shown, ...rows.filter(({ id }) => !known.has(id))];
    if (next !== undefined) return [...all, new LoadMoreNode(this, all.length, next)];
    return all.length === 0 ? [this.empty()] : all;
  }
}

/** Reads the stacks of a connection as rows below its row. */
export type LoadStacks = (parent: Node, connectionId: string, signal: AbortSignal) => Promise<Node[]>;

/** A tree item with the texts a screen reader needs: label, description and state in one sentence. */
export function row(
  node: Node,
  label: string,
  options: {
    description?: string;
    icon?: vscode.ThemeIcon | { light: vscode.Uri; dark: vscode.Uri };
    contextValue?: string;
    tooltip?: string | vscode.MarkdownString;
    expand?: 'no' | 'collapsed' | 'expanded';
    command?: vscode.Command;
    spoken?: string;
  } = {},
): vscode.TreeItem {
  const item = new vscode.TreeItem(
    label,
    options.expand === 'collapsed'
      ? vscode.TreeItemCollapsibleState.Collapsed
      : options.expand === 'expanded'
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.None,
  );
  item.id = node.id;
  if (options.description !== undefined) item.description = options.description;
  if (options.icon !== undefined) item.iconPath = options.icon;
  if (options.contextValue !== undefined) item.contextValue = options.contextValue;
  // Without one the editor repeats the label.
  item.tooltip = options.tooltip ?? '';
  if (options.command !== undefined) item.command = options.command;
  item.accessibilityInformation = {
    label: options.spoken ?? [label, options.description].filter(Boolean).join(', '),
  };
  return item;
}

/** A failed load, as a row with Retry and Show Log. */
export class ErrorNode extends Node {
  readonly id: string;
  readonly #error: unknown;

  constructor(parent: Node | undefined, error: unknown) {
    super(parent);
    this.id = `${parent?.id ?? ''}/error`;
    this.#error = error;
  }

  override item(): vscode.TreeItem {
    const text = sayErrorAndRemedy(this.#error);
    return row(this, sayError(this.#error), {
      icon: errorIcon('error'),
      contextValue: 'error',
      tooltip: text,
      spoken: vscode.l10n.t('Error: {0}', text),
      command: { command: 'cmsEnablement.retry', title: vscode.l10n.t('Retry'), arguments: [this] },
    });
  }
}

/** Words where there is nothing to show, and what one can do about it when the row is picked. */
export class MessageNode extends Node {
  readonly id: string;
  readonly #text: string;
  readonly #icon: string;
  readonly #command: vscode.Command | undefined;

  constructor(parent: Node, text: string, options: { icon?: string; command?: vscode.Command } = {}) {
    super(parent);
    this.#text = text;
    this.#icon = options.icon ?? 'info';
    this.#command = options.command;
    this.id = `${parent.id}/message/${options.command?.command ?? ''}`;
  }

  override item(): vscode.TreeItem {
    return row(this, this.#text, {
      icon: new vscode.ThemeIcon(this.#icon),
      // A sentence is cut off in a narrow side bar.
      tooltip: this.#text,
      ...defined({ command: this.#command }),
    });
  }
}

/** Asks a paged parent for its next page. */
export class LoadMoreNode extends Node {
  readonly id: string;
  /** Where the next page begins. */
  readonly next: string;
  readonly #shown: number;

  constructor(parent: Node, shown: number, next: string) {
    super(parent);
    this.id = `${parent.id}/more`;
    this.next = next;
    this.#shown = shown;
  }

  override item(): vscode.TreeItem {
    return row(this, vscode.l10n.t('Load more…'), {
      description: sayPlural(
        this.#shown,
        l10n.t('1 row shown'),
        l10n.t('{count} rows shown', { count: this.#shown.toLocaleString(vscode.env.language) }),
      ),
      icon: new vscode.ThemeIcon('ellipsis'),
      command: { command: 'cmsEnablement.loadMore', title: vscode.l10n.t('Load More'), arguments: [this] },
    });
  }
}

/** In place of rows that only somebody who is signed in may read. */
export function signInNode(parent: Node, text: string): MessageNode {
  return new MessageNode(parent, text, {
    icon: 'sign-in',
    command: {
      command: 'cmsEnablement.signIn',
      title: vscode.l10n.t('Sign In to Stack…'),
      arguments: [parent],
    },
  });
}
