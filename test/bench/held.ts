import { benchThings, type BenchThing } from './benchThings.ts';
import { withFleetBench } from './fleet.ts';
import { hold, type Held } from './hold.ts';
import type { Figure } from './run.ts';

/** Fleets that are tried, smallest first, until one is too large. */
const FLEETS = [100, 250, 500, 1000, 1500, 2000, 2500, 3000, 4000];
/** What counts as held: nothing lost, doubled or missing, and samples sent when they are due. */
const MOST_LAG_MS = 100;
/** A machine with other work on it has bad moments. */
const ATTEMPTS = 2;

/** The most vehicles that report at 1 Hz with every serial acknowledged, and what they cost. */
export function held(): Promise<Figure[]> {
  return withFleetBench(async ({ sandbox, connection, route }) => {
    const figures: Figure[] = [];
    const things: BenchThing[] = [];
    let limit = 0;
    for (const count of FLEETS) {
      things.push(...(await benchThings(connection, count - things.length)));
      let result: Held | undefined;
      for (let attempt = 1; attempt <= ATTEMPTS && (result === undefined || !isHeld(result)); attempt++) {
        result = await hold(sandbox, things, route);
      }
      if (result === undefined) break;
      figures.push(...figuresOf(result));
      if (!isHeld(result)) break;
      limit = count;
    }
    return [
      ...figures,
      {
        what: 'Vehicles held at 1 Hz',
        value: limit,
        unit: 'vehicles',
        note: `every serial acknowledged once, p99 send lag < ${MOST_LAG_MS} ms; sandbox and host on the same machine`,
      },
    ];
  });
}

function isHeld({ lost, missing, duplicates, lagMs }: Held): boolean {
  return lost === 0 && missing === 0 && duplicates === 0 && lagMs.p99 < MOST_LAG_MS;
}

function figuresOf(result: Held): Figure[] {
  const { vehicles, lagMs, ackMs, messages, lost, missing, duplicates, cpu, memoryMiB, load } = result;
  const of = `${vehicles} vehicles at 1 Hz:`;
  const percent = (share: number) => share * 100;
  const kib = (mib: number) => (mib * 1024) / vehicles;
  return [
    {
      what: `${of} send lag, p99`,
      value: lagMs.p99,
      unit: 'ms',
      note: `p50 ${lagMs.p50}, most ${lagMs.max}; ${messages} messages, ${lost} lost, ${missing} missing, ${duplicates} doubled; load ${load.toFixed(1)}`,
    },
    {
      what: `${of} acknowledgement, p99`,
      value: ackMs.p99,
      unit: 'ms',
      note: `p50 ${ackMs.p50}, most ${ackMs.max}`,
    },
    {
      what: `${of} device process`,
      value: percent(cpu.device),
      unit: '% core',
      note: `${((cpu.device * 1e6) / vehicles).toFixed(0)} µs a message and vehicle`,
    },
    {
      what: `${of} memory of the device process`,
      value: memoryMiB.device,
      unit: 'MiB',
      note: `${kib(memoryMiB.device - memoryMiB.deviceBefore).toFixed(0)} KiB a vehicle, beyond the empty process`,
    },
    {
      what: `${of} host that gets the updates`,
      value: percent(cpu.host),
      unit: '% core',
      note: `${memoryMiB.host.toFixed(0)} MiB resident`,
    },
    { what: `${of} sandbox`, value: percent(cpu.sandbox), unit: '% core', note: '' },
  ];
}
