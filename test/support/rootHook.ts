import type { Suite } from 'mocha';

/** Runs after all suites, to clean up what several of them share. */
export function afterAllSuites(suite: Suite, what: string, end: () => Promise<void>): void {
  let root = suite;
  while (root.parent !== undefined) root = root.parent;
  root.afterAll(what, end);
}
