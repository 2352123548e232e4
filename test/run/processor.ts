import { readFileSync } from 'node:fs';

/** Of Linux, whatever the kernel's own clock is. */
const TICKS_A_SECOND = 100;

/** Seconds of processor of a process and of its children that have ended, and what of them the children took. */
export interface ProcessorSeconds {
  all: number;
  children: number;
}

/**
 * What this process has taken so far. Of children only those count that somebody waited for, and elsewhere than on Linux
 * none.
 */
export function processorSeconds(): ProcessorSeconds {
  try {
    // The name of the program, in parentheses, may hold spaces.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
    const children = (childUser + childSystem) / TICKS_A_SECOND;
    return { all: (user + system) / TICKS_A_SECOND + children, children };
  } catch {
    const { user, system } = process.cpuUsage();
    return { all: (user + system) / 1e6, children: 0 };
  }
}
