import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Target } from './target.ts';
import { groupOf } from './targets/index.ts';
import type { Crash, Done, Order, Report } from './protocol.ts';

/** An input that takes longer hangs. */
const HANG_MS = 2000;
/** One that took so long once may have waited for a busy machine: it is tried again, alone. */
const PATIENCE_MS = 20_000;
/** Faults with other words than those before; more say nothing new. */
const MOST_FAULTS = 20;

export interface Fault {
  what: string;
  /** The input. */
  file: string;
}

export interface Outcome extends Omit<Done, 'kind' | 'outcomes'> {
  name: string;
  results: Record<string, number>;
  faults: Fault[];
}

/** How many of the inputs a target gets. */
export function shareOf(target: Target, cases: number): number {
  return target.slow === true ? Math.ceil(cases / 10) : cases;
}

export interface Asked {
  name: string;
  seed: string;
  cases: number;
  input?: string | undefined;
  folder: string;
}

/** Reads the inputs of one target in processes of their own: another goes on where one was ended. */
export async function fuzzed({ name, seed, cases, input, folder }: Asked): Promise<Outcome> {
  mkdirSync(folder, { recursive: true });
  const hangFile = path.join(folder, `${name}-hang.bin`);
  const outcome: Outcome = {
    name, cases: 0, seconds: 0, slowestMs: 0, slowestBytes: 0, branches: 0, kept: 0, growth: 0, results: {}, faults: [],
  }; // prettier-ignore
  const known = new Set<string>();
  const fault = (what: string, bytes: Uint8Array): void => {
    // Where it happened says what it is, not which input it was.
    const kind = what.split('\n').slice(0, 3).join('\n').replaceAll(/\d+/g, '#');
    if (known.has(kind) || known.size >= MOST_FAULTS) return;
    known.add(kind);
    const sum = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    const file = path.join(folder, `${name}-${sum}.bin`);
    writeFileSync(file, bytes);
    outcome.faults.push({ what, file });
  };
  const crashed = ({ what, input: bytes }: Crash): void => fault(what, Buffer.from(bytes, 'base64'));

  for (let from = 0; from < cases;) {
    rmSync(hangFile, { force: true });
    const order: Order = {
      target: name,
      group: groupOf(name),
      seed,
      from,
      to: cases,
      hangFile,
      hangMs: HANG_MS,
    };
    const ended = await inProcess(input === undefined ? order : { ...order, to: from + 1, input }, crashed);
    if (ended.done !== undefined) {
      add(outcome, ended.done);
      break;
    }
    if (!existsSync(hangFile)) {
      outcome.cases += ended.reached + 1 - from;
      from = ended.reached + 1;
      fault(`The process ended with ${ended.how}\nnear input ${ended.reached}`, Buffer.alloc(0));
      if (input !== undefined) break;
      continue;
    }
    const stopped = Number(readFileSync(`${hangFile}.number`, 'utf8')) + 1;
    outcome.cases += stopped - from;
    from = stopped;
    const bytes = readFileSync(hangFile);
    const again = path.join(folder, `${name}-slow.bin`);
    writeFileSync(again, bytes);
    const alone = await inProcess({ ...order, to: from, input: again, hangMs: PATIENCE_MS }, crashed);
    const ms = alone.done?.slowestMs ?? Infinity;
    if (ms > HANG_MS) fault(`An input took ${ms} ms`, bytes);
    if (input !== undefined) break;
  }
  return outcome;
}

function add(outcome: Outcome, { kind: _, outcomes, ...done }: Done): void {
  Object.assign(outcome, done, { cases: outcome.cases + done.cases });
  outcome.results = outcomes;
}

interface Ended {
  done?: Done;
  /** The number of the last input that is known of. */
  reached: number;
  how: string;
}

function inProcess(order: Order, crashed: (crash: Crash) => void): Promise<Ended> {
  const child = fork(path.join(import.meta.dirname, 'worker.ts'), {
    execArgv: ['--import', 'tsx', '--expose-gc', '--max-old-space-size=768'],
  });
  let reached = order.from;
  let done: Done | undefined;
  child.on('message', (report: Report) => {
    if (report.kind === 'crash') crashed(report);
    else if (report.kind === 'progress') reached = report.number;
    else done = report;
  });
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const how = signal ?? `code ${String(code)}`;
      resolve(done === undefined ? { reached, how } : { reached, how, done });
    });
  });
}
