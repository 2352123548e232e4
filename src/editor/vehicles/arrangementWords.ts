import * as vscode from 'vscode';
import type { Arrangement, Filter, Property } from './arrangement.ts';

export function propertyWords(property: Property): string {
  return {
    owner: vscode.l10n.t('Owner'),
    model: vscode.l10n.t('Model'),
    state: vscode.l10n.t('State'),
    tag: vscode.l10n.t('Tag'),
  }[property];
}

export function propertyIcon(property: Property): string {
  return { owner: 'person', model: 'symbol-class', state: 'pulse', tag: 'tag' }[property];
}

/** The name of a group; of those without a value, too. */
export function groupWords(property: Property, value: string): string {
  if (value !== '') return value;
  return {
    owner: vscode.l10n.t('No owner'),
    model: vscode.l10n.t('No model'),
    state: vscode.l10n.t('No state'),
    tag: vscode.l10n.t('No tag'),
  }[property];
}

/** "Owner: ann". */
export function filterWords(filter: Filter): string {
  if ('text' in filter) return vscode.l10n.t('“{0}”', filter.text);
  return vscode.l10n.t('{0}: {1}', propertyWords(filter.property), filter.value);
}

/** How a list is shown, beside the number of its vehicles. */
export function arrangementWords({ filter, group, sort }: Arrangement): string[] {
  return [
    ...(filter === undefined ? [] : [filterWords(filter)]),
    ...(group === undefined ? [] : [vscode.l10n.t('grouped by {0}', propertyWords(group))]),
    ...(sort === undefined
      ? []
      : [vscode.l10n.t('sorted by {0}', sort === 'vin' ? vscode.l10n.t('VIN') : propertyWords(sort))]),
  ];
}

export function countWords(count: number): string {
  return count.toLocaleString(vscode.env.language);
}
