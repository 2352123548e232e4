import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** The running processes that an editor and its extension have started. */
function processesOf(dataFolder: string): Process[] {
  const all = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    const process = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (process !== undefined) all.set(process.pid, process);
  }
  const isOfEditor = (pid: number): boolean => {
    const process = all.get(pid);
    if (process === undefined) return false;
    // The command lines of the editor's server and the sandbox contain the folder.
    return process.command.includes(dataFolder) || isOfEditor(process.parent);
  };
  return [...all.values()].filter(({ pid }) => isOfEditor(pid));
}

/** Ids of the device processes that an editor's extension hosts have started. */
export function deviceProcesses(dataFolder: string): number[] {
  return idsOf(dataFolder, '/dist/device.js');
}

/** Ids of an editor's extension hosts, one per window. */
export function extensionHosts(dataFolder: string): number[] {
  return idsOf(dataFolder, '--type=extensionHost');
}

function idsOf(dataFolder: string, program: string): number[] {
  return processesOf(dataFolder)
    .filter(({ command }) => command.includes(program))
    .map(({ pid }) => pid);
}

function readProcess(pid: number): Process | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
    // An ended process stays listed until its parent reads its exit status.
    if (parent === undefined || /^State:\s+Z/m.test(status)) return undefined;
    return { pid, parent: Number(parent), command };
  } catch {
    // It has ended in the meantime.
    return undefined;
  }
}
