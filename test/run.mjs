// `npm test`: everything, in order, and one closing line `N passed, N failed`.
// `npm test -- unit wire` runs only the named stages; `--editor 1.139` takes another editor than the lowest;
// `--coverage` writes down which lines the tests without a window reached (slower, and some gigabytes on the way).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const output = path.join(root, '.test-output');
const vsixFolder = path.join(output, 'package');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

/**
 * A stage is one command. A mocha stage counts its tests, and so does one that runs mocha elsewhere and leaves the
 * counts (`counting`); any other counts as one check. Where processes and windows work together, a file that failed
 * is run once more, alone, and has to pass then (`again`): a busy machine can make one of them too late.
 */
const stages = [
  { name: 'packages', command: [process.execPath, 'test/support/systemPackages.mjs'] },
  { name: 'typecheck', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'] },
  { name: 'deadcode', command: ['npm', 'run', '--silent', 'deadcode'] },
  { name: 'build', command: [process.execPath, 'esbuild.js'] },
  { name: 'unit', mocha: ['--parallel', '--jobs', '2', 'test/unit/**/*.test.ts'] },
  // More of the same, with input so big or so much of it that it takes seconds.
  { name: 'thorough', mocha: ['--timeout', '120000', 'test/thorough/**/*.test.ts'] },
  { name: 'wire', mocha: ['--timeout', '90000', 'test/wire/**/*.test.ts'], again: true },
  // The fleet map's page in a browser.
  {
    name: 'webview',
    mocha: ['--timeout', '180000', 'test/webview/**/*.test.ts'],
    coverage: false,
    again: true,
  },
  // Both in a real VS Code: inside its extension host, and as a person at its window.
  { name: 'editor', counting: [bin('tsx'), 'test/support/editor/runHostTests.ts'] },
  { name: 'start', mocha: ['--timeout', '180000', 'test/start/**/*.test.ts'], coverage: false, again: true },
  // A step that a busy machine made late is taken once more, and the run says so.
  {
    name: 'ui',
    mocha: ['--timeout', '180000', '--retries', '1', 'test/ui/**/*.test.ts'],
    again: true,
    coverage: false,
  },
  // The same steps again, with the extension installed as people get it.
  {
    name: 'package',
    mocha: ['--timeout', '60000', 'test/package/**/*.test.ts'],
    coverage: false,
    env: () => ({ CMS_PACKAGE_FOLDER: vsixFolder }),
  },
  {
    name: 'vsix',
    mocha: ['--timeout', '180000', '--retries', '1', 'test/ui/onboarding.test.ts'],
    again: true,
    coverage: false,
    env: () => ({ CMS_VSIX: vsixOfThisPlatform() }),
  },
];

const asked = process.argv.slice(2);
const editorAt = asked.indexOf('--editor');
if (editorAt >= 0) process.env.CMS_EDITOR = asked.splice(editorAt, 2)[1] ?? '';
const coverageAt = asked.indexOf('--coverage');
const measuring = coverageAt >= 0 && asked.splice(coverageAt, 1).length > 0;
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`Unknown stage ${unknown.join(', ')}. Stages: ${stages.map((s) => s.name).join(', ')}`);
  process.exit(2);
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const coverage = path.join(output, 'v8-coverage');
let passed = 0;
let failed = 0;
const broken = [];

function run(command, env) {
  return spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status;
}

function runTests(stage, counts, mochaArguments) {
  rmSync(counts, { force: true });
  const command = stage.counting ?? [
    bin('mocha'),
    '--reporter',
    'test/support/reporter.cjs',
    ...mochaArguments,
  ];
  // Not in an editor: it would write down the coverage of itself.
  const measured = measuring && stage.mocha !== undefined && stage.coverage !== false;
  return run(command, {
    MOCHA_COUNTS: counts,
    ...(measured ? { NODE_V8_COVERAGE: coverage } : {}),
    ...stage.env?.(),
  });
}

/** Nothing was counted when the tests did not get as far as to their end. */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passes: 0, failures: 0, files: {} };
  }
}

/** None when it is not known which: then the failure stands. */
function failedFiles({ files = {} }) {
  const failing = Object.keys(files).filter((file) => files[file].failures > 0);
  return failing.every((file) => existsSync(file)) ? failing : [];
}

/** The counts of both runs, the second one's for the files that it ran again. */
function merged(first, second, again) {
  const counts = { passes: second.passes, failures: second.failures };
  for (const [file, { passes, failures }] of Object.entries(first.files)) {
    if (again.includes(file)) continue;
    counts.passes += passes;
    counts.failures += failures;
  }
  return counts;
}

/** What the stage `package` wrote; without it the tests fail at the installation and say so. */
function vsixOfThisPlatform() {
  const musl =
    process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
  const end = `-${musl ? 'alpine' : process.platform}-${process.arch}.vsix`;
  const name = existsSync(vsixFolder)
    ? readdirSync(vsixFolder).find((file) => file.endsWith(end))
    : undefined;
  return path.join(vsixFolder, name ?? 'run-the-stage-package-first.vsix');
}

for (const stage of stages) {
  if (asked.length > 0 && !asked.includes(stage.name)) continue;
  console.log(`\n=== ${stage.name}`);
  const started = Date.now();
  let status;
  if (stage.mocha ?? stage.counting) {
    const counts = path.join(output, `${stage.name}.json`);
    status = runTests(stage, counts, stage.mocha ?? []);
    let result = readCounts(counts);
    const again = stage.again && status !== 0 ? failedFiles(result) : [];
    if (again.length > 0) {
      console.log(`\n=== ${stage.name}: once more, alone: ${again.join(', ')}`);
      const options = stage.mocha.filter((argument) => !argument.endsWith('.test.ts'));
      status = runTests(stage, counts, [...options, ...again]);
      result = merged(result, readCounts(counts), again);
    }
    passed += result.passes;
    failed += result.failures;
    if (status !== 0 && result.failures === 0) failed += 1;
    if (result.passes + result.failures === 0) {
      console.error('No test ran.');
      failed += 1;
      status = 1;
    }
  } else {
    status = run(stage.command);
    if (status === 0) passed += 1;
    else failed += 1;
  }
  if (status !== 0) broken.push(stage.name);
  console.log(
    `=== ${stage.name}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
  // Without its programs or its bundles every later stage would only repeat the same failure.
  if (status !== 0 && (stage.name === 'packages' || stage.name === 'build')) break;
}

if (measuring) {
  console.log('\n=== coverage');
  run([
    bin('c8'),
    'report',
    // Read one by one: every process of the wire tests leaves some megabytes, more than fit into memory together.
    '--merge-async',
    '--temp-directory',
    coverage,
    '--reporter',
    'text-summary',
    '--reporter',
    'html',
    '--reports-dir',
    path.join(root, 'coverage'),
    '--include',
    'src/**',
    '--all',
    '--src',
    'src',
    '--exclude-after-remap',
  ]);
}
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || broken.length > 0 ? 1 : 0;
