import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const outputFolder = path.join(root, '.test-output');
/** Where `package` leaves what `vsix` installs; another folder when that was made elsewhere. */
const vsixFolder = path.resolve(root, process.env.CMS_PACKAGES ?? path.join(outputFolder, 'package'));

const npmScript = (name: string): string[] => ['npm', 'run', '--silent', name];
const script = (file: string): string[] => [process.execPath, '--import', 'tsx', file];

/**
 * The share of a core that tests take which wait for other processes a good part of their time. A window takes a whole
 * one: three of them at a time on two cores miss what people would wait for.
 */
const WAITING = 0.65;

export interface Stage {
  name: string;
  /** A check: one command, which counts as one test. */
  command?: string[];
  /** A command that runs mocha elsewhere and leaves its results where MOCHA_RESULTS says. */
  counting?: string[];
  mocha?: {
    /** The folder, or the one file, whose tests these are. */
    tests: string;
    /** What a test may take, in milliseconds: each process runs one file after another, whichever is next. */
    timeout?: number;
    /** How many processes may do so side by side; 1 unless it says otherwise. */
    processes?: number;
    /** In place of these two: of one mocha that gets all files. */
    options?: string[];
  };
  /** What must have passed before, when it is asked for, too. */
  after: string[];
  /** The share of the machine that one of its processes takes; 1 unless it says otherwise. */
  cores?: number;
  /**
   * With a whole editor at a window, a file that failed is run once more, alone. A test that failed first and passed
   * then is reported as flaky.
   */
  again?: boolean;
  /** Whether `--coverage` may measure it: not in an editor, which would write down the coverage of itself. */
  coverage?: boolean;
  env?: () => NodeJS.ProcessEnv;
  /** A part of another stage, run only when it is named. */
  part?: boolean;
}

/** In the order in which they begin, as far as there is room for them: the longest first, so that none of them ends alone. */
export const STAGES: readonly Stage[] = [
  { name: 'packages', command: [process.execPath, 'test/support/systemPackages.mjs'], after: [] },
  { name: 'build', command: [process.execPath, 'esbuild.js'], after: [] },
  { name: 'typecheck', command: npmScript('typecheck'), after: [] },
  // A VS Code server, once for all that open a window.
  { name: 'install', command: script('test/support/editor/installEditor.ts'), after: ['packages'] },
  // Inside the extension host of a real VS Code.
  {
    name: 'editor',
    counting: script('test/support/editor/runHostTests.ts'),
    after: ['build', 'install'],
    again: true,
  },
  // What somebody hostile does to them.
  {
    name: 'attacks',
    mocha: { tests: 'test/attacks', timeout: 90_000, processes: 2 },
    cores: WAITING,
    after: ['packages', 'build'],
    coverage: true,
  },
  // As a person at the window of a real VS Code.
  {
    name: 'ui',
    // Each process makes the fleet that its tests begin with: two are as many as there are cores to use.
    mocha: { tests: 'test/ui', timeout: 180_000, processes: 2 },
    after: ['build', 'install'],
    again: true,
  },
  // Real processes over HTTP and MQTT.
  {
    name: 'wire',
    mocha: { tests: 'test/wire', timeout: 90_000, processes: 4 },
    cores: WAITING,
    after: ['packages', 'build'],
    coverage: true,
  },
  // The fleet map's page in a browser.
  {
    name: 'webview',
    mocha: { tests: 'test/webview', timeout: 180_000, processes: 2 },
    after: ['packages', 'build'],
  },
  {
    name: 'package',
    mocha: { tests: 'test/package', timeout: 60_000 },
    after: ['build'],
    env: () => ({ CMS_PACKAGE_FOLDER: vsixFolder }),
  },
  // The extension as people get it: with the VSIX that `package` made.
  {
    name: 'vsix',
    mocha: { tests: 'test/vsix', timeout: 180_000 },
    after: ['install', 'package'],
    again: true,
    env: () => ({ CMS_VSIX: vsixOfThisPlatform() }),
  },
  {
    name: 'start',
    mocha: { tests: 'test/start', timeout: 180_000 },
    after: ['build', 'install'],
    again: true,
  },
  // Functions and parts, with input so big or so much of it that it takes seconds.
  {
    name: 'thorough',
    mocha: { tests: 'test/thorough', timeout: 120_000, processes: 2 },
    after: ['build'],
    coverage: true,
  },
  { name: 'lint', command: npmScript('lint'), after: [] },
  {
    name: 'unit',
    mocha: { tests: 'test/unit', options: ['--parallel', '--jobs', '2'] },
    after: ['build'],
    coverage: true,
  },
  { name: 'format', command: npmScript('format:check'), after: [] },
  { name: 'deadcode', command: npmScript('deadcode'), after: [] },
  { name: 'l10n', command: npmScript('l10n:check'), after: [] },

  // What `npm run test:quick` has in place of the whole.
  { name: 'changed', command: script('test/run/lintChanged.ts'), after: [], part: true },
  {
    name: 'quick',
    mocha: {
      tests: 'test/unit',
      options: ['--parallel', '--jobs', '2', '--grep', '@slow', '--invert'],
    },
    after: [],
    cores: 2,
    part: true,
  },
  {
    name: 'smoke',
    mocha: { tests: 'test/wire', options: ['--timeout', '90000', '--grep', '@smoke'] },
    after: ['build'],
    part: true,
  },
];

/** Answers in less than two minutes. */
export const QUICK = ['build', 'typecheck', 'changed', 'quick', 'smoke'];

/** What the stage `package` wrote; without it the tests fail at the installation and say so. */
function vsixOfThisPlatform(): string {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  const end = `-${musl ? 'alpine' : process.platform}-${process.arch}.vsix`;
  const name = existsSync(vsixFolder)
    ? readdirSync(vsixFolder).find((file) => file.endsWith(end))
    : undefined;
  return path.join(vsixFolder, name ?? 'run-the-stage-package-first.vsix');
}
