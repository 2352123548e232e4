import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { versions } from '../../../tools/editor/versions.ts';
import { STAGES } from '../../run/stages.ts';

const root = path.resolve(__dirname, '../../..');
const { made } = createRequire(import.meta.filename)('../../../esbuild.js') as { made: string[] };
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const folder = '.github/workflows';
const names = readdirSync(path.join(root, folder));
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      'timeout-minutes'?: number;
      needs?: string | string[];
      container?: string | { image: string; options?: string };
      steps: Step[];
      strategy?: { matrix: Record<string, string[]> };
    }
  >;
}

function parsed(file: string): unknown {
  const document = parseDocument(read(file), { strict: true, uniqueKeys: true });
  assert.deepEqual([...document.errors, ...document.warnings].map(String), [], file);
  return document.toJS();
}

const workflows = names.map((name) => [name, parsed(path.join(folder, name)) as Workflow] as const);
const steps = workflows.flatMap(([name, { jobs }]) =>
  Object.values(jobs).flatMap((job) => job.steps.map((step) => [name, step] as const)),
);
const commands = steps.flatMap(([name, { run }]) =>
  (run ?? '').split('\n').map((line) => [name, line] as const),
);

describe('The workflows of GitHub', () => {
  it('run only scripts that there are', () => {
    let found = 0;
    for (const [name, line] of commands) {
      for (const [, script = ''] of line.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)) {
        assert.ok(script in scripts, `${name}: npm run ${script}`);
        found += 1;
      }
    }
    assert.ok(found >= 5);
  });

  it('name only stages and editors that there are', () => {
    const stages = STAGES.map(({ name }) => name);
    let found = 0;
    for (const [name, { jobs }] of workflows) {
      for (const { steps: own, strategy } of Object.values(jobs)) {
        for (const editor of strategy?.matrix.editor ?? []) assert.ok(editor in versions, editor);
        for (const { run = '' } of own) {
          const [, words = ''] = /^npm test -- (.+)$/.exec(run) ?? [];
          const chosen = words
            .replace(/--\w+ \$\{\{.*?\}\}/g, '')
            .replace('${{ matrix.stages }}', (strategy?.matrix.stages ?? []).join(' '));
          for (const word of chosen.match(/\S+/g) ?? []) {
            assert.ok(stages.includes(word), `${name}: stage ${word}`);
            found += 1;
          }
        }
      }
    }
    assert.ok(found > 10);
  });

  it('may read the repository and nothing else, unless a job says so', () => {
    for (const [name, { permissions }] of workflows)
      assert.deepEqual(permissions, { contents: 'read' }, name);
  });

  it('let the tests over the wire make networks of their own', () => {
    const jobs = workflows.flatMap(([, workflow]) => Object.values(workflow.jobs));
    const wire = jobs.filter(({ steps: own }) =>
      own.some(({ run = '' }) => /^npm test -- .*\bwire\b/.test(run)),
    );
    assert.ok(wire.length > 0);
    for (const { container } of wire)
      assert.match(typeof container === 'object' ? (container.options ?? '') : '', /--privileged/);
  });

  it('are bounded in time', () => {
    for (const [name, { jobs }] of workflows)
      for (const [job, { 'timeout-minutes': minutes }] of Object.entries(jobs))
        assert.ok((minutes ?? Infinity) <= 90, `${name}: ${job}`);
  });

  it('use actions of GitHub in a named version', () => {
    for (const [name, { uses }] of steps)
      if (uses !== undefined) assert.match(uses, /^actions\/[a-z-]+@v\d+$/, name);
  });

  it('publish to both registries with secrets that are names only, given to one step each', () => {
    const secrets = steps.flatMap(([, step]) =>
      Object.entries(step.env ?? {}).filter(([, value]) => value.includes('secrets.')),
    );
    assert.deepEqual(secrets.sort(), [
      ['OVSX_PAT', '${{ secrets.OVSX_PAT }}'],
      ['VSCE_PAT', '${{ secrets.VSCE_PAT }}'],
    ]);
    for (const [, line] of commands) assert.doesNotMatch(line, /secrets\./);
  });

  it('put nothing that others can name into a shell', () => {
    for (const [name, line] of commands) {
      for (const [, expression = ''] of line.matchAll(/\$\{\{\s*([^}]+?)\s*\}\}/g))
        assert.match(expression, /^matrix\./, `${name}: ${line}`);
    }
  });

  it('need only jobs that there are', () => {
    for (const [name, { jobs }] of workflows)
      for (const { needs } of Object.values(jobs))
        for (const job of [needs ?? []].flat()) assert.ok(job in jobs, `${name}: ${job}`);
  });
});

describe('Updates of dependencies', () => {
  it('come weekly, in groups, for packages and for actions', () => {
    const { version, updates } = parsed('.github/dependabot.yml') as {
      version: number;
      updates: {
        'package-ecosystem': string;
        schedule: { interval: string };
        groups: Record<string, object>;
      }[];
    };
    assert.equal(version, 2);
    assert.deepEqual(updates.map((update) => update['package-ecosystem']).sort(), ['github-actions', 'npm']);
    for (const { schedule, groups } of updates) {
      assert.equal(schedule.interval, 'weekly');
      assert.ok(Object.keys(groups).length > 0);
    }
  });
});

describe('The settings of VS Code in this repository', () => {
  const { tasks } = JSON.parse(read('.vscode/tasks.json')) as {
    tasks: { label: string; type: string; script: string }[];
  };
  const { configurations } = JSON.parse(read('.vscode/launch.json')) as {
    configurations: { name: string; preLaunchTask?: string; program?: string }[];
  };

  it('run only scripts and tasks that there are', () => {
    for (const { label, script } of tasks) assert.ok(script in scripts, label);
    const labels = tasks.map(({ label }) => label);
    for (const { name, preLaunchTask } of configurations)
      if (preLaunchTask !== undefined) assert.ok(labels.includes(preLaunchTask), name);
  });

  it('start bundles that the build makes', () => {
    for (const { name, program } of configurations) {
      const [, bundle] = /dist\/(\w+)\.js$/.exec(program ?? '') ?? [];
      if (bundle !== undefined) assert.ok(made.includes(bundle), name);
    }
    assert.ok(configurations.some(({ name }) => name === 'Extension'));
  });
});
