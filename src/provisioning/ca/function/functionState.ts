import { ScanCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { calling } from '../../../aws/calls.ts';
import type { Connection } from '../../../aws/connection.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { findCertificate } from '../../../aws/iot/certificates.ts';
import { findTopicRule } from '../../../aws/iot/topicRules.ts';
import { lastLogEvent } from '../../../aws/logEvents.ts';
import { type CmsError, isCmsError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/json.ts';
import { l10n } from '../../../core/message.ts';
import type { Work } from '../../../core/work.ts';
import { allowedIn } from './listTable.ts';
import { findFunction, isWhole } from './registrationFunction.ts';

const DAY_MS = 86_400_000;
/** Of what fails, the function itself or AWS Lambda writes one of these. With a `-` term AWS would ignore all of them. */
const FAILURES = '?failed ?"timed out" ?ExitError';
/** In all lines of the function that say what came of a call. */
const RESULTS = 'result';
/** Lambda says of each call that it began and ended, and says again what the function threw. */
const LAMBDA_LINE = /^(START|END|REPORT|INIT_\w+) |\tInvoke Error\t/;
/** The function's own line. */
const failureLine = z.looseObject({
  certificateId: z.string(),
  result: z.literal('failed'),
  why: z.string(),
});
const isFailure = (message: string): boolean =>
  message.startsWith('{') ? parseJson(failureLine, message).ok : !LAMBDA_LINE.test(message);
/** Not of what Lambda ended: such a line has no result. */
const isSuccess = (message: string): boolean => message.startsWith('{') && !isFailure(message);

/** How the function of a CA stands. What is undefined was not looked at, or may not be: `unseen` says why. */
export interface FunctionState {
  stack: { name: string; status: string };
  /** Whether the stack has all that it is to have. */
  isWhole: boolean;
  /** `missing`: it does not exist, or may not be read. */
  rule?: { name: string; state: 'enabled' | 'disabled' | 'missing' };
  /** Vehicles in the first page of the list. */
  list?: { vehicles: number; areMore: boolean } | 'missing';
  /** Within a day, and about a vehicle that is not in yet. */
  lastError?: { at: Date; why: string };
  unseen: CmsError[];
}

/** Looks at the function of a CA and changes nothing; undefined if there is none. @throws CmsError */
export async function lookAtFunction(
  caId: string,
  connection: Connection,
  { signal, clock }: Pick<Work, 'signal' | 'clock'>,
): Promise<FunctionState | undefined> {
  const found = await findFunction(caId, connection, signal);
  if (found === undefined) return undefined;
  const { name, status, outputs } = found.stack;
  const state: FunctionState = { stack: { name, status }, isWhole: isWhole(found.stack), unseen: [] };
  if (!state.isWhole) return state;
  const seen = async <T>(look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!isCmsError(error) || error.code !== 'ACCESS_DENIED') throw error;
      state.unseen.push(error);
      return undefined;
    }
  };
  const { RuleName: ruleName, LogGroupName: group } = outputs;
  const { table } = found;
  if (ruleName !== undefined) {
    const rule = await seen(async () => (await findTopicRule(connection, ruleName, signal)) ?? 'missing');
    if (rule !== undefined) {
      const is = rule === 'missing' ? rule : rule.ruleDisabled === true ? 'disabled' : 'enabled';
      state.rule = { name: ruleName, state: is };
    }
  }
  const list = table === undefined ? 'missing' : await seen(() => firstOfList(connection, table, signal));
  if (list !== undefined) state.list = list;
  // Those that were deployed by an older version do not name it.
  if (group === undefined) return state;
  const lastError = await seen(() => lastErrorIn(connection, group, { signal, clock }));
  if (lastError !== undefined) state.lastError = lastError;
  return state;
}

async function firstOfList(
  connection: Connection,
  table: string,
  signal: AbortSignal,
): Promise<FunctionState['list']> {
  const client = await connection.dynamoDb();
  const command = new ScanCommand({ TableName: table, ConsistentRead: true });
  return calling(l10n.t('reading the list in table {table}', { table }), async () => {
    try {
      const { Items: items = [], LastEvaluatedKey: next } = await client.send(command, {
        abortSignal: signal,
      });
      return { vehicles: items.map(allowedIn).filter(Boolean).length, areMore: next !== undefined };
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return 'missing';
      throw error;
    }
  });
}

/** The last failure that still keeps a vehicle out. */
async function lastErrorIn(
  connection: Connection,
  logGroupName: string,
  { signal, clock }: Pick<Work, 'signal' | 'clock'>,
): Promise<FunctionState['lastError']> {
  const query = { logGroupName, filterPattern: FAILURES, startTime: clock.now() - DAY_MS };
  const event = await lastLogEvent(connection, query, signal, isFailure);
  if (event === undefined) return undefined;
  const at = new Date(event.timestamp);
  const line = parseJson(failureLine, event.message);
  if (!line.ok) {
    const after = { logGroupName, filterPattern: RESULTS, startTime: event.timestamp };
    const success = await lastLogEvent(connection, after, signal, isSuccess);
    return success === undefined ? { at, why: event.message.trim().slice(0, 300) } : undefined;
  }
  const { certificateId, why } = line.value;
  const certificate = await findCertificate(connection, certificateId, signal);
  return certificate?.status === 'PENDING_ACTIVATION' ? { at, why } : undefined;
}
