import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Effect, type Tool } from '../../src/automation/tool.ts';
import { TOOLS } from '../../src/automation/tools.ts';
import { root } from './manifest.ts';

const ICONS: Readonly<Record<Effect, string>> = {
  looks: '$(search)',
  changes: '$(edit)',
  removes: '$(trash)',
};

/** package.json with the tools of the chat, which the editor knows before the extension runs. */
export function manifestWithTools(): string {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    contributes: Record<string, unknown>;
  };
  manifest.contributes.languageModelTools = TOOLS.map(contribution);
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

function contribution({ name, description, effect, inputSchema }: Tool): object {
  const words = name.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return {
    name: `cmsEnablement_${name}`,
    displayName: `%tool.${name}%`,
    userDescription: `%tool.${name}.description%`,
    modelDescription: description,
    canBeReferencedInPrompt: true,
    toolReferenceName: `cms${words.join('')}`,
    icon: ICONS[effect],
    tags: ['connected-mobility', 'aws'],
    inputSchema,
  };
}
