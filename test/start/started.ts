import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

export interface Started {
  process: ChildProcess;
  /** Everything it said until it printed an address, or ended. */
  said: string;
  url: string;
}

/** `npm start`, as typed in a terminal: a process group of its own, which Ctrl-C reaches as a whole. */
export async function startedIn(folder: string, port: number): Promise<Started> {
  const args = ['start', '--silent', '--', '--port', String(port), '--folder', folder];
  const child = spawn('npm', args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/;
  await new Promise<void>((resolve) => {
    const read = (data: Buffer): void => {
      said += data.toString();
      if (address.test(said)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', () => resolve());
  });
  return { process: child, said, url: address.exec(said)?.[0] ?? `nowhere; it said: ${said}` };
}

/** Ctrl-C in the terminal of this process; resolves when it has ended. */
export async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGINT');
  await ended;
}
