import type { FileSeconds } from './runStage.ts';

/** How many of the slowest files a run names at its end. */
const SLOWEST = 15;

export interface StageTime {
  name: string;
  /** Nothing when it did not run. */
  seconds?: number;
  processor?: number;
  files?: readonly FileSeconds[];
}

/** Where the time of a run went: each stage in seconds of the wall and of the processor, then the slowest files. */
export function timeLines(stages: readonly StageTime[]): string[] {
  const ran = stages.filter(({ seconds = 0 }) => seconds >= 1);
  const slowest = ran
    .flatMap(({ files = [] }) => files)
    .filter(({ seconds }) => seconds >= 1)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST);
  const rows: [string, number | undefined, number | undefined][] = [
    ...ran.map(({ name, seconds, processor }): (typeof rows)[number] => [name, seconds, processor]),
    ...slowest.map(({ file, seconds, processor }): (typeof rows)[number] => [file, seconds, processor]),
  ];
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([name]) => name.length));
  const cell = (value: number | undefined): string => (value?.toFixed(0) ?? '').padStart(10);
  return [
    '',
    `${''.padEnd(width)}${'seconds'.padStart(10)}${'processor'.padStart(10)}`,
    ...rows.map(([name, seconds, processor]) => `${name.padEnd(width)}${cell(seconds)}${cell(processor)}`),
  ];
}
