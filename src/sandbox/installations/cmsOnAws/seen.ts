import type { Context } from '../../kernel/context.ts';
import { isObject, parseJsonBytes } from '../../kit/json.ts';
import type { Aws } from '../../services/services.ts';
import { MOST_MESSAGES, type Overview, type SeenMessage } from '../overview.ts';
import type { Names } from './names.ts';

/** What came from the vehicles of one deployment, for the sandbox's page. */
export interface Seen {
  /** A message; without a reason the deployment stored it. */
  note(topic: string, payload: Buffer, reason?: string): void;
  overview(): Overview;
}

/** The vehicle's thing has its VIN behind this. */
const THING = 'Vehicle_';

export function createSeen(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  { dynamoDb }: Pick<Aws, 'dynamoDb'>,
  names: Names,
  app: string,
): Seen {
  const counts = store.table<{ received: number; accepted: number }>(`cms-on-aws.seen/${app}`);
  const newest = store.table<SeenMessage[]>('cms-on-aws.newest', { volatile: true });

  return {
    note(topic, payload, reason) {
      // `cms/data/<thing>`, and what a simulator adds before the thing.
      const thing = topic.slice(topic.lastIndexOf('/') + 1);
      const type = topic.split('/')[1] ?? topic;
      const vin = vinIn(payload) ?? (thing.startsWith(THING) ? thing.slice(THING.length) : thing);
      if (vin === '') return;
      const { received, accepted } = counts.get(vin) ?? { received: 0, accepted: 0 };
      counts.set(vin, { received: received + 1, accepted: accepted + (reason === undefined ? 1 : 0) });
      const message = { receivedAt: new Date(clock.now()).toISOString(), vin, type, reason };
      newest.set(app, [message, ...(newest.get(app) ?? [])].slice(0, MOST_MESSAGES));
    },
    overview() {
      const vins = new Set<string>();
      for (const table of [names.authorised, names.provisioned]) {
        if (!dynamoDb.tables.names().includes(table)) continue;
        for (const { vin } of dynamoDb.tables.find(table).all()) {
          if (vin !== undefined && 'S' in vin) vins.add(vin.S);
        }
      }
      for (const vin of counts.keys()) vins.add(vin);
      return {
        vehicles: [...vins].map((vin) => ({ vin, ...(counts.get(vin) ?? { received: 0, accepted: 0 }) })),
        messages: newest.get(app) ?? [],
      };
    },
  };
}

function vinIn(payload: Buffer): string | undefined {
  const message = parseJsonBytes(payload);
  const identification = isObject(message) ? message.vehicleidentification : undefined;
  const vin = isObject(identification) ? identification.vin : undefined;
  return typeof vin === 'string' && vin !== '' ? vin : undefined;
}
