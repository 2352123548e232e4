import { readContributions, restrictedSettings, type Setting } from './manifest.ts';
import { page, table } from './markdown.ts';

/** Where a setting may be set, in the words of VS Code's settings editor. */
const SCOPES: Readonly<Record<string, string>> = {
  application: 'user',
  machine: 'user, or the remote machine',
  'machine-overridable': 'user, workspace, folder',
  window: 'user, workspace',
  resource: 'user, workspace, folder',
};

export function settingsTable(): string {
  return table(
    ['setting', 'default', 'means'],
    settings().map(([name, setting]) => [`\`${name}\``, defaultOf(setting), meaningOf(setting)]),
  );
}

export function settingsPage(): string {
  const restricted = restrictedSettings().map((name) => `\`${name}\``);
  return page(
    'Settings of the extension',
    'All names begin with `cmsEnablement.` In VS Code, open *Preferences: Open Settings*, then *Connected Mobility*.',
    table(
      ['setting', 'default', 'values', 'can be set for', 'means'],
      settings().map(([name, setting]) => [
        `\`${name}\``,
        defaultOf(setting),
        valuesOf(setting),
        SCOPES[setting.scope ?? 'window'] ?? '',
        meaningOf(setting),
      ]),
    ),
    `In Restricted Mode, a workspace cannot change ${restricted.slice(0, -1).join(', ')} and ${restricted.at(-1) ?? ''}: the value from the user settings applies until the workspace is trusted.`,
  );
}

const settings = (): [string, Setting][] => Object.entries(readContributions().configuration.properties);

const defaultOf = ({ default: value }: Setting): string => `\`${JSON.stringify(value)}\``;

function meaningOf({ markdownDescription, description, enum: values, enumDescriptions }: Setting): string {
  const each = values?.map((value, i) => `\`${value}\`: ${enumDescriptions?.[i] ?? ''}`).join(' ') ?? '';
  return `${markdownDescription ?? description ?? ''} ${each}`;
}

function valuesOf({ type, enum: values, minimum, maximum }: Setting): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  const kind = [type].flat().join(' or ');
  return minimum === undefined ? kind : `${kind}, ${minimum} to ${maximum ?? '…'}`;
}
