import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createProgram } from '../../../src/cli/main.ts';
import { examplesOf, fullNameOf, withCommandsBelow } from '../../../tools/reference/cli.ts';
import { commandTexts } from '../../../tools/reference/commandTexts.ts';
import { madeDocuments } from '../../../tools/reference/documents.ts';
import { readContributions } from '../../../tools/reference/manifest.ts';
import { STAGES } from '../../run/stages.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');
const documents = ['README.md', 'CONTRIBUTING.md', ...filesOf('docs')];

function filesOf(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name));
}

/** Lines in code blocks that run the command line, without the name of the program. */
function commandLines(markdown: string): string[] {
  return [...markdown.matchAll(/^(?:```\w*\n([^]*?)^```|(?: {4}.*\n)+)/gm)]
    .flatMap(([whole, inner]) => (inner ?? whole).replaceAll('\\\n', ' ').split('\n'))
    .flatMap(
      (line) => /^\s*(?:[A-Z_]+=\S+ )*(?:cms-enablement|node dist\/cli\.js) (.*)$/.exec(line)?.[1] ?? [],
    );
}

function words(line: string): string[] {
  return [...line.replace(/ #.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

/** Whether the parser takes it; nothing is run. */
async function parses(line: string): Promise<void> {
  const program = await createProgram();
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) {
    command.exitOverride();
    // One that only holds others has nothing to do; with an action it would be run in their place.
    if (command.commands.length === 0) command.action(() => undefined);
    command.configureOutput({ writeErr: () => undefined });
  }
  program.configureOutput({ writeErr: () => undefined });
  await assert.doesNotReject(program.parseAsync(words(line), { from: 'user' }), line);
}

describe('what the documentation takes from the code', () => {
  it('is as the code is now (else: npm run docs) @slow', async () => {
    for (const [name, text] of await madeDocuments()) assert.equal(read(name), text, name);
  });

  it('says of each command of the editor what it does, and of no other', () => {
    const { commands } = readContributions();
    assert.deepEqual(Object.keys(commandTexts).sort(), commands.map(({ command }) => command).sort());
  });

  it('has every command of the editor, every setting and every option of the command line @slow', async () => {
    const { commands, configuration } = readContributions();
    for (const { command } of commands)
      assert.ok(read('docs/commands.md').includes(`\`${command}\``), command);
    for (const name of Object.keys(configuration.properties)) {
      for (const page of ['README.md', 'docs/settings.md'])
        assert.ok(read(page).includes(`\`${name}\``), name);
    }
    const cli = read('docs/cli.md');
    for (const command of (await createProgram()).commands.flatMap(withCommandsBelow)) {
      const name = fullNameOf(command);
      assert.ok(read('README.md').includes(`docs/cli.md#${name.replaceAll(' ', '-')})`), name);
      const [, section = ''] = cli.split(new RegExp(`^## ${name}$`, 'm'));
      for (const { flags } of command.options) {
        const cell = `\`${flags.replaceAll('|', '\\|')}\``;
        assert.ok(section.split(/^## /m)[0]?.includes(cell), `${name} ${flags}`);
      }
    }
  });
});

describe('command lines in the documentation', () => {
  it('are understood, and so are the examples of --help @slow', async () => {
    const lines = documents.flatMap((name) => commandLines(read(name)));
    assert.ok(lines.length > 30, `${lines.length} lines`);
    const examples = (await createProgram()).commands.flatMap(withCommandsBelow).flatMap(examplesOf);
    assert.ok(examples.length > 20);
    const all = [...lines, ...examples.map((line) => line.replace(/^(?:[A-Z_]+=\S+ )*cms-enablement /, ''))];
    for (const line of new Set(all)) if (!line.includes('…')) await parses(line);
  });
});

describe('CONTRIBUTING.md', () => {
  it('says of each dependency why it is there, and of no other', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const rows =
      read('CONTRIBUTING.md')
        .split('\n## Dependencies')[1]
        ?.match(/^\| `.*?\|/gm) ?? [];
    const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    const fits = (name: string, pattern: string): boolean =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
    for (const name of Object.keys(dependencies)) {
      assert.ok(
        named.some((pattern) => fits(name, pattern)),
        name,
      );
    }
    for (const pattern of named) {
      assert.ok(
        Object.keys(dependencies).some((name) => fits(name, pattern)),
        pattern,
      );
    }
  });
});

describe('CONTRIBUTING.md, about the repository,', () => {
  const text = read('CONTRIBUTING.md');

  it('says of each stage of the tests what it does, and of no other', () => {
    const stages = STAGES.map(({ name }) => name);
    const [, section = ''] = /\n## Stages and folders\n([^]*?)\n## /.exec(text) ?? [];
    const named = [...(section.split('| folder |')[0] ?? '').matchAll(/^\| (`.*?`) \|/gm)].flatMap(
      ([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    assert.deepEqual(named.sort(), stages.sort());
  });

  it('says what each folder of the tests and tools is for, and names no other', () => {
    const folders = ['test', 'tools'].flatMap((top) =>
      readdirSync(path.join(root, top), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${top}/${name}/`),
    );
    const named = [...text.matchAll(/`((?:test|tools)\/[\w-]+\/)`/g)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(named)].sort(), folders.sort());
  });
});

describe('README.md', () => {
  it('begins with what it is and the two commands', () => {
    const beginning = read('README.md').split('## ')[0] ?? '';
    assert.ok(beginning.includes('\n    npm ci && npm run demo\n'));
    assert.ok(beginning.includes('\n    npm test\n'));
  });

  it('shows a picture that is no burden', () => {
    const pictures = [...read('README.md').matchAll(/!\[[^\]]{10,}\]\(([^)]+)\)/g)].map(
      ([, name = '']) => name,
    );
    assert.ok(pictures.length > 0);
    for (const name of pictures) assert.ok(statSync(path.join(root, name)).size < 150_000, name);
  });

  it('names only scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const name of documents) {
      for (const [, script = ''] of read(name).matchAll(/\bnpm run ([a-z0-9:]+)/g)) {
        assert.ok(script in scripts, `${name}: npm run ${script}`);
      }
    }
  });

  it('names only commands of the editor that there are, and so does the sample workspace', () => {
    const { commands } = readContributions();
    const titles = commands.map(({ title }) => title);
    for (const name of [...documents, 'tools/start/sample/README.md']) {
      for (const [, title = ''] of read(name).matchAll(/\*Connected Mobility: ([^*]+)\*/g)) {
        assert.ok(titles.includes(title), `${name}: ${title}`);
      }
    }
  });
});
