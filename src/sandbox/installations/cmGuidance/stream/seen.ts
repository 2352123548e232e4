import type { Context } from '../../../kernel/context.ts';
import { MOST_MESSAGES, type Overview, type SeenMessage } from '../../overview.ts';
import type { Data } from '../data.ts';
import { textOf } from '../rows.ts';

/** What came from vehicles, for the sandbox's page. */
export interface Seen {
  /** @param vehicleId as the message says, or the client's id when it says nothing */
  note(vehicleId: string, type: string, reason?: string): void;
  overview(): Overview;
}

interface Counts {
  received: number;
  accepted: number;
}

export function createSeen({ store, clock }: Context, data: Data): Seen {
  const counts = store.table<Counts>(`cm-guidance.seen/${data.stage}`);
  const newest = store.table<SeenMessage[]>('cm-guidance.newest', { volatile: true });
  const vinOf = (vehicleId: string): string =>
    textOf(data.storage('vehicles').get({ vehicleId: vehicleId || '-' })?.vin) || vehicleId;

  return {
    note(vehicleId, type, reason) {
      const { received, accepted } = counts.get(vehicleId) ?? { received: 0, accepted: 0 };
      counts.set(vehicleId, { received: received + 1, accepted: accepted + (reason === undefined ? 1 : 0) });
      const message = { receivedAt: new Date(clock.now()).toISOString(), vin: vehicleId, type, reason };
      newest.set(data.stage, [message, ...(newest.get(data.stage) ?? [])].slice(0, MOST_MESSAGES));
    },
    overview() {
      const ids = new Set([
        ...data
          .storage('vehicles')
          .all()
          .map(({ vehicleId }) => textOf(vehicleId)),
        ...counts.keys(),
      ]);
      // What cannot be read is known by the client, which is named like the vehicle.
      const byVin = new Map<string, Counts>();
      for (const id of ids) {
        const before = byVin.get(vinOf(id)) ?? { received: 0, accepted: 0 };
        const { received, accepted } = counts.get(id) ?? { received: 0, accepted: 0 };
        byVin.set(vinOf(id), {
          received: before.received + received,
          accepted: before.accepted + accepted,
        });
      }
      return {
        vehicles: [...byVin].map(([vin, count]) => ({ vin, ...count })),
        messages: (newest.get(data.stage) ?? []).map((message) => ({ ...message, vin: vinOf(message.vin) })),
      };
    },
  };
}
