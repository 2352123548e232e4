import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Aws } from '../../services/services.ts';
import type { Resolver } from './graphql/graphql.ts';
import { QueryFailed } from './graphql/telemetry.ts';

/** The module `cms-alerts` of one deployment. */
export interface Alerts {
  /** Makes what the state lacks of it. */
  install(): void;
  /** Of the API by which alarms are published. */
  readonly publishing: Readonly<Record<string, Resolver>>;
  /** Of the API for people, who subscribe to the alarms of vehicles. */
  readonly subscribing: Readonly<Record<string, Resolver>>;
  /** The function behind `cms/notification/#`: a vehicle says what is wrong with it. */
  onNotification(message: unknown): void;
}

/** The value of `SnsTopicPrefix`. */
const PREFIX = 'CMS';
const ALARM_TYPES = ['VEHICLE_ALARM'] as const;

const alarm = z.object({ vin: z.string(), alarmType: z.enum(ALARM_TYPES), message: z.string() });
const notification = z.object({ vin: z.string(), message: z.string() });
const wish = z.object({
  email: z.string(),
  alarms: z.array(z.object({ alarmType: z.enum(ALARM_TYPES), vin: z.string(), emailEnabled: z.boolean() })),
});
type Wish = z.output<typeof wish>['alarms'][number];

export function createAlerts(
  { store, clock }: Context,
  { dynamoDb }: Pick<Aws, 'dynamoDb'>,
  { app, table }: { app: string; table: string },
): Alerts {
  /** By email address. */
  const subscriptions = store.table<Wish[]>(`cms-on-aws.alert-subscriptions/${app}`);

  function publish({ vin, alarmType, message }: z.output<typeof alarm>): void {
    dynamoDb.tables.find(table).put({
      topic: { S: `${PREFIX}-${alarmType}-${vin}` },
      timestamp: { S: new Date(clock.now()).toISOString() },
      message: { S: message },
      read: { BOOL: false },
    });
  }

  function read<T>(schema: z.ZodType<T>, given: unknown): T {
    const parsed = schema.safeParse(given);
    if (parsed.success) return parsed.data;
    throw new QueryFailed(
      `Validation error: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
    );
  }

  return {
    install() {
      dynamoDb.tables.ensure({
        name: table,
        hash: { name: 'topic', type: 'S' },
        range: { name: 'timestamp', type: 'S' },
      });
    },
    publishing: {
      'mutation publish'({ arguments: given }) {
        publish(read(alarm, given));
        return { status: 'SUCCESS', message: 'Alarm published' };
      },
    },
    subscribing: {
      'query getUserSubscriptions'({ arguments: given }) {
        const { email } = read(z.object({ email: z.string() }), given);
        const alarms = (subscriptions.get(email) ?? []).map(({ alarmType, vin }) => ({ alarmType, vin }));
        return { email, alarms };
      },
      'mutation updateUserSubscriptions'({ arguments: given }) {
        const { email, alarms } = read(wish, given);
        // There is one type of alarm.
        const kept = (subscriptions.get(email) ?? []).filter(
          ({ vin }) => !alarms.some((other) => other.vin === vin),
        );
        subscriptions.set(email, [...kept, ...alarms.filter(({ emailEnabled }) => emailEnabled)]);
        return true;
      },
    },
    onNotification(message) {
      const { vin, message: text } = notification.parse(message);
      publish({ vin, message: text, alarmType: 'VEHICLE_ALARM' });
    },
  };
}
