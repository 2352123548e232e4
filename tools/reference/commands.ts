import { commandTexts } from './commandTexts.ts';
import { type Contributions, readContributions } from './manifest.ts';
import { page, table } from './markdown.ts';

/** The VS Code menus that commands can appear in, in words. `%` stands for the rows or files of the menu. */
const MENUS: Readonly<Record<string, string>> = {
  'view/title': 'title of the view',
  'view/item/context': '%',
  'editor/title': 'editor title, of %',
  'cmsEnablement.file': 'menu *Connected Mobility* of the Explorer, tabs and editors, on %',
  'cmsEnablement.vin': 'menu of a VIN in an editor, and of its folder in the Explorer',
  'webview/context': 'a vehicle on the map and in its table',
};

export function commandsTable(): string {
  const contributions = readContributions();
  return table(
    ['command', 'does'],
    offered(contributions).map(({ command, title }) => [
      `*Connected Mobility: ${title}*`,
      commandTexts[command] ?? '',
    ]),
  );
}

export function commandsPage(): string {
  const contributions = readContributions();
  return page(
    'Commands of the extension',
    'All are in the Command Palette (F1) under *Connected Mobility:* unless the last column says otherwise. You can assign a key to each: *Preferences: Open Keyboard Shortcuts*.',
    table(
      ['command', 'id', 'does', 'also in', 'in the palette'],
      contributions.commands.map(({ command, title }) => [
        title,
        `\`${command}\``,
        commandTexts[command] ?? '',
        places(command, contributions).join('; '),
        inPalette(command, contributions),
      ]),
    ),
  );
}

/** The commands that a user can find by name. */
export function offered(contributions: Contributions): Contributions['commands'] {
  return contributions.commands.filter(({ command }) => inPalette(command, contributions) !== 'no');
}

function inPalette(command: string, { menus }: Contributions): string {
  const when = menus.commandPalette?.find((entry) => entry.command === command)?.when ?? 'true';
  if (when === 'true') return 'yes';
  if (when.includes('gpx')) return 'in a route file, when `cmsEnablement.connected`';
  return when === 'false' ? 'no' : `when \`${when}\``;
}

/** Names of rows in the documentation, without their states. Other rows have the names of the manifest. */
const ROWS: Readonly<Record<string, string>> = {
  hasCertificate: 'vehicle with a certificate',
  hasArn: 'vehicle in AWS IoT',
  certificateFiles: 'certificate files',
  simulatedVehicle: 'vehicle of a simulation',
  scaleRun: 'run of several workers',
  pastDrive: 'past drive',
  cloudRun: 'simulation in the cloud',
  one: '',
  notRecording: 'simulation',
  recording: 'simulation',
  resumable: 'simulation',
  active: '',
  canPause: '',
  canResume: '',
  idle: '',
  over: '',
  simulating: '',
  console: 'everything with an ARN in AWS',
};

function places(command: string, { menus, keybindings = [] }: Contributions): string[] {
  const found = Object.entries(menus)
    .filter(([menu]) => menu !== 'commandPalette')
    .flatMap(([menu, entries]) =>
      entries
        .filter((entry) => entry.command === command)
        .map(({ when = '' }) => (MENUS[menu] ?? menu).replace('%', subject(when))),
    );
  const keys = keybindings
    .filter((binding) => binding.command === command)
    .map(({ key }) => `key \`${key}\``);
  return [...new Set([...found, ...keys])];
}

/** What the condition of a menu applies to: kinds of rows, or names of files. */
function subject(when: string): string {
  const row = /viewItem =~ \/(.*?)\/(?: |$)/.exec(when)?.[1];
  if (row !== undefined) {
    // What its deployment must be able to do is another question.
    const kinds =
      row
        .replaceAll(/\.\*\\b(can\\\.\w+)\\b|\(\?!.*?\)/g, '')
        .replaceAll('\\b', ' ')
        .match(/[a-zA-Z]+(?:\\\.[a-zA-Z]+)?/g) ?? [];
    const names = kinds.map((kind) => ROWS[kind] ?? kind.replace('\\.', ' ')).filter((name) => name !== '');
    return `row ${[...new Set(names)].join(', ')}`;
  }
  if (when.includes('gpx')) return 'route files';
  if (when.includes('cms-fleet')) return 'fleet files';
  return when.includes('jsonl') ? 'recordings' : 'everything';
}
