import { readFileSync } from 'node:fs';

export interface TestResult {
  /** Relative to the root of the repository; empty when it is not known. */
  file: string;
  /** The titles from the outermost suite to the test. */
  title: string;
  state: 'passed' | 'failed' | 'skipped';
  /** Of a failure: the error and where it came from. */
  why?: string;
}

/** What the reporter leaves (test/support/reporter.cjs). */
export interface Results {
  tests: TestResult[];
  /** Milliseconds by file. */
  durations: Record<string, number>;
}

/** Nothing when the tests did not get as far as to their end. */
export function readResults(file: string): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch {
    return { tests: [], durations: {} };
  }
}

/** The files to run once more. None when a failure is in no known file: then it stands. */
export function failedFiles({ tests }: Results): string[] {
  const files = new Set(tests.filter(({ state }) => state === 'failed').map(({ file }) => file));
  return files.has('') ? [] : [...files];
}

/**
 * What counts after some files were run once more: the second run for these, the first for the others. Flaky is what
 * failed first and not again. When the second run did not get to its end, the first stands.
 */
export function merged(
  first: Results,
  second: Results,
  again: readonly string[],
): Results & { flaky: string[] } {
  if (second.tests.length === 0) return { ...first, flaky: [] };
  const failed = (results: Results): TestResult[] => results.tests.filter(({ state }) => state === 'failed');
  const failedAgain = new Set(failed(second).map(key));
  const ended = new Set(second.tests.filter(({ state }) => state !== 'skipped').map(key));
  // A hook that passes leaves no trace; when tests of its file went on to run, it has.
  const isHook = ({ title }: TestResult): boolean => /"(before|after)( all| each)" hook/.test(title);
  return {
    tests: [...first.tests.filter(({ file }) => !again.includes(file)), ...second.tests],
    durations: { ...first.durations, ...second.durations },
    flaky: failed(first)
      .filter((test) => again.includes(test.file) && !failedAgain.has(key(test)))
      .filter((test) => ended.has(key(test)) || isHook(test))
      .map(described),
  };
}

const key = ({ file, title }: TestResult): string => `${file} › ${title}`;

/** A test by file and titles and, below them, why it failed. */
export function described(test: TestResult): string {
  return test.why === undefined ? key(test) : `${key(test)}\n    ${test.why.replaceAll('\n', '\n    ')}`;
}

/** Whether tests of each of the files ran: a run may end well and have run nothing. */
export function ranAll({ tests }: Results, files: readonly string[]): boolean {
  return files.every((file) => tests.some((test) => test.file === file));
}

/** Deals the files into shares that take about the same time, the longest first. No share is empty. */
export function dealt(
  files: readonly string[],
  shares: number,
  weight: (file: string) => number,
): string[][] {
  const piles = Array.from({ length: Math.min(shares, files.length) }, () => ({
    files: [] as string[],
    sum: 0,
  }));
  const sorted = [...files].sort((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1));
  for (const file of sorted) {
    const least = piles.reduce((one, other) => (other.sum < one.sum ? other : one));
    least.files.push(file);
    least.sum += weight(file);
  }
  return piles.map((pile) => pile.files);
}
