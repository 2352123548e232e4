/**
 * Benchmarks: separate programs that print figures, never tests. `npm run bench [-- <name> …]`
 * Prints a table for people and, as the last line, one JSON object for machines.
 */
import os from 'node:os';
import { activation } from './activation.ts';
import { bundles } from './bundles.ts';
import { connects } from './connects.ts';
import { fleetOf50, oneVehicle } from './onboarding.ts';
import { map } from './map.ts';
import { tree } from './tree.ts';

export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** How it was taken. */
  note: string;
}

const benchmarks: Record<string, () => Promise<Figure[]>> = {
  'onboard-one': oneVehicle,
  'onboard-50': fleetOf50,
  connects,
  bundles,
  activation,
  tree,
  map,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in benchmarks));
  if (unknown.length > 0) {
    console.error(
      `Unknown benchmark ${unknown.join(', ')}. There are: ${Object.keys(benchmarks).join(', ')}`,
    );
    process.exit(2);
  }
  const [cpu] = os.cpus();
  const machine = {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
  };
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}, Node ${machine.node}`,
  );
  console.log(`Load before: ${os.loadavg()[0]?.toFixed(2) ?? '?'}\n`);
  const results: Record<string, Figure[]> = {};
  for (const [name, run] of Object.entries(benchmarks)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const figures = await run();
    results[name] = figures;
    for (const { what, value, unit, note } of figures) {
      console.log(`${what.padEnd(44)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(10)} ${note}`);
    }
  }
  console.log(`\n${JSON.stringify({ machine, results })}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
