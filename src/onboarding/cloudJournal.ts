import { readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { StartedRun } from '../cms/contract/cloudSimulator.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import { parseJson } from '../core/json.ts';
import { checkFolder, makeFolder, readFileOfOurs, writeFileSafely } from '../core/safeFiles.ts';

/** Whose runs they are: the same simulator, whatever the process. */
export interface SimulatorPlace {
  readonly generation: string;
  readonly deployment: string;
  readonly accountId: string;
  readonly region: string;
}

const entrySchema = z.object({
  generation: z.string(),
  deployment: z.string(),
  accountId: z.string(),
  region: z.string(),
  /** The process that looks after it; 0 when it gave the run up. */
  host: z.string(),
  pid: z.number(),
  run: z.object({
    id: z.string().regex(/^[\w-]{1,80}$/),
    vins: z.array(z.string()).max(1000),
    ids: z.array(z.string()).max(1000).optional(),
    handle: z
      .object({ simulation: z.string(), task: z.string().optional(), since: z.number().optional() })
      .optional(),
    duration: z.number(),
    interval: z.number(),
    startedAt: z.number(),
  }),
});
type Entry = z.output<typeof entrySchema>;

/** The runs of simulators in the cloud that nobody has ended yet, one file each: whoever comes after a crash ends them. */
export interface CloudJournal {
  /** Before a run is started: one that was never noted could never be ended. */
  note(place: SimulatorPlace, run: StartedRun): Promise<void>;
  forget(id: string): Promise<void>;
  /** For a run that could not be ended: the next start may end it, also one of this process. */
  giveUp(place: SimulatorPlace, run: StartedRun): Promise<void>;
  /** Those of a simulator whose process has ended or gave them up. */
  left(place: SimulatorPlace): Promise<readonly StartedRun[]>;
}

const FOLDER = '.cloud-runs';
/** A hundred VINs, with room. */
const LONGEST = 64 * 1024;
/** A process number may be another program's by now: after so long a run has nobody, whatever the number says. */
const FORGOTTEN_MS = 3_600_000;
/** No process has this number. */
const NOBODY = 0;

/** @param certs the certificate folder; the runs are in a folder of it that vehicles cannot have */
export function createCloudJournal(certs: string, now: () => number): CloudJournal {
  const folder = join(certs, FOLDER);
  const fileOf = (id: string): string => join(folder, `${id}.json`);

  async function entries(): Promise<Entry[]> {
    if (!(await checkFolder(folder))) return [];
    const names = (await readdir(folder)).filter((name) => /^[\w-]{1,80}\.json$/.test(name));
    const found: Entry[] = [];
    for (const name of names) {
      // Another process may have forgotten it by now.
      const text = await readFileOfOurs(join(folder, name), LONGEST).catch(() => '');
      const read = parseJson(entrySchema, text);
      if (read.ok) found.push(read.value);
    }
    return found;
  }

  async function write(place: SimulatorPlace, run: StartedRun, pid: number): Promise<void> {
    await makeFolder(certs, folder);
    const { generation, deployment, accountId, region } = place;
    const { id, vins, ids, handle, duration, interval, startedAt } = run;
    const entry: Entry = {
      ...{ generation, deployment, accountId, region, host: os.hostname(), pid },
      run: { id, vins: [...vins], ids: ids && [...ids], handle, duration, interval, startedAt },
    };
    await writeFileSafely(fileOf(id), `${JSON.stringify(entry, undefined, 2)}\n`);
  }

  return {
    note: (place, run) => write(place, run, process.pid),
    giveUp: (place, run) => write(place, run, NOBODY),
    async forget(id) {
      await rm(fileOf(id), { force: true });
    },
    async left(place) {
      return (await entries())
        .filter(
          (entry) =>
            entry.generation === place.generation &&
            entry.deployment === place.deployment &&
            entry.accountId === place.accountId &&
            entry.region === place.region &&
            !isLookedAfter(entry, now()),
        )
        .map(({ run }) => run);
    },
  };
}

/** Whether the process that started it is still there, and means to end it. */
function isLookedAfter({ host, pid, run }: Entry, now: number): boolean {
  if (pid === NOBODY) return false;
  if (now > run.startedAt + run.duration * 1000 + FORGOTTEN_MS) return false;
  if (host !== os.hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export async function placeOf(
  { generation, name }: Pick<Deployment, 'generation' | 'name'>,
  connection: { region: string; identity(signal?: AbortSignal): Promise<{ accountId: string }> },
  signal: AbortSignal,
): Promise<SimulatorPlace> {
  const { accountId } = await connection.identity(signal);
  return { generation, deployment: name, accountId, region: connection.region };
}
