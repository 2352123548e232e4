import { readdirSync, readFileSync } from 'node:fs';

/** The device processes that the extension hosts of one editor have started, by their ids. */
export function deviceProcesses(dataFolder: string): number[] {
  const all = new Map<number, { parent: number; command: string }>();
  for (const name of readdirSync('/proc')) {
    const process = /^\d+$/.test(name) ? processOf(name) : undefined;
    if (process !== undefined) all.set(Number(name), process);
  }
  const isOfEditor = (pid: number): boolean => {
    const process = all.get(pid);
    if (process === undefined) return false;
    // Its server names the folder.
    return process.command.includes(dataFolder) || isOfEditor(process.parent);
  };
  return [...all]
    .filter(([pid, { command }]) => command.includes('/dist/device.js') && isOfEditor(pid))
    .map(([pid]) => pid);
}

function processOf(pid: string): { parent: number; command: string } | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return parent === undefined ? undefined : { parent: Number(parent), command };
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
