import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used, as Linux counts it. */
export interface Usage {
  /** Seconds of user and system time since its start. */
  cpuSeconds: number;
  memoryMiB: number;
  /** The most it had at any time. */
  peakMiB: number;
}

/** `getconf CLK_TCK`: a hundred on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

export function usageOf(pid: number): Usage {
  // The name of the program, in brackets, may hold blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const memory = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    memoryMiB: Number(memory) / 1024,
    peakMiB: Number(peak) / 1024,
  };
}

/** The child that runs the script, of this process or another. */
export function childRunning(script: string, of = process.pid): number {
  for (const name of readdirSync('/proc').filter((it) => /^\d+$/.test(it))) {
    try {
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
      if (Number(parent) !== of) continue;
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(script)) return Number(name);
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no child runs ${script}`);
}
