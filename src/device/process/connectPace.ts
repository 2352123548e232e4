import type { Clock } from '../../core/work.ts';

/** Above AWS IoT's quota "Connect requests per second per client ID": one. A connect above it is refused. */
const SPACING_MS = 1_100;

export interface ConnectPace {
  /** Resolves when a client id may connect again; rejects with CANCELLED. */
  turn(clientId: string, signal: AbortSignal): Promise<void>;
}

/** Keeps the connects of each client id of this process apart. */
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
