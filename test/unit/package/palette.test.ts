import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Contributions {
  commands: { command: string }[];
  menus: { commandPalette: { command: string; when: string }[] };
}

const root = path.resolve(__dirname, '../../..');
const { contributes } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  contributes: Contributions;
};

type Contexts = Readonly<Record<string, string | boolean>>;

/** What the editor makes of a `when`, as far as the palette uses it. No editor is open: `resource…` are unset. */
function holds(when: string, contexts: Contexts): boolean {
  return when.split('||').some((any) =>
    any.split('&&').every((each) => {
      const part = each.trim();
      if (part === 'true' || part === 'false') return part === 'true';
      if (part.includes('=~')) return false;
      if (part.includes(' not in ')) return true;
      if (part === 'workspaceFolderCount > 0') return contexts.folder === true;
      const [, negated, key = '', , value] = /^(!?)([\w.]+)( == (\w+))?$/.exec(part) ?? [];
      assert.notEqual(key, '', `"${part}" is not understood here`);
      const now = contexts[key.replace('cmsEnablement.', '')];
      if (value !== undefined) return now === value;
      return (now !== undefined && now !== false) !== (negated === '!');
    }),
  );
}

function palette(contexts: Contexts): string[] {
  const { commands, menus } = contributes;
  const whens = new Map(menus.commandPalette.map(({ command, when }) => [command, when]));
  return commands
    .map(({ command }) => command)
    .filter((command) => holds(whens.get(command) ?? 'true', contexts))
    .map((command) => command.replace('cmsEnablement.', ''));
}

const FRESH: Contexts = {};
/** The same with a folder, which has nothing of ours yet. */
const FOLDER: Contexts = { folder: true };
const SANDBOX: Contexts = { folder: true, sandbox: 'running', sandboxKnown: true, connected: true };
const ACCOUNT: Contexts = { folder: true, connected: true, hasConnections: true };
const DRIVING: Contexts = { ...SANDBOX, simulating: true, simulationsKnown: true };

/** What rows and the status bar call; from the palette nobody could say what it is about. */
const HANDLERS = ['quickMenu', 'simulationsMenu', 'retry', 'loadMore', 'simulationMore', 'refresh', 'copyVin', 'copyArn', 'openInConsole', 'copyValue', 'moveConnectionUp', 'moveConnectionDown', 'signInConnection', 'simulationJump', 'showMessageTemplate']; // prettier-ignore

describe('The command palette', () => {
  for (const [state, contexts] of [
    ['on a fresh install', FRESH],
    ['with a folder on a fresh install', FOLDER],
  ] as const)
    it(`holds ${state} what can work then, about a dozen entries`, () => {
      const fresh = palette(contexts);
      assert.deepEqual(
        ['startSandbox', 'tryIt', 'addConnection', 'onboardVehicle', 'getStarted', 'explainError'].filter(
          (command) => !fresh.includes(command),
        ),
        [],
      );
      assert.ok(fresh.length <= 12, fresh.join(', '));
    });

  it('holds what needs files of the workspace once they are there', () => {
    const without = palette(FOLDER);
    const added = palette({ ...FOLDER, recordings: true, caFolders: true });
    assert.deepEqual(
      added.filter((command) => !without.includes(command)),
      ['issueCertificates', 'requestCertificates', 'importCertificates', 'replayRecording'],
    );
  });

  for (const [state, contexts, without] of [
    [
      'with a folder on a fresh install',
      FOLDER,
      /^(create|add|issue|request|import|register)(Ca|Cert)|^replay/,
    ],
    [
      'on a fresh install',
      FRESH,
      /^(stop|reset|copy|send|simulat(?!eRoute$)|watch|offboard|rotate|remove|forget|openCms)/,
    ],
    ['while the sandbox runs', SANDBOX, /^(startSandbox|removeConnection|simulation[A-Z]|showTelemetry)/],
    [
      'with an account and no sandbox',
      ACCOUNT,
      /^(stopSandbox|resetSandbox|copyCli|openSandbox|writeSandbox|simulation[A-Z])/,
    ],
    [
      'while something drives',
      DRIVING,
      /^(startSandbox|removeConnection|simulationClear|simulationResumeCrashed)/,
    ],
  ] as const)
    it(`holds nothing ${state} that cannot work then`, () => {
      const offered = palette(contexts);
      assert.ok(offered.length > 5);
      assert.deepEqual(
        offered.filter((command) => without.test(command)),
        [],
      );
    });

  it('holds what is one thing once: a trouble code, a pause of one or of all, the ways to simulate, a map', () => {
    const all = palette({
      ...{ ...DRIVING, ...ACCOUNT },
      ...{ simulationsEnded: true, simulationsPaused: true, simulationsRecorded: true },
    });
    const ofEach = [
      /Trouble|[dD]tc/,
      /^simulationPause/,
      /^simulationResume(?!Crashed)/,
      /^simulationStop(?!Recording)/,
      /^simulate/,
      /^(showOnMap|simulationShowMap)/,
      /^simulationClear/,
      /^(showLog|showTelemetry)/,
    ].map((form) => all.filter((command) => form.test(command)));
    assert.deepEqual(
      ofEach.filter((commands) => commands.length !== 1),
      [],
    );
  });

  it('holds no more than somebody looks through', () => {
    const counts = [FRESH, FOLDER, SANDBOX, ACCOUNT, DRIVING].map((contexts) => palette(contexts).length);
    assert.ok(
      counts.every((count, i) => count <= ([12, 12, 50, 47, 57][i] ?? 0)),
      counts.join(', '),
    );
  });

  it('holds no handler of a row or of the status bar, whatever there is', () => {
    const all = palette({ ...DRIVING, ...ACCOUNT, simulationsEnded: true, simulationsCrashed: true });
    assert.deepEqual(
      all.filter((command) => HANDLERS.includes(command)),
      [],
    );
  });
});
