import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

/** A cluster of Slurm on this machine, each node in a PID namespace of its own. */
export interface SlurmCluster {
  /** What sbatch and the others need to find it. */
  readonly env: Record<string, string>;
  run(command: string, ...args: string[]): Promise<string>;
  /** The pids of all processes of a node, by a text on their command line. */
  processesOf(node: string, text: string): Promise<number[]>;
  /** Ends the machine: everything on it dies at once. */
  killNode(node: string): Promise<void>;
  logs(): Promise<string>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return ports;
}

export async function startSlurm(nodes: number): Promise<SlurmCluster> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slurm-'));
  await chmod(folder, 0o755);
  const at = (...names: string[]) => path.join(folder, ...names);
  await Promise.all(['state', 'munge'].map((name) => mkdir(at(name), { mode: 0o755 })));
  await writeFile(at('munge.key'), randomBytes(128), { mode: 0o400 });
  const [control = 0, ...ports] = await freePorts(nodes + 1);
  const names = ports.map((_, i) => `n${i + 1}`);
  const host = os.hostname();
  const config = [
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${control}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${at('munge', 'socket')},cred_expire=5`,
    `StateSaveLocation=${at('state')}`,
    `SlurmdSpoolDir=${at('spool')}-%n`,
    `SlurmctldPidFile=${at('slurmctld.pid')}`,
    `SlurmdPidFile=${at('slurmd-%n.pid')}`,
    `SlurmctldLogFile=${at('slurmctld.log')}`,
    `SlurmdLogFile=${at('slurmd-%n.log')}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'SlurmdParameters=config_overrides',
    'SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,requeue_delay=0',
    'MpiDefault=none',
    'ReturnToService=2',
    'SlurmdTimeout=5',
    'InactiveLimit=0',
    'KillWait=5',
    'MinJobAge=600',
    'MessageTimeout=5',
    ...names.map(
      (name, i) => `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1`,
    ),
    `PartitionName=all Nodes=${names.join(',')} Default=YES State=UP MaxTime=INFINITE`,
    '',
  ].join('\n');
  await writeFile(at('slurm.conf'), config);
  const env = { SLURM_CONF: at('slurm.conf') };
  const options = { env: { ...process.env, ...env } };
  const children: ChildProcess[] = [];
  const start = (command: string, ...args: string[]): ChildProcess => {
    const child = spawn(command, args, { ...options, stdio: 'ignore' });
    children.push(child);
    return child;
  };
  start(
    '/usr/sbin/munged',
    ...['--foreground', '--force', `--socket=${at('munge', 'socket')}`, `--key-file=${at('munge.key')}`],
    ...[
      `--pid-file=${at('munge', 'pid')}`,
      `--log-file=${at('munge', 'log')}`,
      `--seed-file=${at('munge', 'seed')}`,
    ],
  );
  const answered = (command: string, ...args: string[]) =>
    run(command, args, { ...options, timeout: 20_000 }).then(({ stdout }) => stdout);
  await until('munge', () => answered('munge', '-n', '-S', at('munge', 'socket')).catch(() => undefined), {
    everyMs: 50,
  });
  start('/usr/sbin/slurmctld', '-D', '-i');
  const machines = new Map<string, ChildProcess>();
  for (const name of names) {
    const inside = `mount -t proc proc /proc; exec /usr/sbin/slurmd -D -N ${name}`;
    machines.set(
      name,
      start('unshare', '--pid', '--fork', '--kill-child=KILL', '--mount', 'sh', '-c', inside),
    );
  }
  await until(
    'idle nodes',
    async () => {
      const states = await answered('sinfo', '--noheader', '--Node', '--format=%T').catch(() => '');
      return (
        states
          .trim()
          .split('\n')
          .filter((state) => state === 'idle').length === nodes
      );
    },
    { everyMs: 200, seen: () => answered('sinfo').catch(String) },
  );

  const cluster: SlurmCluster = {
    env,
    run: answered,
    async processesOf(node, text) {
      const machine = machines.get(node);
      const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid=,args=', '-ww'], { maxBuffer: 2 ** 24 });
      const rows = stdout.split('\n').flatMap((line) => {
        const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
        return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
      });
      const below = new Set([machine?.pid]);
      for (let before = -1; before !== below.size;) {
        before = below.size;
        for (const { pid, parent } of rows) if (below.has(parent)) below.add(pid);
      }
      return rows.filter(({ pid, args }) => below.has(pid) && args.includes(text)).map(({ pid }) => pid);
    },
    async killNode(node) {
      const machine = machines.get(node);
      if (machine?.exitCode !== null || machine.signalCode !== null) return;
      const gone = once(machine, 'exit');
      machine.kill('SIGKILL');
      await gone;
      // Slurm would find out by itself, within a minute.
      await answered('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=dead');
    },
    async logs() {
      const texts = await Promise.all(
        ['slurmctld.log', ...names.map((name) => `slurmd-${name}.log`)].map((name) =>
          readFile(at(name), 'utf8').catch(() => ''),
        ),
      );
      return texts.map((text) => text.split('\n').slice(-30).join('\n')).join('\n---\n');
    },
    async stop() {
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  return cluster;
}
