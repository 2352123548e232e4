// Runs test files one after another, each as the parent process names it, and answers with the results of each.
import { createRequire } from 'node:module';
import path from 'node:path';
import Mocha from 'mocha';
import { holdWhatComesLast } from '../support/rootHook.ts';
import { processorSeconds } from './processor.ts';
import type { Results } from './results.ts';
import { root } from './stages.ts';

export interface FileRun extends Results {
  /** Seconds of processor, those of the processes included that it started and saw end. */
  processor: number;
}

const reporter = createRequire(import.meta.url)('../support/reporter.cjs') as Mocha.ReporterConstructor;
const timeout = Number(process.argv[2]);
const last = holdWhatComesLast();

/** Loading counts with what it loads; later files find much of it loaded. */
async function runFile(file: string): Promise<FileRun> {
  const before = processorSeconds().all;
  const since = performance.now();
  const done = (results: Results): FileRun => ({
    tests: results.tests,
    durations: { [file]: performance.now() - since },
    processor: processorSeconds().all - before,
  });
  let results: Results = { tests: [], durations: {} };
  const mocha = new Mocha({
    ui: 'bdd',
    timeout,
    forbidOnly: true,
    reporter,
    reporterOptions: { onResults: (of: Results) => (results = of) },
  });
  mocha.addFile(path.join(root, file));
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    console.error(error);
    return done({ tests: [{ file, title: 'loads', state: 'failed', why: String(error) }], durations: {} });
  }
  await new Promise<void>((resolve) => mocha.run(() => resolve()));
  return done(results);
}

process.on('message', (file: string) => {
  void runFile(file).then((run) => process.send?.(run));
});
// No more files: what they share is closed, and then nothing keeps this process.
process.once('disconnect', () => {
  last.comeNow().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
});
