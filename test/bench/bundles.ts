import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Figure } from './run.ts';

const dist = path.join(import.meta.dirname, '../../dist');
const RUNS = 15;

/** Sizes of what is shipped, and what a cold `require` of the extension costs next to an extension that does nothing. */
export function bundles(): Promise<Figure[]> {
  const sizes = readdirSync(dist)
    .filter((name) => name.endsWith('.js'))
    .map((name): Figure => ({
      what: `Size of dist/${name}`,
      value: statSync(path.join(dist, name)).size / 1024,
      unit: 'KiB',
      note: 'not minified',
    }));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cms-bench-'));
  try {
    // The one module an extension gets from its host, so that only our own code is measured.
    const stub = path.join(folder, 'vscode.js');
    writeFileSync(
      stub,
      // By its prototype: bundles copy what a module has itself, and find there what it has not.
      'module.exports = Object.create(new Proxy({}, { get: (_, key) => (key === "__esModule" ? false : class {}) }));',
    );
    const empty = path.join(folder, 'empty.js');
    writeFileSync(empty, 'exports.activate = () => undefined;');
    return Promise.resolve([
      ...sizes,
      coldRequire('the extension', path.join(dist, 'extension.js'), stub),
      coldRequire('an empty extension', empty, stub),
      coldRequire('the backend (first action, not activation)', path.join(dist, 'backend.js'), stub),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Median of fresh processes, milliseconds inside `require` alone. */
function coldRequire(what: string, file: string, stub: string): Figure {
  const program = `
    const Module = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => (name === 'vscode' ? require(${JSON.stringify(stub)}) : load(name, ...rest));
    const started = process.hrtime.bigint();
    require(${JSON.stringify(file)});
    process.stdout.write(String(Number(process.hrtime.bigint() - started) / 1e6));
    process.exit(0);`;
  const times = Array.from({ length: RUNS }, () =>
    Number(
      execFileSync(process.execPath, ['-e', program], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ),
  ).toSorted((a, b) => a - b);
  return {
    what: `Cold require of ${what}`,
    value: times[(RUNS - 1) / 2] ?? NaN,
    unit: 'ms',
    note: `median of ${RUNS} processes`,
  };
}
