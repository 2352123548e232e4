import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** The processes that an editor and its extension have started and that still run. */
function processesOf(dataFolder: string): Process[] {
  const all = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    const process = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (process !== undefined) all.set(process.pid, process);
  }
  const isOfEditor = (pid: number): boolean => {
    const process = all.get(pid);
    if (process === undefined) return false;
    // The editor's server and the sandbox name the folder on their command lines.
    return process.command.includes(dataFolder) || isOfEditor(process.parent);
  };
  return [...all.values()].filter(({ pid }) => isOfEditor(pid));
}

/** Ids of the device processes that the extension hosts of an editor have started. */
export function deviceProcesses(dataFolder: string): number[] {
  return idsOf(dataFolder, '/dist/device.js');
}

/** Ids of the extension hosts of an editor: one a window. */
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
    // One that has ended stays listed until its parent has asked how.
    if (parent === undefined || /^State:\s+Z/m.test(status)) return undefined;
    return { pid, parent: Number(parent), command };
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
