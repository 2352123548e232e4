import { isCancelled, throwIfAborted } from '../../core/errors.ts';
import { logError } from '../base/log.ts';
import type { VehicleNode } from './vehicleNode.ts';
import type { VehicleSources } from './vehicleSources.ts';

/** Few at a time: the rows are there already, and the API has other users. */
const AT_ONCE = 4;
const DRAW_EVERY_MS = 300;

/** Finds out, after the rows are shown, which vehicles of a page are live, and draws those that changed. */
export async function readLiveStates(
  sources: VehicleSources,
  nodes: readonly VehicleNode[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...nodes];
  let changed: VehicleNode[] = [];
  const draw = (): void => {
    if (changed.length > 0 && !signal.aborted) sources.rows.redraw(...changed);
    changed = [];
  };
  const timer = setInterval(draw, DRAW_EVERY_MS);
  const worker = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined && !signal.aborted; node = waiting.shift()) {
      const deployment = await sources.sessions.open(node.stackRef, signal);
      if (await node.readState(deployment, signal)) changed.push(node);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } catch (error) {
    // The rows stay as they are: registered, or with a certificate, is still true.
    waiting.length = 0;
    if (!isCancelled(error)) logError(sources.log, error);
  } finally {
    clearInterval(timer);
    draw();
  }
}

/**
 * Finds out the states of vehicles, for a list that is shown by them.
 * @param told how many are known by now
 * @throws CmsError CANCELLED, or what asking throws
 */
export async function readStates(
  sources: VehicleSources,
  nodes: readonly VehicleNode[],
  signal: AbortSignal,
  told: (count: number) => void,
): Promise<void> {
  const waiting = [...nodes];
  let known = 0;
  const worker = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      throwIfAborted(signal);
      await node.readLocal();
      await node.readState(await sources.sessions.open(node.stackRef, signal), signal);
      known += 1;
      told(known);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
