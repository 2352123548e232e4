import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from '../../run/child.ts';
import { type QueueRun, workThrough } from '../../run/queue.ts';
import { dealt, failedFiles, merged, type Results, type TestResult } from '../../run/results.ts';
import { createRoom } from '../../run/room.ts';
import { runStage, type StageOutcome } from '../../run/runStage.ts';
import { root, STAGES } from '../../run/stages.ts';
import { timeLines } from '../../run/times.ts';

const FILE = 'test/ui/a.test.ts';
const test = (title: string, state: TestResult['state'], file = FILE): TestResult => ({ file, title, state });
const results = (...tests: TestResult[]): Results => ({ tests, durations: {} });

describe('A file that is run once more', () => {
  const other = test('other', 'passed', 'test/ui/b.test.ts');

  it('counts with its second run, and the others with their first', () => {
    const first = results(other, test('one', 'failed'), test('two', 'skipped'));
    const second = results(test('one', 'passed'), test('two', 'passed'));
    assert.deepEqual(merged(first, second, [FILE]).tests, [other, ...second.tests]);
  });

  it('has flaky tests: those that failed first and passed then', () => {
    const first = results(test('one', 'failed'), test('two', 'failed'), test('three', 'failed'));
    const second = results(test('one', 'passed'), test('two', 'failed'), test('three', 'skipped'));
    assert.deepEqual(merged(first, second, [FILE]).flaky, [`${FILE} › one`]);
  });

  it('is flaky, too, when a hook failed that passes then', () => {
    const hook = 'Map › "before all" hook in "Map"';
    const second = results(test('Map › one', 'passed'));
    assert.deepEqual(merged(results(test(hook, 'failed')), second, [FILE]).flaky, [`${FILE} › ${hook}`]);
  });

  it('stays failed when its second run did not come to its end', () => {
    const first = results(test('one', 'failed'));
    assert.deepEqual(merged(first, results(), [FILE]), { ...first, flaky: [] });
  });

  it('is one with a failure; nothing is run again when a failure is in no known file', () => {
    assert.deepEqual(failedFiles(results(other, test('one', 'failed'), test('two', 'failed'))), [FILE]);
    assert.deepEqual(failedFiles(results(test('one', 'failed'), test('two', 'failed', ''))), []);
  });
});

describe('A stage with failures @slow', () => {
  /** The second run of a file ends well; whether tests ran in it, `second` says. */
  async function stage(second: TestResult[]): Promise<StageOutcome> {
    const first = [test('one', 'failed', FILES)];
    const program = `
      const { mkdirSync, writeFileSync } = require('node:fs');
      const file = process.env.MOCHA_RESULTS;
      const again = file.includes('once-more');
      const tests = again ? ${JSON.stringify(second)} : ${JSON.stringify(first)};
      mkdirSync(require('node:path').dirname(file), { recursive: true });
      if (tests.length > 0) writeFileSync(file, JSON.stringify({ tests, durations: {} }));
      process.exitCode = again ? 0 : 1;`;
    return runStage(
      {
        name: 'stage of a test',
        counting: [process.execPath, '-e', program, '--'],
        mocha: { tests: FILES, options: [] },
        after: [],
        again: true,
      },
      {
        room: createRoom(1),
        everything: 1,
        alone: false,
        begin: () => ({ print: () => undefined, end: () => undefined }),
      },
    );
  }
  const FILES = 'test/unit/repository/testRun.test.ts';

  it('passes when they are gone the second time', async () => {
    const { seconds, processor, ...counts } = await stage([test('one', 'passed', FILES)]);
    assert.ok(seconds > 0 && processor >= 0);
    assert.deepEqual(counts, {
      ok: true,
      passed: 1,
      failed: 0,
      skipped: 0,
      flaky: [`${FILES} › one`],
      failures: [],
      files: [],
    });
  });

  it('fails when nothing ran the second time, however well that ended', async () => {
    const { ok, failed } = await stage([]);
    assert.deepEqual({ ok, failed }, { ok: false, failed: 1 });
  });
});

describe('A queue of files @slow', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'queue-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs files with these bodies in one process after another. */
  async function through(bodies: Record<string, string>): Promise<{ run: QueueRun; shown: string[] }> {
    const files = Object.entries(bodies).map(([name, body]) => {
      const file = path.join(folder, `${name}.test.cjs`);
      writeFileSync(file, body);
      return path.relative(root, file);
    });
    const shown: string[] = [];
    const run = await workThrough(files, {
      stage: 'queue',
      timeout: 5000,
      env: {},
      begin: (what) => ({ print: () => undefined, end: (output) => shown.push(`${what}\n${output}`) }),
      onProcessor: () => undefined,
    });
    return { run, shown };
  }
  const states = ({ results: { tests } }: QueueRun): string[] =>
    tests.map(({ file, state }) => `${path.basename(file)} ${state}`);

  it('goes on in another process after a file that ended the first', async () => {
    const { run, shown } = await through({
      dies: "it('ends its process', () => process.exit(3));",
      lives: "it('passes', () => console.log('here'));",
    });
    assert.equal(run.ok, false);
    assert.deepEqual(states(run), ['dies.test.cjs failed', 'lives.test.cjs passed']);
    assert.match(run.results.tests[0]?.why ?? '', /ended with 3/);
    assert.match(shown[1] ?? '', /^queue: .*lives\.test\.cjs\n[^]*here/);
  });

  it('names the file before one whose process was ended by what was left behind', async () => {
    const { run } = await through({
      leaves: "it('leaves something', () => setTimeout(() => process.exit(4), 500));",
      pays: "it('waits', (done) => setTimeout(done, 4000));",
    });
    assert.deepEqual(states(run), ['leaves.test.cjs passed', 'pays.test.cjs failed']);
    assert.match(run.results.tests[1]?.why ?? '', /ended with 4, maybe for what .*leaves\.test\.cjs left/);
  });

  it('fails with a file that cannot be loaded', async () => {
    const { run } = await through({ broken: 'syntax error' });
    assert.equal(run.ok, false);
    assert.deepEqual(states(run), ['broken.test.cjs failed']);
  });

  it('fails when what its files share cannot be closed after the last', async () => {
    const { run } = await through({
      shares: `
        const { afterAllSuites } = require(${JSON.stringify(path.join(root, 'test/support/rootHook.ts'))});
        describe('one', function () {
          afterAllSuites(this, 'closes it', () => Promise.reject(new Error('stuck')));
          it('passes', () => undefined);
        });`,
    });
    assert.equal(run.ok, false);
    assert.deepEqual(states(run), ['shares.test.cjs passed']);
  });
});

