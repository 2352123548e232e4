import type { Fault, Faults } from './contracts/kernel.ts';

/** The faults to inject. Of several that match, the oldest one applies. */
export function createFaults(): Faults {
  let faults: Fault[] = [];
  return {
    add(fault) {
      if (fault.count > 0) faults.push({ ...fault });
    },
    take(operation, detail) {
      const find = (name: string) => faults.find((fault) => matches(fault.operation, name));
      const hit = (detail === undefined ? undefined : find(`${operation}:${detail}`)) ?? find(operation);
      if (!hit) return undefined;
      hit.count--;
      if (hit.count <= 0) faults = faults.filter((fault) => fault !== hit);
      return hit.action;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear() {
      faults = [];
    },
  };
}

/** `*` at the end of a pattern matches any rest; everything else is compared literally. */
function matches(pattern: string, operation: string): boolean {
  return pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : pattern === operation;
}
