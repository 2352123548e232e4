import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { processorSeconds } from './processor.ts';
import { root } from './stages.ts';

const running = new Set<ChildProcess>();
/** What the processes of a stage may take to tidy up after Ctrl-C. */
const GRACE_MS = 10_000;
const LAST_WORDS_MS = 2_000;

export interface Ended {
  status: number;
  /** What it printed, when nobody saw that yet. */
  output: string;
  /** Seconds of processor that it and its children took, as far as these ended before it. */
  processor: number;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
}

let ending = false;

/** After Ctrl-C nothing more is started. */
export function isEnding(): boolean {
  return ending;
}

/** Of all children up to the last that ended. */
let counted = 0;

function processorOfTheLast(): number {
  const { children } = processorSeconds();
  const taken = children - counted;
  counted = children;
  return taken;
}

/**
 * Runs a command in a process group of its own, so that Ctrl-C can end all that it started.
 * @param onOutput is told what it prints; without it the terminal shows that at once
 */
export async function run(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  onOutput: ((text: string) => void) | undefined,
): Promise<Ended> {
  if (ending) return { status: 1, output: '', processor: 0 };
  return start(command, env, onOutput).ended;
}

/** The same for a command that takes messages while it runs, where `channel` says so. */
export function start(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  onOutput: ((text: string) => void) | undefined,
  channel?: 'ipc',
): Started {
  const out = onOutput === undefined ? 'inherit' : 'pipe';
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', out, out, ...(channel === undefined ? [] : [channel])],
  });
  return { child, ended: endOf(child, onOutput) };
}

async function endOf(child: ChildProcess, onOutput: ((text: string) => void) | undefined): Promise<Ended> {
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      onOutput?.(text);
    });
  }
  try {
    // A program that cannot be started fails both waits, and one of them is for the sentence.
    const closed = once(child, 'close').catch(() => undefined);
    const [code] = (await once(child, 'exit')) as [number | null];
    const processor = processorOfTheLast();
    // What it printed last may still be on its way; but a program that it left behind must not hold the run.
    await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
    return { status: code ?? 1, output, processor };
  } catch (error) {
    return { status: 1, output: `${output}${String(error)}\n`, processor: 0 };
  } finally {
    running.delete(child);
  }
}

function signalAll(signal: NodeJS.Signals): void {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** Ctrl-C ends everything that was started, gently first. */
export function endWithChildren(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      ending = true;
      const code = 128 + constants.signals[signal];
      signalAll(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      const end = (): void => {
        signalAll('SIGKILL');
        process.exit(code);
      };
      process.once(signal, end);
      setTimeout(end, GRACE_MS).unref();
      const look = setInterval(() => {
        if (running.size > 0) return;
        clearInterval(look);
        process.exit(code);
      }, 50);
    });
  }
}
