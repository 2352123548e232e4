import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { findCertificate } from '../../../aws/iot/certificates.ts';
import { isCancelled } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { english } from '../../../core/wording.ts';
import { systemClock, type Work } from '../../../core/work.ts';
import { decideNewcomer, type Guard, type Newcomer } from '../decideNewcomer.ts';
import { namesCertificate, sameKeyAs, type AllowList } from '../judge.ts';
import { ADMITTED, allowedIn, ITEM_KEY } from './listTable.ts';

/*
 * The function of just-in-time registration, as AWS Lambda runs it: what `provision --watch-registrations` does, for one
 * event of `$aws/events/certificates/registered/<CA>`, with the list in a table. Its clients are those of the runtime.
 */

const iot = new IoTClient({});
const dynamoDb = new DynamoDBClient({});

/** Shorter than the function may run, so that what is cut off is told. Milliseconds. */
const PATIENCE_MS = 25_000;

interface Answer {
  certificateId: string;
  result: Newcomer['result'] | 'decided already';
  vin?: string;
  why?: string;
}

/** @param event other members than the certificate's id are left alone: sources differ on them */
export async function handler(event: unknown): Promise<Answer> {
  const { certificateId } = event as { certificateId?: unknown };
  if (typeof certificateId !== 'string' || !/^[0-9a-f]{64}$/.test(certificateId)) {
    throw new Error('The event names no certificate.');
  }
  const work: Pick<Work, 'signal' | 'progress' | 'clock'> = {
    signal: AbortSignal.timeout(PATIENCE_MS),
    progress: ({ message }) => tell({ certificateId, warning: english(message) }),
    clock: systemClock,
  };
  const connection = { iot: () => Promise.resolve(iot) };
  try {
    const newcomer = await decideNewcomer(
      {
        ...{ certificateId, caId: setting('CA'), listOf, guard },
        setup: { devicePolicy: setting('POLICY'), thingType: setting('THING_TYPE') },
        revoke: setting('OTHERS') === 'revoke',
      },
      connection,
      work,
    );
    return tell(answerOf(certificateId, newcomer));
  } catch (error) {
    // Lambda tries an event again that failed, and so does the vehicle.
    throw isCancelled(error) ? new Error('AWS IoT did not answer in time.') : error;
  }

  /** The vehicle's line of the list, and no other. */
  async function listOf(commonName: string | undefined): Promise<AllowList> {
    if (commonName === undefined) return new Map();
    const command = new GetItemCommand({
      TableName: setting('TABLE'),
      Key: { [ITEM_KEY]: { S: commonName } },
      ConsistentRead: true,
    });
    const { Item: item } = await dynamoDb.send(command, { abortSignal: work.signal });
    const entry = item && allowedIn(item);
    return new Map(entry === undefined ? [] : [[commonName, entry]]);
  }
}

/**
 * Events of two certificates of one vehicle may run at the same time: the first that writes its id into the vehicle's
 * line goes on. One that the list names needs no such turn.
 */
const guard: Guard = async (entry, { certificateId, publicKey }, letIn) => {
  const keyHolder = await holderOf(publicKey, entry.thingName);
  if (keyHolder !== undefined) return { certificateId, result: 'refused', why: sameKeyAs(keyHolder) };
  if (namesCertificate(entry)) return letIn();
  const key = { [ITEM_KEY]: { S: entry.thingName } };
  const take = (before: string | undefined) =>
    dynamoDb.send(
      new UpdateItemCommand({
        TableName: setting('TABLE'),
        Key: key,
        UpdateExpression: 'SET #a = :new',
        ConditionExpression: `attribute_exists(vin) AND (attribute_not_exists(#a) OR #a IN (:new, :before))`,
        ExpressionAttributeNames: { '#a': ADMITTED },
        ExpressionAttributeValues: {
          ':new': { S: certificateId },
          ':before': { S: before ?? certificateId },
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  const other = await taken(take(undefined));
  if (other === undefined) return letIn();
  if (other === '') {
    // Somebody took it out of the list meanwhile.
    const why = l10n.t('{name} is not in the list', { name: entry.thingName });
    return { certificateId, result: 'refused', why };
  }
  const { signal } = new AbortController();
  const found = await findCertificate({ iot: () => Promise.resolve(iot) }, other, signal);
  const isOver = found === undefined || ['INACTIVE', 'REVOKED'].includes(found.status);
  // The one before is out of service: its vehicle may come with another.
  if (isOver && (await taken(take(other))) === undefined) return letIn();
  const why = l10n.t('{vin} has a certificate in service, {id}, and the list does not name another', {
    vin: entry.vin,
    id: other,
  });
  return { certificateId, result: 'refused', why };
};

/** The other vehicle that came in with a key; undefined if it is this one's from now on. A line of its own has it. */
function holderOf(publicKey: string, thingName: string): Promise<string | undefined> {
  return taken(
    dynamoDb.send(
      new UpdateItemCommand({
        TableName: setting('TABLE'),
        Key: { [ITEM_KEY]: { S: `key:${publicKey}` } },
        UpdateExpression: 'SET #a = :new',
        ConditionExpression: 'attribute_not_exists(#a) OR #a = :new',
        ExpressionAttributeNames: { '#a': ADMITTED },
        ExpressionAttributeValues: { ':new': { S: thingName } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  );
}

/** The certificate that has the vehicle's turn, empty if there is no such line; undefined if it was given. */
async function taken(turn: Promise<unknown>): Promise<string | undefined> {
  try {
    await turn;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
    const { Item: item } = error as { Item?: Record<string, { S?: string }> };
    return item?.[ADMITTED]?.S ?? '';
  }
}

function answerOf(certificateId: string, newcomer: Newcomer | undefined): Answer {
  if (newcomer === undefined) return { certificateId, result: 'decided already' };
  if (newcomer.result === 'admitted') return { certificateId, result: 'admitted', vin: newcomer.vin };
  const why = 'why' in newcomer ? english(newcomer.why) : newcomer.error.message;
  return { certificateId, result: newcomer.result, why };
}

function setting(name: 'CA' | 'POLICY' | 'THING_TYPE' | 'OTHERS' | 'TABLE'): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** One line of JSON, for CloudWatch. */
function tell<T extends object>(line: T): T {
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return line;
}
