import { rm } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../../src/core/work.ts';
import { attachBackgroundRun, backgroundRecords } from '../../../src/device/client/backgroundRuns.ts';

/** Where simulations that outlive their window are recorded. @param storage the extension's global storage folder */
export function backgroundFolder(storage: string): string {
  return path.join(storage, 'background');
}

/** Ends what a failed test left running, and forgets it. */
export async function endBackgroundRuns(storage: string): Promise<void> {
  const folder = backgroundFolder(storage);
  for (const record of await backgroundRecords(folder, () => undefined)) {
    const attached = await attachBackgroundRun(record).catch(() => undefined);
    if (attached === undefined) continue;
    const abort = new AbortController();
    const running = attached.follow(
      record.facts.request.simulationId,
      {},
      { signal: abort.signal, clock: systemClock },
    );
    abort.abort();
    await running.ended.catch(() => undefined);
  }
  await rm(folder, { recursive: true, force: true });
}
