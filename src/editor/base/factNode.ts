import * as vscode from 'vscode';
import { warningIcon } from './icons.ts';
import { Node, row } from './node.ts';
import type { VehicleOfStack } from './stackRef.ts';

/** What a row says of one fact. */
export interface Fact {
  /** Ends the id of the row: unique among its siblings. */
  key: string;
  label: string;
  words: string;
  icon: string;
  /** The vehicle whose certificate files the row stands for: picking it shows them. */
  vehicle?: VehicleOfStack | undefined;
  /** Of the resource that it names. */
  arn?: string | undefined;
  /** Somebody should look at it. */
  isWarning?: boolean;
}

/** A name and words. */
export class FactNode extends Node {
  readonly id: string;
  readonly #fact: Fact;

  constructor(parent: Node, fact: Fact) {
    super(parent);
    this.id = `${parent.id}/${fact.key}`;
    this.#fact = fact;
  }

  override get vehicle(): VehicleOfStack | undefined {
    return this.#fact.vehicle;
  }

  override get arn(): string | undefined {
    return this.#fact.arn;
  }

  /** To be copied. */
  get value(): string {
    return this.#fact.words;
  }

  override item(): vscode.TreeItem {
    const { label, words, icon, vehicle, isWarning } = this.#fact;
    // A long value is cut off in a narrow side bar.
    const look = {
      description: words,
      icon: isWarning ? warningIcon(icon) : new vscode.ThemeIcon(icon),
      tooltip: words,
    };
    if (vehicle === undefined)
      return row(this, label, { ...look, ...(words !== '' && { contextValue: 'fact' }) });
    return row(this, label, {
      ...look,
      contextValue: 'certificateFiles',
      command: {
        command: 'cmsEnablement.revealCertificates',
        title: vscode.l10n.t('Reveal Certificates'),
        arguments: [this],
      },
    });
  }
}