describe('Where the time went', () => {
  it('names stages, and then their slowest files', () => {
    const lines = timeLines([
      { name: 'none' },
      { name: 'quick', seconds: 0.2, processor: 0.1 },
      {
        name: 'wire',
        seconds: 12,
        processor: 7.6,
        files: [
          { file: 'b', seconds: 3 },
          { file: 'a', seconds: 9, processor: 4 },
        ],
      },
    ]);
    assert.deepEqual(
      lines.slice(2).map((line) => line.trim().split(/ +/)),
      [
        ['wire', '12', '8'],
        ['a', '9', '4'],
        ['b', '3'],
      ],
    );
  });
});

describe('A process of the run', () => {
  it('that cannot be started has failed, and says why @slow', async () => {
    // An error that nobody handles would end the whole run.
    const unhandled: unknown[] = [];
    const hear = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const { status, output } = await run(['/no/such/program'], {}, () => undefined);
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);
    assert.deepEqual(unhandled, []);
    assert.equal(status, 1);
    assert.match(output, /ENOENT/);
  });
});

describe('Files dealt to processes', () => {
  const weights: Record<string, number> = { a: 10, b: 6, c: 5, d: 1 };

  it('take about the same time, the longest first', () => {
    assert.deepEqual(
      dealt(['d', 'c', 'b', 'a'], 2, (file) => weights[file] ?? 0),
      [
        ['a', 'd'],
        ['b', 'c'],
      ],
    );
  });

  it('leave no process without a file', () => {
    assert.deepEqual(
      dealt(['a', 'b'], 4, () => 1),
      [['a'], ['b']],
    );
  });
});

describe('Room for work', () => {
  /** Starts works of these sizes; gives which run, and ends one. */
  function started(
    size: number,
    ...cores: number[]
  ): { running: Set<number>; end(i: number): Promise<void> } {
    const room = createRoom(size);
    const running = new Set<number>();
    const ends: (() => void)[] = [];
    const works = cores.map((wanted, i) =>
      room.take(wanted, async () => {
        running.add(i);
        await new Promise<void>((resolve) => (ends[i] = resolve));
        running.delete(i);
      }),
    );
    return {
      running,
      async end(i) {
        ends[i]?.();
        await works[i];
        await new Promise(setImmediate);
      },
    };
  }

  it('is taken by as many as fit, in their order, past those that do not fit', async () => {
    const work = started(2, 1, 2, 1, 1);
    await new Promise(setImmediate);
    assert.deepEqual([...work.running], [0, 2]);
    await work.end(0);
    assert.deepEqual([...work.running], [2, 3]);
    await work.end(2);
    await work.end(3);
    assert.deepEqual([...work.running], [1]);
  });

  it('goes to the lowest rank of those that wait', async () => {
    const room = createRoom(1);
    const began: string[] = [];
    const work = (name: string) => () => {
      began.push(name);
      return Promise.resolve();
    };
    let end = (): void => undefined;
    const first = room.take(1, () => new Promise<void>((resolve) => (end = resolve)));
    const rest = [
      room.take(1, work('late'), 7),
      room.take(1, work('early'), 2),
      room.take(1, work('then'), 2),
    ];
    await new Promise(setImmediate);
    end();
    await Promise.all([first, ...rest]);
    assert.deepEqual(began, ['early', 'then', 'late']);
  });

  it('is never too small: what wants more than there is runs alone', async () => {
    const work = started(2, 8, 1);
    await new Promise(setImmediate);
    assert.deepEqual([...work.running], [0]);
    await work.end(0);
    assert.deepEqual([...work.running], [1]);
  });
});

describe('The stages of npm test', () => {
  it('wait only for stages that begin before them', () => {
    for (const [i, { name, after }] of STAGES.entries()) {
      const before = STAGES.slice(0, i).map((stage) => stage.name);
      for (const needed of after) assert.ok(before.includes(needed), `${name} after ${needed}`);
    }
  });

  it('run a file once more only with a whole editor at a window', () => {
    const again = STAGES.filter((stage) => stage.again === true).map(({ name }) => name);
    assert.deepEqual(again.sort(), ['editor', 'start', 'ui', 'vsix']);
  });
});
