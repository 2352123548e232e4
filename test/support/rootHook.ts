import type { Suite } from 'mocha';

const ends: { what: string; end: () => Promise<void> }[] = [];
let severalRuns = false;

/** Runs after all suites, to clean up what several of them share. */
export function afterAllSuites(suite: Suite, what: string, end: () => Promise<void>): void {
  if (severalRuns) {
    ends.push({ what, end });
    return;
  }
  let root = suite;
  while (root.parent !== undefined) root = root.parent;
  root.afterAll(what, end);
}

/** Of a process that runs mocha once for each of its files: what was to come after all suites comes when it says so. */
export function holdWhatComesLast(): { comeNow(): Promise<void> } {
  severalRuns = true;
  return {
    async comeNow() {
      for (const { end } of ends.splice(0)) await end();
    },
  };
}
