import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { OF_A_TITLE } from '../../src/editor/base/registerCommand.ts';

interface Menu {
  command?: string;
  submenu?: string;
  when?: string;
}
interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    menus: Record<string, Menu[]>;
    submenus: { id: string; label: string }[];
    configuration: { properties: Record<string, Record<string, unknown>> };
  };
  extensionKind: string[];
  capabilities: {
    untrustedWorkspaces: { supported: string; description: string; restrictedConfigurations: string[] };
    virtualWorkspaces: { supported: boolean; description: string };
  };
}

const root = path.resolve(__dirname, '../..');
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
const manifest = read('package.json') as Manifest;
const texts = read('package.nls.json') as Record<string, string>;
const { commands, menus, submenus, configuration } = manifest.contributes;

describe('the manifest', () => {
  before(() => vscode.extensions.getExtension('cms-enablement.cms-enablement')?.activate());

  it('has a handler for every command, and a command for every handler', async () => {
    // The editor makes some itself for each view, such as cmsEnablement.stacks.focus.
    const registered = (await vscode.commands.getCommands(true)).filter((id) =>
      /^cmsEnablement\.[^.]+$/.test(id),
    );
    assert.deepEqual(registered.sort(), commands.map(({ command }) => command).sort());
  });

  it('gives every command a title and a category in words', () => {
    for (const { command, title, category } of commands) {
      assert.match(title, /^%.+%$/, command);
      assert.ok((texts[title.slice(1, -1)] ?? '') !== '', `${command} has no title`);
      assert.equal(category, '%category%');
    }
  });

  it('hides from the palette only what makes no sense without a row, or is what a click in the status bar does', () => {
    const never = (menus.commandPalette ?? []).filter(({ when }) => when === 'false');
    assert.deepEqual(
      never.map(({ command }) => command).sort(),
      [
        ...[
          'copyArn',
          'copyValue',
          'copyVin',
          'loadMore',
          'moveConnectionDown',
          'moveConnectionUp',
          'openInConsole',
          'quickMenu',
          'refresh',
          'removeCa',
          'retry',
        ],
        ...['showAllVehicles'],
        ...['showMessageTemplate', 'signInConnection', 'simulationJump', 'simulationMore', 'simulationsMenu'],
        // One entry of the palette does what these do: log and drive, trouble code, pause, resume, stop, map, clear.
        ...['showTelemetry', 'simulateAgain', 'simulateFleet', 'simulateInCloud', 'simulateRoute'],
        ...['simulationClear', 'simulationPauseAll', 'simulationReportTrouble', 'simulationResumeAll'],
        ...['simulationShowMap', 'simulationStopAll'],
        ...['switchCaOff', 'switchCaOn'],
      ]
        .map((id) => `cmsEnablement.${id}`)
        .sort(),
    );
  });

  it('knows the commands in the titles of views, which get no row either', () => {
    const ofTitles = (menus['view/title'] ?? []).map(({ command = '' }) =>
      command.replace('cmsEnablement.', ''),
    );
    assert.deepEqual([...OF_A_TITLE].sort(), [...new Set(ofTitles)].sort());
  });

  it('puts only known commands and submenus into menus', () => {
    const known = new Set([...commands.map(({ command }) => command), ...submenus.map(({ id }) => id)]);
    for (const { command, submenu } of Object.values(menus).flat()) {
      const name = command ?? submenu ?? 'neither command nor submenu';
      assert.ok(known.has(name), name);
    }
    for (const { id } of submenus) assert.ok((menus[id]?.length ?? 0) > 1, `${id} has entries`);
  });

  /** Whether a condition holds for a file of this name, with nothing known of what is in it. */
  function holds(when: string, name: string): boolean {
    const term = (text: string): boolean => {
      if (text.startsWith('resourcePath ')) return text.startsWith('resourcePath not in ');
      const [, key, pattern] = /^(resourceFilename|resourceExtname) =~ \/(.*)\/i$/.exec(text) ?? [];
      if (pattern === undefined) return text === 'cmsEnablement.connected';
      return new RegExp(pattern, 'i').test(key === 'resourceFilename' ? name : path.extname(name));
    };
    return when.split(' || ').some((all) => all.split(' && ').every(term));
  }

  /** The commands that a menu has for a file of this name. */
  const offeredFor = (menu: string, name: string): string[] =>
    (menus[menu] ?? [])
      .filter(({ command, when }) => command !== undefined && holds(when ?? '', name))
      .map(({ command = '' }) => command.replace('cmsEnablement.', ''));

  const FLEET = ['onboardFleet', 'simulateFleet'];
  const ROUTE = ['previewRoute', 'simulateRoute'];

  it('offers for files, in one submenu wherever they are, what can be done with them', () => {
    for (const menu of ['explorer/context', 'editor/title/context', 'editor/context']) {
      const entries = menus[menu] ?? [];
      assert.ok(
        entries.some(({ submenu }) => submenu === 'cmsEnablement.file'),
        menu,
      );
      assert.deepEqual(
        entries.filter(({ command }) => command !== undefined),
        [],
        menu,
      );
    }
    // All their names: test/unit/telemetry/routes/fileNames.test.ts.
    for (const name of ['a.gpx', 'A.KMZ', 'a.geojson.gz'])
      assert.deepEqual(offeredFor('cmsEnablement.file', name), ROUTE, name);
    for (const name of ['a.cms-fleet.csv', 'A.CMS-FLEET.JSON'])
      assert.deepEqual(offeredFor('cmsEnablement.file', name), FLEET, name);
    // What is in it is seen only when it is read.
    assert.deepEqual(offeredFor('cmsEnablement.file', 'a.csv'), [...FLEET, ...ROUTE]);
    assert.deepEqual(offeredFor('cmsEnablement.file', 'run.jsonl'), ['replayRecording']);
    for (const name of ['a.ts', 'README.md', 'csv', 'a.csv.bak', 'package.json', 'answer.json.gz', 'a.zip'])
      assert.deepEqual(offeredFor('cmsEnablement.file', name), [], name);
  });

  it('offers in the title of an editor only what is of its file', () => {
    for (const [name, expected] of [
      ['a.gpx', ROUTE],
      ['a.cms-fleet.csv', FLEET],
      ['a.cms-fleet.json', FLEET],
      ['a.json', []],
      ['a.csv', []],
    ] as const) {
      assert.deepEqual(offeredFor('editor/title', name).sort(), [...expected].sort(), name);
    }
  });

  it('has a text for every key, and a use for every text', () => {
    const used = new Set(
      [...readFileSync(path.join(root, 'package.json'), 'utf8').matchAll(/"%([^"%]+)%"/g)].map(
        ([, key]) => key,
      ),
    );
    assert.deepEqual([...used].sort(), Object.keys(texts).sort());
  });

  it('describes, scopes and types every setting, and its default is valid', () => {
    for (const [name, setting] of Object.entries(configuration.properties)) {
      assert.ok(typeof setting.markdownDescription === 'string', name);
      assert.ok(typeof setting.scope === 'string' && typeof setting.type === 'string', name);
      const [section, key] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)];
      assert.deepEqual(vscode.workspace.getConfiguration(section).get(key), setting.default, name);
    }
  });

  it('restricts in untrusted workspaces only settings that exist and a workspace could set', () => {
    for (const name of manifest.capabilities.untrustedWorkspaces.restrictedConfigurations) {
      assert.ok(
        ['resource', 'window', 'machine-overridable'].includes(String(configuration.properties[name]?.scope)),
        name,
      );
    }
  });

  it('runs where the workspace is, needs real files, and says why it is limited without trust', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.match(texts[untrustedWorkspaces.description.slice(1, -1)] ?? '', /Restricted Mode/);
    assert.equal(virtualWorkspaces.supported, false);
    assert.match(texts[virtualWorkspaces.description.slice(1, -1)] ?? '', /real file system/);
  });

  it('names icons the editor has, as does the code', async () => {
    // They are registered in the editor's code, and there is no list of them for extensions.
    const bundle = 'out/vs/workbench/api/node/extensionHostProcess.js';
    const editor = readFileSync(path.join(vscode.env.appRoot, bundle), 'utf8');
    const code = (await readdir(path.join(root, 'src/editor'), { recursive: true }))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(path.join(root, 'src/editor', name), 'utf8'));
    const inCode = code.flatMap((text) =>
      [...text.matchAll(/(?:ThemeIcon\('|\$\()([a-z-]+)(?:~spin)?['~)]/g)].map(([, name]) => name),
    );
    const inManifest = commands.flatMap(({ icon }) => (icon === undefined ? [] : [icon.slice(2, -1)]));
    assert.ok(inManifest.length > 10 && inCode.length > 20);
    const unknown = [...inManifest, ...inCode].filter((name) => !editor.includes(`("${name}",`));
    assert.deepEqual([...new Set(unknown)], []);
  });
});
