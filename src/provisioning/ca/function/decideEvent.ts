import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { IoTClient } from '@aws-sdk/client-iot';
import { findCertificate } from '../../../aws/iot/certificates.ts';
import { isCancelled, messageOf } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { english } from '../../../core/wording.ts';
import type { Clock, Work } from '../../../core/work.ts';
import { decideNewcomer, type Guard, type Newcomer } from '../decideNewcomer.ts';
import { namesCertificate, sameKeyAs, type AllowList } from '../judge.ts';
import { ADMITTED, allowedIn, ITEM_KEY } from './listTable.ts';

/** Shorter than the function may run, so that what is cut off is told. Milliseconds. */
const PATIENCE_MS = 25_000;

/** What the function has around it. */
export interface Surroundings {
  iot: IoTClient;
  dynamoDb: DynamoDBClient;
  clock: Clock;
  environment: Readonly<Record<string, string | undefined>>;
  /** Writes a line into its log. */
  write: (line: string) => unknown;
}

interface Answer {
  certificateId: string;
  result: Newcomer['result'] | 'decided already';
  vin?: string;
  why?: string;
}

/**
 * The function of just-in-time registration: what `provision --watch-registrations` does, for one event of
 * `$aws/events/certificates/registered/<CA>`, with the list in a table. What fails is in its log, and thrown: Lambda
 * brings the event again, and so does the vehicle.
 */
export function createDecider({
  iot,
  dynamoDb,
  clock,
  environment,
  write,
}: Surroundings): (event: unknown) => Promise<Answer> {
  const connection = { iot: () => Promise.resolve(iot) };

  /** @param event other members than the certificate's id are left alone: sources differ on them */
  return async (event) => {
    const { certificateId } = (event ?? {}) as { certificateId?: unknown };
    if (typeof certificateId !== 'string' || !/^[0-9a-f]{64}$/.test(certificateId)) {
      throw new Error('The event names no certificate.');
    }
    const work: Pick<Work, 'signal' | 'progress' | 'clock'> = {
      signal: AbortSignal.timeout(PATIENCE_MS),
      progress: ({ message }) => tell({ certificateId, warning: english(message) }),
      clock,
    };
    try {
      const newcomer = await decideNewcomer(
        {
          ...{ certificateId, caId: setting('CA'), guard: guardFor(work.signal) },
          listOf: (commonName) => lineOf(commonName, work.signal),
          setup: { devicePolicy: setting('POLICY'), thingType: setting('THING_TYPE') },
          revoke: setting('OTHERS') === 'revoke',
        },
        connection,
        work,
      );
      return tell(answerOf(certificateId, newcomer));
    } catch (error) {
      const why = isCancelled(error) ? 'AWS IoT did not answer in time.' : messageOf(error);
      tell({ certificateId, result: 'failed', why });
      throw isCancelled(error) ? new Error(why) : error;
    }
  };

  /** The vehicle's line of the list, and no other. */
  async function lineOf(commonName: string | undefined, abortSignal: AbortSignal): Promise<AllowList> {
    if (commonName === undefined) return new Map();
    const command = new GetItemCommand({
      TableName: setting('TABLE'),
      Key: { [ITEM_KEY]: { S: commonName } },
      ConsistentRead: true,
    });
    const { Item: item } = await dynamoDb.send(command, { abortSignal });
    const entry = item && allowedIn(item);
    return new Map(entry === undefined ? [] : [[commonName, entry]]);
  }

  /**
   * Events of two certificates of one vehicle may run at the same time: the first that writes its id into the vehicle's
   * line goes on. One that the list names needs no such turn.
   */
  function guardFor(signal: AbortSignal): Guard {
    return async (entry, { certificateId, publicKey }, letIn) => {
      const keyHolder = await holderOf(publicKey, entry.thingName, signal);
      if (keyHolder !== undefined) return { certificateId, result: 'refused', why: sameKeyAs(keyHolder) };
      if (namesCertificate(entry)) return letIn();
      const take = (before: string | undefined): Promise<string | undefined> =>
        taken({
          key: entry.thingName,
          set: certificateId,
          condition: `attribute_exists(vin) AND (attribute_not_exists(#a) OR #a IN (:new, :before))`,
          more: { ':before': { S: before ?? certificateId } },
          signal,
        });
      const other = await take(undefined);
      if (other === undefined) return letIn();
      if (other === '') {
        // Somebody took it out of the list meanwhile.
        const why = l10n.t('{name} is not in the list', { name: entry.thingName });
        return { certificateId, result: 'refused', why };
      }
      const found = await findCertificate(connection, other, signal);
      const isOver = found === undefined || ['INACTIVE', 'REVOKED'].includes(found.status);
      // The one before is out of service: its vehicle may come with another.
      if (isOver && (await take(other)) === undefined) return letIn();
      const why = l10n.t('{vin} has a certificate in service, {id}, and the list does not name another', {
        vin: entry.vin,
        id: other,
      });
      return { certificateId, result: 'refused', why };
    };
  }

  /** The other vehicle that came in with a key; undefined if it is this one's from now on. A line of its own has it. */
  function holderOf(publicKey: string, thingName: string, signal: AbortSignal): Promise<string | undefined> {
    const condition = 'attribute_not_exists(#a) OR #a = :new';
    return taken({ key: `key:${publicKey}`, set: thingName, condition, signal });
  }

  /** Who has the turn, empty if there is no such line; undefined if it was given. */
  async function taken({ key, set, condition, more = {}, signal }: Turn): Promise<string | undefined> {
    const command = new UpdateItemCommand({
      TableName: setting('TABLE'),
      Key: { [ITEM_KEY]: { S: key } },
      UpdateExpression: 'SET #a = :new',
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#a': ADMITTED },
      ExpressionAttributeValues: { ':new': { S: set }, ...more },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await dynamoDb.send(command, { abortSignal: signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      const { Item: item } = error as { Item?: Record<string, { S?: string }> };
      return item?.[ADMITTED]?.S ?? '';
    }
  }

  function setting(name: 'CA' | 'POLICY' | 'THING_TYPE' | 'OTHERS' | 'TABLE'): string {
    const value = environment[name];
    if (value === undefined || value === '') {
      throw new Error(`The environment variable ${name} is not set.`);
    }
    return value;
  }

  /** One line of JSON, for CloudWatch. */
  function tell<T extends object>(line: T): T {
    write(JSON.stringify(line));
    return line;
  }
}

/** Writes a line of the table, if a condition allows it. */
interface Turn {
  key: string;
  set: string;
  condition: string;
  more?: Record<string, { S: string }>;
  signal: AbortSignal;
}

function answerOf(certificateId: string, newcomer: Newcomer | undefined): Answer {
  if (newcomer === undefined) return { certificateId, result: 'decided already' };
  if (newcomer.result === 'admitted') return { certificateId, result: 'admitted', vin: newcomer.vin };
  const why = 'why' in newcomer ? english(newcomer.why) : newcomer.error.message;
  return { certificateId, result: newcomer.result, why };
}
