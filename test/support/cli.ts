import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';

const built = path.join(import.meta.dirname, '../../dist/cli.js');

export interface CliRun {
  /** `null` if a signal ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** The parsed lines of standard output. Only with `--json`. */
  objects(): ({ type: string } & Record<string, unknown>)[];
}

export interface CliStart {
  /** Another build of the command line than `dist/cli.js`. */
  bundle?: string;
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** A command in front of it, such as one that leads into a network namespace. */
  within?: readonly string[];
  /** Written to standard input, which is then closed. Without it there is no standard input. */
  input?: string;
  /** Called with the process as soon as there is one. */
  onStart?: (child: ChildProcess) => void;
  /** Called on every output, with the process and all its output so far. */
  onOutput?: (child: ChildProcess, text: string) => void;
}

/** An environment without any settings of the user who runs the tests. */
export function cleanEnvironment(extra: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const missing = path.join(os.tmpdir(), 'no-such-folder-of-cms-enablement');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: missing,
    AWS_CONFIG_FILE: path.join(missing, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(missing, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    // Coverage of child processes, if the tests run with coverage.
    NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE,
    ...extra,
  };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

/** Runs the built command line until it exits. Run `npm run build` first. */
export async function runCli(args: readonly string[], start: CliStart = {}): Promise<CliRun> {
  const [program = '', ...rest] = [...(start.within ?? []), process.execPath, start.bundle ?? built, ...args];
  const child = spawn(program, rest, {
    env: cleanEnvironment(start.env),
    cwd: start.cwd ?? os.tmpdir(),
    stdio: [start.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  start.onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    start.onOutput?.(child, stdout + stderr);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    start.onOutput?.(child, stdout + stderr);
  });
  if (start.input !== undefined) child.stdin?.end(start.input);
  const [code] = (await once(child, 'close')) as [number | null];
  return {
    code,
    stdout,
    stderr,
    objects: () =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string } & Record<string, unknown>),
  };
}
