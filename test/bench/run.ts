/**
 * Benchmarks: separate programs that print figures, never tests. `npm run bench [-- <name> …]`
 * Prints a table for people and, at the end, a line of JSON for each benchmark.
 */
import os from 'node:os';
import { activation } from './activation.ts';
import { bundles } from './bundles.ts';
import { certificates } from './certificates.ts';
import { connects } from './connects.ts';
import { drive } from './drive.ts';
import { flatOut } from './flatOut.ts';
import { guidance } from './guidance.ts';
import { held } from './held.ts';
import { fleetOf50, oneVehicle } from './onboarding.ts';
import { longRoute } from './longRoute.ts';
import { map } from './map.ts';
import { mqttClients } from './mqttClients.ts';
import { scale } from './scale.ts';
import { tree, treeRows } from './tree.ts';

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
  held,
  guidance,
  'flat-out': flatOut,
  connects,
  certificates,
  'mqtt-clients': mqttClients,
  drive,
  scale,
  'long-route': longRoute,
  bundles,
  activation,
  tree,
  'tree-rows': treeRows,
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
  const lines: string[] = [];
  for (const [name, run] of Object.entries(benchmarks)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const before = load();
    console.log(`\n${name} (load before: ${before})`);
    const figures = await run();
    lines.push(JSON.stringify({ benchmark: name, machine, load: { before, after: load() }, figures }));
    for (const { what, value, unit, note } of figures) {
      console.log(`${what.padEnd(50)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(10)} ${note}`);
    }
  }
  console.log(`\n${lines.join('\n')}`);
}

/** Of the last minute: what else the machine had to do belongs to every figure. */
function load(): number {
  return Math.round((os.loadavg()[0] ?? NaN) * 100) / 100;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
