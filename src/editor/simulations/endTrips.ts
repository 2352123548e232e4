import type { StackRef } from '../stacks/sessions.ts';
import type { Simulations } from './simulations.ts';

/** Ends the trips of these vehicles; resolves when none of them is under way any more. Rejects when cancelled. */
export async function endTrips(
  simulations: Simulations,
  ref: StackRef,
  vins: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const vin of vins) simulations.simulating(vin, ref)?.control({ do: 'stop', vins: [vin] });
  await new Promise<void>((resolve, reject) => {
    const done = (settle: () => void): void => {
      listener.dispose();
      signal?.removeEventListener('abort', cancel);
      settle();
    };
    const cancel = (): void => done(() => reject(signal?.reason as Error));
    const look = (): void => {
      if (!vins.some((vin) => simulations.simulating(vin, ref) !== undefined)) done(resolve);
    };
    const listener = simulations.onDidChange(look);
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    else look();
  });
}
