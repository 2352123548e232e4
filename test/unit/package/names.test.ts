import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'));

interface Setting {
  enum?: string[];
  enumDescriptions?: string[];
  enumItemLabels?: string[];
  properties?: Record<string, Setting>;
}
interface Manifest {
  contributes: {
    commands: { command: string }[];
    configuration: { title: string; properties: Record<string, Setting> };
    keybindings: { command: string; key: string; when?: string }[];
  };
}
const { contributes } = read('package.json') as Manifest;
const { commands, configuration, keybindings } = contributes;

describe('What people see of the extension', () => {
  it('is called Connected Mobility everywhere but where VS Code names the extension', () => {
    for (const texts of ['package.nls.json', 'package.nls.de.json']) {
      const named = Object.entries(read(texts) as Record<string, string>).filter(([, text]) =>
        /CMS Enablement/i.test(text),
      );
      assert.deepEqual(named.map(([key]) => key), ['displayName'], texts); // prettier-ignore
    }
    assert.equal(configuration.title, '%category%');
  });

  it('has a name in words for each value of a setting', () => {
    const all = (settings: Record<string, Setting>): [string, Setting][] =>
      Object.entries(settings).flatMap(([name, setting]): [string, Setting][] => [
        [name, setting],
        ...all(setting.properties ?? {}),
      ]);
    const choices = all(configuration.properties).filter(([, setting]) => setting.enum !== undefined);
    assert.ok(choices.length > 4);
    for (const [name, setting] of choices)
      assert.equal(setting.enumItemLabels?.length, setting.enum?.length, name);
  });

  it('has keys only for commands that there are, each where it can work', () => {
    const known = new Set(commands.map(({ command }) => command));
    for (const { command, key, when = '' } of keybindings) {
      assert.ok(known.has(command), command);
      assert.notEqual(when, '', `${key} would be taken from everybody else`);
    }
    const both = new Set(keybindings.map(({ key, when }) => `${key} ${when}`));
    assert.equal(both.size, keybindings.length);
  });

  it('has no key that types a letter with AltGr, which is Ctrl+Alt on Windows', () => {
    const pressed = keybindings.flatMap(({ key }) => key.split(' '));
    assert.deepEqual(
      pressed.filter((key) => key.includes('ctrl') && key.includes('alt')),
      [],
    );
  });

  it('has a key that pauses as long as anything can be paused, here or elsewhere, and resumes then', () => {
    const whenOf = (id: string) => keybindings.find(({ command }) => command === `cmsEnablement.${id}`)?.when;
    assert.equal(whenOf('simulationPauseAll'), 'cmsEnablement.simulationsPausable');
    for (const any of whenOf('simulationResumeAll')?.split(' || ') ?? [])
      assert.match(any, /^!cmsEnablement\.simulationsPausable && cmsEnablement\.simulating(Elsewhere)?$/);
    assert.match(whenOf('simulationShowMap') ?? '', /\|\| cmsEnablement\.simulatingElsewhere$/);
    assert.match(whenOf('watchFleet') ?? '', /&& !cmsEnablement\.simulatingElsewhere$/);
    assert.match(whenOf('refresh') ?? '', /&& !inDebugMode$/);
  });
});
