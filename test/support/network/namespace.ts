import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Views, World } from './names.ts';

const NEEDED = ['/usr/lib/squid/security_file_certgen', '/usr/sbin/nft', '/usr/bin/faketime'];

interface Machine {
  isRoot: boolean;
  /** Whether it is GitHub Actions, where the workflow grants what they need: there all tests must run. */
  isCi: boolean;
  /** Why no network of our own can be had; undefined where it can. */
  lacks: () => string | undefined;
}

/**
 * Why no network of our own can be had here; undefined where it can.
 * @throws in GitHub Actions as root, where a test that skips itself would look like one that passed
 */
export function noNamespace({ isRoot, isCi, lacks }: Machine = thisMachine()): string | undefined {
  const why = lacks();
  if (why !== undefined && isCi && isRoot)
    throw new Error(`The tests of company networks cannot run: ${why}.`);
  return why;
}

function thisMachine(): Machine {
  const { GITHUB_ACTIONS = '' } = process.env;
  return { isRoot: process.getuid?.() === 0, isCi: GITHUB_ACTIONS === 'true', lacks: whatLacks };
}

function whatLacks(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const missing = NEEDED.filter((file) => !existsSync(file));
  if (missing.length > 0) return `needs ${missing.join(', ')} (npm test -- packages)`;
  const made = spawnSync('unshare', ['--net', '--mount', 'ip', 'link', 'set', 'lo', 'up'], {
    encoding: 'utf8',
  });
  return made.status === 0 ? undefined : `no network namespace: ${made.stderr.trim() || String(made.error)}`;
}

/** A network of its own: loopback, and nothing that leads anywhere else. */
export interface Namespace extends World {
  /**
   * A command in front of another: it sees this network, and finds names as a view has them.
   * @param clock how far the clock of all programs in it is off, such as `+50d`: unlike by `faketime`, also of those that
   * are started without the variables of their parent
   */
  within(view: keyof Views, clock?: string): string[];
  /** Runs one of the system's programs in it; throws when it fails. */
  system(...command: string[]): void;
  close(): Promise<void>;
}

/** Makes the network and everything in it. */
export async function openNamespace(): Promise<Namespace> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-network-'));
  const script = 'ip link set lo up && exec "$@"';
  const world = [process.execPath, '--import', 'tsx', path.join(import.meta.dirname, 'world.ts'), folder];
  const child = spawn(
    'unshare',
    ['--net', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...world],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const first = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
    once(child, 'exit').then(() => undefined),
  ]);
  if (first === undefined) throw new Error(`The network ended: ${said}`);
  const made = JSON.parse(first) as World;
  const enter = ['nsenter', '--target', String(child.pid), '--net', '--mount', '--'];
  return {
    ...made,
    within(view, clock) {
      const mounts = ['mount --bind "$0" /etc/hosts', 'exec "$@"'];
      if (clock !== undefined) mounts.unshift(`mount --bind '${etcOf(folder, clock)}' /etc`);
      return [...enter, 'unshare', '--mount', 'sh', '-c', mounts.join(' && '), made.hosts[view]];
    },
    system(...command) {
      const [program = '', ...args] = [...enter, ...command];
      const ran = spawnSync(program, args, { encoding: 'utf8' });
      if (ran.status !== 0) throw new Error(`${command.join(' ')}: ${ran.stderr}`);
    },
    async close() {
      await end(child);
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** A copy of /etc in which every program is given a clock. */
function etcOf(folder: string, clock: string): string {
  const etc = path.join(folder, `etc${clock}`);
  if (existsSync(etc)) return etc;
  spawnSync('cp', ['-a', '/etc', etc]);
  const library = spawnSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketime.so.1'], { encoding: 'utf8' });
  writeFileSync(path.join(etc, 'ld.so.preload'), library.stdout);
  writeFileSync(path.join(etc, 'faketimerc'), `${clock}\n`);
  return etc;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
