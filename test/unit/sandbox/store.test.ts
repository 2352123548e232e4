import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { StartError } from '../../../src/sandbox/kernel/startError.ts';
import { createStore } from '../../../src/sandbox/kernel/store.ts';
import { until } from '../../support/until.ts';

describe('the store of the sandbox', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'store-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (): string => path.join(folder, 'state.json');

  it('gives back after a restart what was set', async () => {
    const store = createStore({ folder });
    store.table<{ n: number }>('things').set('a', { n: 1 });
    store.table<string>('names').set('x/ü "', 'line\nend');
    await store.close();
    const again = createStore({ folder });
    assert.deepEqual([...again.table('things').entries()], [['a', { n: 1 }]]);
    assert.equal(again.table('names').get('x/ü "'), 'line\nend');
  });

  it('keeps the order of insertion', async () => {
    const store = createStore({ folder });
    const table = store.table<number>('t');
    for (const key of ['b', 'a', '10', '9']) table.set(key, 0);
    table.set('a', 1);
    await store.close();
    assert.deepEqual([...createStore({ folder }).table('t').keys()], ['b', 'a', '10', '9']);
  });

  it('keeps tables nobody asked for since the start', async () => {
    const first = createStore({ folder });
    first.table('one').set('k', 1);
    await first.close();
    const second = createStore({ folder });
    second.table('two').set('k', 2);
    await second.close();
    assert.equal(createStore({ folder }).table('one').get('k'), 1);
  });

  it('does not write volatile tables', async () => {
    const store = createStore({ folder });
    store.table('session', { volatile: true }).set('secret', 'x');
    store.table('kept').set('k', 1);
    await store.close();
    assert.ok(!readFileSync(file(), 'utf8').includes('secret'));
  });

  it('empties all but permanent tables on a reset, also those nobody asked for', async () => {
    const first = createStore({ folder });
    first.table('authority', { permanent: true }).set('root', 'pem');
    first.table('things').set('a', 1);
    await first.close();
    const second = createStore({ folder });
    const authority = second.table('authority', { permanent: true });
    second.reset();
    await second.close();
    assert.equal(authority.get('root'), 'pem');
    const third = createStore({ folder });
    assert.equal(third.table('things').size, 0);
    assert.equal(third.table('authority').get('root'), 'pem');
  });

  it('writes by itself soon after a change', async () => {
    const store = createStore({ folder, debounceMs: 1 });
    store.table('t').set('k', 1);
    await until('the change on disk', () => fileHas('["k",1]'));
    await store.close();
    assert.equal(createStore({ folder }).table('t').get('k'), 1);
  });

  it('flush resolves only when the latest change is on disk', async () => {
    const store = createStore({ folder });
    const table = store.table<number>('t');
    table.set('k', 1);
    const flushing = store.flush();
    table.set('k', 2);
    await flushing;
    await store.flush();
    assert.ok(fileHas('["k",2]'));
    await store.close();
  });

  it('gives a file that only its owner can read', async () => {
    const store = createStore({ folder });
    store.table('t').set('k', 1);
    await store.close();
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it('loads the old state when a kill left a half-written sibling at any length @slow', async () => {
    const store = createStore({ folder });
    store.table('t').set('k', 'old');
    await store.close();
    const whole = readFileSync(file(), 'utf8').replace('old', 'new');
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        writeFileSync(`${file()}.new`, whole.slice(0, length));
        assert.equal(createStore({ folder }).table('t').get('k'), 'old');
      }),
    );
  });

  it('writes again over a half-written sibling', async () => {
    writeFileSync(`${file()}.new`, '{"format":"cms-ena');
    const store = createStore({ folder });
    store.table('t').set('k', 1);
    await store.close();
    assert.equal(createStore({ folder }).table('t').get('k'), 1);
  });

  it('always leaves a state that loads when its process is killed while writing @slow', () => {
    const script = path.join(folder, 'writer.ts');
    const source = path.resolve('src/sandbox/kernel/store.ts');
    writeFileSync(
      script,
      `import { createStore } from ${JSON.stringify(source)};
       const store = createStore({ folder: ${JSON.stringify(folder)}, debounceMs: 0 });
       const table = store.table('t');
       let n = 0;
       async function run() { for (;;) { table.set(String(n % 500), 'x'.repeat(2000)); n++;
         table.set('count', n); if (n > 600 && n % 7 === 0) await store.flush();
         if (n === 700) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5); } }
       run();`,
    );
    const { signal } = spawnSync(process.execPath, ['--import', 'tsx', script], { timeout: 15_000 });
    assert.equal(signal, 'SIGKILL');
    const count = createStore({ folder }).table<number>('t').get('count');
    assert.ok(count !== undefined && count > 600, `count is ${String(count)}`);
  });

  for (const [what, text] of [
    ['a truncated file', '{"format":"cms-enablement-sandbox","version":1,"tables":{"t":[['],
    ['an empty file', ''],
    ["another program's file", '{"name":"something else"}'],
    ['a later version', '{"format":"cms-enablement-sandbox","version":2,"tables":{}}'],
  ] as const) {
    it(`refuses ${what} and leaves it as it is`, () => {
      writeFileSync(file(), text);
      assert.throws(
        () => createStore({ folder }),
        (error: unknown) => error instanceof StartError && error.problem === 'state-unreadable',
      );
      assert.equal(readFileSync(file(), 'utf8'), text);
    });
  }

  it('leaves out a row that no text can hold, says so, and keeps the rest', async () => {
    const lines: string[] = [];
    const store = createStore({ folder, log: (_level, message) => lines.push(message) });
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    store.table('t').set('deep', deep);
    store.table('t').set('plain', 1);
    await store.close();
    assert.match(lines[0] ?? '', /^t: "deep" cannot be written/);
    assert.deepEqual([...createStore({ folder }).table('t').entries()], [['plain', 1]]);
  });

  it('freezes what it keeps when asked to, as JSON would keep it, but not what is volatile', () => {
    const store = createStore({ freeze: true });
    const given = { list: [1], gone: undefined };
    const kept = store.table<typeof given>('t');
    kept.set('k', given);
    assert.deepEqual(Object.keys(kept.get('k')!), ['list']);
    assert.throws(() => kept.get('k')!.list.push(2), TypeError);
    given.list.push(2);
    assert.deepEqual(kept.get('k'), { list: [1] });
    const passing = store.table<typeof given>('passing', { volatile: true });
    passing.set('k', given);
    assert.equal(passing.get('k'), given);
  });

  it('says so when it cannot write, and says it to whoever waits', async () => {
    const lines: string[] = [];
    const store = createStore({ folder, log: (_level, message) => lines.push(message), debounceMs: 1 });
    rmSync(folder, { recursive: true });
    store.table('t').set('k', 1);
    await assert.rejects(store.flush(), { code: 'ENOENT' });
    await until('the line in the log', () => lines.length > 0);
    assert.match(lines[0]!, /state could not be written/);
    await assert.rejects(store.close());
  });

  function fileHas(text: string): boolean {
    try {
      return readFileSync(file(), 'utf8').includes(text);
    } catch {
      return false;
    }
  }
});
