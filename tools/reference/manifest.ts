import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');

export interface Menu {
  command: string;
  when?: string;
}

export interface Setting {
  type: string | string[];
  default?: unknown;
  enum?: string[];
  enumDescriptions?: string[];
  minimum?: number;
  maximum?: number;
  scope?: string;
  description?: string;
  markdownDescription?: string;
}

export interface Contributions {
  commands: { command: string; title: string; category: string }[];
  menus: Record<string, Menu[]>;
  keybindings?: { command: string; key: string; mac?: string; when?: string }[];
  configuration: { properties: Record<string, Setting> };
}

/** Settings that a workspace in Restricted Mode cannot change. */
export function restrictedSettings(): string[] {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  };
  return manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
}

/** `contributes` of package.json with its texts filled in. */
export function readContributions(): Contributions {
  const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');
  const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;
  const manifest = JSON.parse(read('package.json'), (_key, value: unknown) =>
    typeof value === 'string'
      ? value.replace(/^%([^%]+)%$/, (_, name: string) => texts[name] ?? name)
      : value,
  ) as { contributes: Contributions };
  return manifest.contributes;
}
