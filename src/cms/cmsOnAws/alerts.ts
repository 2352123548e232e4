import { type AttributeValue, ScanCommand } from '@aws-sdk/client-dynamodb';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Alert, Alerts } from '../contract/alerts.ts';
import { IAM } from '../contract/credentials.ts';
import type { ListInfo, NamedList } from '../contract/lists.ts';
import type { StackInfo } from '../contract/stacks.ts';
import { tablesOf } from './tables.ts';

type Key = Record<string, AttributeValue>;

/** The notifications of the module `cms-alerts`: no API of it tells them, its table does. */
export interface NotificationTable extends Alerts {
  page(
    request: { size: number; after: Key | undefined },
    signal: AbortSignal,
  ): Promise<{ alerts: readonly Alert[]; next: Key | undefined }>;
}

export const ALERT_LIST: ListInfo = {
  id: 'alerts',
  command: 'alerts',
  description: 'list the alerts of CMS on AWS',
  columns: [
    { heading: 'VIN', width: 20 },
    { heading: 'TIME', width: 24 },
    { heading: 'ALERT', width: 40 },
  ],
};

/** `<SnsTopicPrefix>-<type of alarm>-<VIN>`. */
const TOPIC = /^.*?-?(VEHICLE_ALARM|EV_BATTERY_HEALTH_ALARM)-(.+)$/;
/** Looked through at most when somebody watches: the table is never emptied. */
const MOST = 20_000;
const PAGE = 1000;

/** Undefined where the module is not deployed. */
export function createAlerts(
  connection: Connection,
  stack: StackInfo | undefined,
): NotificationTable | undefined {
  if (stack === undefined) return undefined;
  let name: Promise<string> | undefined;
  const tableName = (signal: AbortSignal): Promise<string> =>
    (name ??= findTable(connection, stack, signal).catch((error: unknown) => {
      name = undefined;
      throw error;
    }));
  const table: NotificationTable = {
    needs: IAM,
    async page({ size, after }, signal) {
      const client = await connection.dynamoDb();
      const command = new ScanCommand({
        ...{ TableName: await tableName(signal), Limit: size, ExclusiveStartKey: after },
      });
      const { Items = [], LastEvaluatedKey: next } = await calling(l10n.t('reading the alerts of CMS'), () =>
        client.send(command, { abortSignal: signal }),
      );
      return { alerts: Items.flatMap((item) => alertOf(item) ?? []), next };
    },
    async since(time, signal) {
      const found: Alert[] = [];
      let after: Key | undefined;
      let looked = 0;
      do {
        const page = await table.page({ size: PAGE, after }, signal);
        looked += PAGE;
        found.push(...page.alerts.filter((alert) => alert.time !== undefined && alert.time > time));
        after = page.next;
      } while (after !== undefined && looked < MOST);
      return found.sort((one, other) => (one.time ?? 0) - (other.time ?? 0));
    },
  };
  return table;
}

export function createAlertList(table: NotificationTable): NamedList {
  return {
    ...ALERT_LIST,
    title: l10n.t('Alerts'),
    empty: l10n.t('No alerts yet'),
    signIn: l10n.t('Sign in to see the alerts…'),
    icon: 'bell',
    needs: IAM,
    async page({ size, next }, signal) {
      const page = await table.page({ size, after: keyOf(next) }, signal);
      return {
        items: page.alerts.map((alert) => {
          const at = alert.time === undefined ? '-' : new Date(alert.time).toISOString();
          return {
            key: `${alert.vin} · ${at}`,
            words: alert.text,
            icon: 'warning',
            cells: [alert.vin, at, alert.text],
            value: { ...alert, time: alert.time === undefined ? undefined : at },
          };
        }),
        next: page.next === undefined ? undefined : JSON.stringify(page.next),
      };
    },
  };
}

function alertOf({ topic, timestamp, message }: Key): Alert | undefined {
  const [, kind, vin] = TOPIC.exec(topic?.S ?? '') ?? [];
  if (kind === undefined || vin === undefined) return undefined;
  const said = timestamp?.S ?? timestamp?.N ?? '';
  const time = /^\d{13}$/.test(said) ? Number(said) : Date.parse(said);
  return { vin, kind, text: message?.S ?? '', time: Number.isNaN(time) ? undefined : time };
}

/** No output names it, and the end of its logical id is a hash. */
async function findTable(connection: Connection, stack: StackInfo, signal: AbortSignal): Promise<string> {
  const found = Object.entries(await tablesOf(connection, stack, signal)).find(([id]) =>
    /notifications?table/i.test(id),
  );
  if (found !== undefined) return found[1];
  throw new CmsError(
    'STACK_OUTPUT_MISSING',
    l10n.t('The stack {name} has no table of notifications.', { name: stack.name }),
    { remedy: l10n.t('Update the stack from the templates of CMS on AWS, or choose another deployment.') },
  );
}

function keyOf(next: string | undefined): Key | undefined {
  if (next === undefined) return undefined;
  try {
    return JSON.parse(next) as Key;
  } catch {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('That is not a position in the list of alerts: {place}.', { place: next }),
    );
  }
}
