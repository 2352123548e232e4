import type { Clock } from '../../core/work.ts';

/** Slightly more than a second, because AWS IoT refuses more than one connect per second and client id. */
const SPACING_MS = 1_100;

export interface ConnectPace {
  /** Resolves when the client id may connect; rejects with CANCELLED. */
  turn(clientId: string, signal: AbortSignal): Promise<void>;
}

/** Spaces out the connects of each client id in this process. */
export function createConnectPace(clock: Clock): ConnectPace {
  const next = new Map<string, number>();
  return {
    async turn(clientId, signal) {
      const now = clock.now();
      for (const [id, at] of next) if (at <= now) next.delete(id);
      const at = next.get(clientId) ?? now;
      next.set(clientId, at + SPACING_MS);
      if (at > now) await clock.sleep(at - now, signal);
    },
  };
}
